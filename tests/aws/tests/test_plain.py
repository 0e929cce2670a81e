"""Untouched moto, with its own check of signatures."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from conftest import Account


@pytest.fixture
def signed(plain: str) -> Account:
    account = Account(plain, signatures=True)
    account.build()
    return account


def test_a_right_signature_passes_in_each_protocol(signed: Account) -> None:
    assert signed.client("sts").get_caller_identity()["Account"] == signed.id
    assert [ts["status"] for ts in signed.service()["taskSets"]] == ["PRIMARY"]
    assert signed.health("blue") == [("healthy", None)] * 2
    assert signed.client("ecr").describe_images(repositoryName="web")["imageDetails"][0]["imageTags"] == ["v1"]


def test_a_wrong_secret_is_refused(signed: Account) -> None:
    for service, call in (
        ("ecs", lambda client: client.list_clusters()),
        ("elbv2", lambda client: client.describe_load_balancers()),
    ):
        with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
            call(signed.client(service, aws_secret_access_key="wrong"))
    assert [call["error"] for call in signed.control("GET", "calls")] == ["SignatureDoesNotMatch"] * 2


def test_a_role_of_another_account(signed: Account, plain: str) -> None:
    other = Account(plain)
    got = signed.client("sts").assume_role(RoleArn=other.made["roleArn"], RoleSessionName="test")["Credentials"]
    session = {
        "aws_access_key_id": got["AccessKeyId"],
        "aws_secret_access_key": got["SecretAccessKey"],
        "aws_session_token": got["SessionToken"],
    }
    assert signed.client("sts", **session).get_caller_identity()["Account"] == other.id
    with pytest.raises(ClientError, match="ClusterNotFoundException"):
        signed.client("ecs", **session).describe_services(cluster="prod", services=["web"])
    assert [call["operation"] for call in other.control("GET", "calls")] == ["GetCallerIdentity", "DescribeServices"]


def test_task_sets_are_plain_motos(signed: Account) -> None:
    made = signed.green()
    assert signed.task_set(made["taskSetArn"])["stabilityStatus"] == "STEADY_STATE"
    assert "runningCount" not in signed.task_set(made["taskSetArn"])
    live = signed.fixture["listeners"]["live"]
    signed.elb.modify_listener(ListenerArn=live, DefaultActions=signed.forward(blue=0, green=100))
    history = signed.control("GET", "history")
    assert list(history[-1]["weights"][live].values()) == [0, 100]
    signed.ecs.delete_task_set(**signed.where, taskSet=made["taskSetArn"])
    assert len(signed.service()["taskSets"]) == 1
