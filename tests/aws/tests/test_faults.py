"""Faults, hooks, the recorder, the history, the rates."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
)
from conftest import Account
from standin.client import until


def order(account: Account, operation: str, kind: str, **more: object) -> None:
    account.control("POST", "faults", [{"operation": operation, "kind": kind, **more}])


def mutations(account: Account) -> list[dict]:
    return [call for call in account.control("GET", "calls") if call["mutating"]]


def test_keys_end_and_new_ones_are_good(account: Account) -> None:
    account.control("DELETE", "keys")
    for call, code in ((account.service, "ExpiredTokenException"), (lambda: account.health("blue"), "ExpiredToken")):
        with pytest.raises(ClientError) as refused:
            call()
        assert refused.value.response["Error"]["Code"] == code
    new = account.control("POST", "keys")
    given = {
        "aws_access_key_id": new["accessKeyId"],
        "aws_secret_access_key": new["secretAccessKey"],
        "aws_session_token": new["sessionToken"],
    }
    assert account.client("ecs", **given).list_clusters()["clusterArns"]
    with pytest.raises(ClientError, match="ExpiredToken"):
        account.service()


def test_throttled_in_each_protocol(account: Account) -> None:
    order(account, "DescribeServices", "throttle")
    with pytest.raises(ClientError, match=r"ThrottlingException.*Rate exceeded"):
        account.service()
    assert account.service()
    for kind, code in (("throttle", "Throttling"), ("throttle-new", "ThrottlingException")):
        order(account, "DescribeTargetHealth", kind)
        with pytest.raises(ClientError) as refused:
            account.health("blue")
        assert refused.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("kind", "status", "ecs", "elb"),
    [
        ("500", 500, "ServerException", "InternalFailure"),
        ("503", 503, "ServerException", "ServiceUnavailable"),
        ("access-denied", 400, "AccessDeniedException", "AccessDenied"),
        ("expired", 400, "ExpiredTokenException", "ExpiredToken"),
    ],
)
def test_errors(account: Account, kind: str, status: int, ecs: str, elb: str) -> None:
    for operation, call, code in (
        ("DescribeServices", account.service, ecs),
        ("DescribeTargetHealth", lambda: account.health("blue"), elb),
    ):
        order(account, operation, kind)
        with pytest.raises(ClientError) as refused:
            call()
        answer = refused.value.response
        assert answer["Error"]["Code"] == code
        assert status == answer["ResponseMetadata"]["HTTPStatusCode"] or code in ("AccessDenied", "ExpiredToken")


def test_the_nth_call_and_several_times(account: Account) -> None:
    order(account, "DescribeServices", "500", nth=2, times=2)
    seen = []
    for _ in range(4):
        try:
            account.service()
            seen.append("ok")
        except ClientError:
            seen.append("500")
    assert seen == ["ok", "500", "500", "ok"]
    order(account, "*", "500", times=100)
    account.control("DELETE", "faults")
    assert account.service()


@pytest.mark.parametrize("kind", ["refused", "reset-before"])
def test_a_connection_cut_before_the_call_was_applied(account: Account, kind: str) -> None:
    order(account, "CreateTaskSet", kind)
    with pytest.raises(BotoCoreError):
        account.green()
    assert len(account.service()["taskSets"]) == 1
    call = mutations(account)[-1]
    assert (call["operation"], call["fault"], call["applied"]) == ("CreateTaskSet", kind, False)


@pytest.mark.parametrize("kind", ["lost-reply", "truncate"])
def test_applied_but_the_reply_is_lost(account: Account, kind: str) -> None:
    order(account, "CreateTaskSet", kind)
    with pytest.raises((BotoCoreError, ValueError, KeyError)):
        account.green()
    assert len(account.service()["taskSets"]) == 2
    call = mutations(account)[-1]
    assert (call["status"], call["fault"], call["applied"]) == (200, kind, True)


def test_lost_reply_of_the_load_balancer(account: Account) -> None:
    order(account, "ModifyListener", "lost-reply")
    live = account.fixture["listeners"]["live"]
    with pytest.raises(ConnectionClosedError):
        account.elb.modify_listener(ListenerArn=live, DefaultActions=account.forward(blue=0, green=100))
    group = account.fixture["targetGroups"]["green"]
    assert account.control("GET", "history")[-1]["weights"][live][group] == 100


def test_a_reply_that_comes_too_late(account: Account) -> None:
    order(account, "DescribeServices", "delay", seconds=1)
    quick = account.client("ecs", config=Config(retries={"total_max_attempts": 1}, read_timeout=0.3))
    with pytest.raises(ReadTimeoutError):
        quick.describe_services(cluster="prod", services=["web"])


def test_html_instead_of_json(account: Account) -> None:
    order(account, "DescribeServices", "html")
    with pytest.raises((ClientError, BotoCoreError, ValueError, KeyError)):
        account.service()
    order(account, "DescribeServices", "html", status=502)
    with pytest.raises(ClientError):
        account.service()


def test_an_error_of_ones_own(account: Account) -> None:
    order(account, "RegisterTaskDefinition", "concurrent-revision")
    with pytest.raises(ClientError, match="Too many concurrent attempts to create a new revision"):
        account.definition("web:v2")
    order(account, "DescribeServices", "error", code="ClientException", message="as ordered", status=400)
    with pytest.raises(ClientError, match="as ordered"):
        account.service()


def test_each_fault_counts_every_call(account: Account) -> None:
    order(account, "DescribeServices", "500", nth=1)
    order(account, "DescribeServices", "503", nth=2)
    for status in (500, 503):
        with pytest.raises(ClientError) as failed:
            account.service()
        assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert account.service()


def test_faults_of_one_account_leave_the_other_alone(account: Account, stateful: str) -> None:
    order(account, "*", "500", times=100)
    other = Account(stateful)
    other.build()
    assert other.service() and other.control("GET", "calls")[0]["fault"] is None


def test_the_recorder_decodes_both_protocols(account: Account) -> None:
    account.control("DELETE", "calls")
    account.service()
    live = account.fixture["listeners"]["live"]
    account.elb.modify_listener(ListenerArn=live, DefaultActions=account.forward(blue=90, green=10))
    first, second = account.control("GET", "calls")
    assert first["params"] == {"cluster": "prod", "services": ["web"]}
    assert (first["service"], first["operation"], first["mutating"]) == ("ecs", "DescribeServices", False)
    assert (second["service"], second["mutating"]) == ("elasticloadbalancing", True)
    groups = second["params"]["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]
    assert [group["Weight"] for group in groups] == ["90", "10"]
    assert (first["n"], second["n"]) == (1, 2)


def test_the_history_has_every_step(account: Account) -> None:
    made = account.green()
    until(lambda: account.task_set(made["taskSetArn"])["stabilityStatus"] == "STEADY_STATE")
    entries = account.control("GET", "history")
    causes = [entry["cause"] for entry in entries]
    assert causes[:3] == ["fixture", "RegisterTaskDefinition", "CreateTaskSet"]
    healthy = [entry["groups"].get(account.fixture["targetGroups"]["green"], {}).get("healthy", 0) for entry in entries]
    assert healthy[0] == 0 and healthy[-1] == 2 and healthy == sorted(healthy)
    assert entries[-1]["taskSets"][-1]["stability"] == "STEADY_STATE"
    assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)


def test_a_hook_holds_a_call(account: Account, tmp_path: Path) -> None:
    for when, present in (("before", 1), ("after", 2)):
        file = tmp_path / when
        account.control("POST", "hooks", [{"operation": "CreateTaskSet", "when": when, "file": str(file)}])
        definition = account.definition("web:v2")
        ecs, wanted = account.ecs, {"taskDefinition": definition}
        thread = threading.Thread(target=lambda a=account, w=wanted: a.green(**w))
        assert ecs
        thread.start()
        until(file.exists)
        assert len(account.service()["taskSets"]) == present
        Path(f"{file}.go").touch()
        thread.join(5)
        account.control("DELETE", "hooks")
        for ts in account.service()["taskSets"][1:]:
            account.ecs.delete_task_set(**account.where, taskSet=ts["taskSetArn"])
        until(lambda: len(account.service()["taskSets"]) == 1)


def test_callers_of_one_account_are_told_apart(account: Account, tmp_path: Path) -> None:
    def called(name: str) -> Any:
        config = Config(user_agent_appid=name, retries={"total_max_attempts": 1}, read_timeout=5)
        return account.client("ecs", config=config)

    file, (web, other) = tmp_path / "held", (called("web-1"), called("other"))
    account.control("DELETE", "calls")
    account.control("POST", "hooks", [{"operation": "*", "nth": 2, "by": "web-1", "file": str(file)}])
    for ecs in (web, other, other):
        ecs.list_clusters()
    thread = threading.Thread(target=lambda: web.deregister_task_definition(taskDefinition="web:1"))
    thread.start()
    until(file.exists)
    other.list_clusters()
    Path(f"{file}.go").touch()
    thread.join(5)
    account.service()
    calls = [(call["by"], call["operation"]) for call in account.control("GET", "calls")]
    assert calls == [
        ("web-1", "ListClusters"),
        ("other", "ListClusters"),
        ("other", "ListClusters"),
        ("web-1", "DeregisterTaskDefinition"),
        ("other", "ListClusters"),
        (None, "DescribeServices"),
    ]
    last = account.control("GET", "history")[-1]
    assert (last["cause"], last["by"]) == ("DeregisterTaskDefinition", "web-1")


def test_what_a_dead_caller_sent_is_not_applied(account: Account, tmp_path: Path) -> None:
    file = tmp_path / "held"
    account.control("POST", "hooks", [{"operation": "DeregisterTaskDefinition", "file": str(file)}])
    port = int(account.url.rsplit(":", 1)[1])
    body = b'{"taskDefinition": "web:1"}'
    head = (
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-amz-json-1.1\r\n"
        "X-Amz-Target: AmazonEC2ContainerServiceV20141113.DeregisterTaskDefinition\r\n"
        f"Authorization: AWS4-HMAC-SHA256 Credential={account.made['accessKeyId']}/20200101/eu-west-1/ecs/"
        "aws4_request, SignedHeaders=host, Signature=0\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port)) as caller:
        caller.sendall(head.encode() + body)
        until(file.exists)
    Path(f"{file}.go").touch()
    time.sleep(0.1)
    shown = account.ecs.describe_task_definition(taskDefinition="web:1")["taskDefinition"]
    assert shown["status"] == "ACTIVE"


def test_rates_throttle_and_recover(account: Account) -> None:
    # A tenth of AWS's rates: 4 at once, then one a second, which calls on a busy machine exceed too.
    account.control("POST", "knobs", {"rates": 0.1})
    elb, group = account.elb, account.fixture["targetGroups"]["blue"]
    seen = []
    for _ in range(10):
        try:
            elb.describe_target_health(TargetGroupArn=group)
            seen.append(True)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "Throttling"
            seen.append(False)
    assert seen[:4] == [True] * 4 and False in seen
    account.control("POST", "clock", {"advance": 5})
    assert elb.describe_target_health(TargetGroupArn=group)


def test_an_unknown_key_is_refused(account: Account) -> None:
    stranger = {"aws_access_key_id": "ASIAAAAAAAAAAAAAAAAA", "aws_session_token": "x"}
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        account.client("ecs", **stranger).list_clusters()
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        account.client("elbv2", **stranger).describe_load_balancers()


def test_mistakes_in_control_calls_are_named(account: Account) -> None:
    for path, body, message in (
        ("knobs", {"startSecond": 1}, "unknown knob 'startSecond'"),
        ("knobs", {"outcome": {"x": "sick"}}, "outcome 'sick'"),
        ("faults", [{"operation": "x", "kind": "y"}], "fault kind 'y'"),
        ("fixture", {"nam": "x"}, "unknown keys in the fixture"),
        ("nothing", {}, "no such control call"),
    ):
        with pytest.raises(AssertionError, match=message):
            account.control("POST", path, body)
