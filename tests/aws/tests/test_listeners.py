"""What the load balancer takes, keeps and refuses."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from conftest import Account


def code(account: Account, actions: list[dict[str, Any]], listener: str | None = None) -> str:
    try:
        account.elb.modify_listener(
            ListenerArn=listener or account.fixture["listeners"]["live"], DefaultActions=actions
        )
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "ok"


def shown(account: Account, name: str = "live") -> list[dict[str, Any]]:
    arn = account.fixture["listeners"][name]
    return account.elb.describe_listeners(ListenerArns=[arn])["Listeners"][0]["DefaultActions"]


def made(stateful: str, **spec: Any) -> Account:
    account = Account(stateful)
    account.build(**spec)
    return account


def test_weights_are_checked(account: Account) -> None:
    assert code(account, account.forward(blue=999, green=0)) == "ok"
    assert code(account, account.forward(blue=1000, green=0)) == "ValidationError"
    assert code(account, account.forward(blue=-1, green=0)) == "ValidationError"
    groups = shown(account)[0]["ForwardConfig"]["TargetGroups"]
    assert [group["Weight"] for group in groups] == [999, 0]


def test_groups_are_checked(account: Account) -> None:
    unknown = account.forward(blue=1)
    unknown[0]["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"] += "0"
    assert code(account, unknown) == "TargetGroupNotFound"
    six = account.forward(blue=1, green=1)
    vpc = account.fixture["vpc"]
    for n in range(4):
        group = account.elb.create_target_group(Name=f"more-{n}", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")[
            "TargetGroups"
        ][0]["TargetGroupArn"]
        six[0]["ForwardConfig"]["TargetGroups"].append({"TargetGroupArn": group, "Weight": 0})
    assert code(account, six) == "ValidationError"
    six[0]["ForwardConfig"]["TargetGroups"].pop()
    assert code(account, six) == "ok"
    both = account.forward(blue=1, green=1)
    both[0]["TargetGroupArn"] = account.fixture["targetGroups"]["blue"]
    assert code(account, both) == "ValidationError"


def test_a_group_belongs_to_one_load_balancer(account: Account) -> None:
    other = account.control("POST", "fixture", {"name": "other"})
    assert code(account, account.forward(blue=1), other["listeners"]["live"]) == "TargetGroupAssociationLimit"
    assert code(account, account.forward(blue=1), account.fixture["listeners"]["live"] + "0") == "ListenerNotFound"


def test_a_group_shows_the_load_balancer_it_hangs_on(account: Account) -> None:
    green = account.fixture["targetGroups"]["green"]

    def balancers() -> list[str]:
        return account.elb.describe_target_groups(TargetGroupArns=[green])["TargetGroups"][0]["LoadBalancerArns"]

    assert balancers() == [account.fixture["loadBalancerArn"]]
    for name in ("live", "test"):
        assert code(account, account.forward(blue=1), account.fixture["listeners"][name]) == "ok"
    assert balancers() == []


def test_target_stickiness_needs_group_stickiness(stateful: str) -> None:
    account = made(stateful, targetStickiness=True, greenAttached=False)
    assert code(account, account.forward(blue=100, green=0)) == "InvalidConfigurationRequest"
    sticky = account.forward(blue=100, green=0)
    sticky[0]["ForwardConfig"]["TargetGroupStickinessConfig"] = {"Enabled": True, "DurationSeconds": 0}
    assert code(account, sticky) == "ValidationError"
    sticky[0]["ForwardConfig"]["TargetGroupStickinessConfig"]["DurationSeconds"] = 60
    assert code(account, sticky) == "ok"


def test_a_default_rule_is_not_modified_as_a_rule(account: Account) -> None:
    live = account.fixture["listeners"]["live"]
    rule = account.elb.describe_rules(ListenerArn=live)["Rules"][0]
    assert rule["IsDefault"]
    with pytest.raises(ClientError, match="OperationNotPermitted"):
        account.elb.modify_rule(RuleArn=rule["RuleArn"], Actions=account.forward(blue=1))


def test_a_rule_keeps_its_conditions(stateful: str) -> None:
    account = made(stateful, rule=True)
    live = account.fixture["listeners"]["live"]
    account.elb.modify_rule(RuleArn=live, Actions=account.forward(blue=10, green=90))
    rule = account.elb.describe_rules(RuleArns=[live])["Rules"][0]
    assert rule["Conditions"][0]["Values"] == ["/*"]
    assert [g["Weight"] for g in rule["Actions"][0]["ForwardConfig"]["TargetGroups"]] == [10, 90]


def test_the_client_secret_is_never_shown(stateful: str) -> None:
    account = made(stateful, authenticate=True)
    actions = shown(account)
    assert [action["Type"] for action in actions] == ["authenticate-oidc", "forward"]
    oidc = actions[0]["AuthenticateOidcConfig"]
    assert "ClientSecret" not in oidc
    # As it was read, it cannot be written back: the secret would be lost.
    assert code(account, actions) == "InvalidLoadBalancerAction"
    oidc["UseExistingClientSecret"] = True
    assert code(account, actions) == "ok"
    oidc["ClientSecret"] = "hidden"
    assert code(account, actions) == "InvalidLoadBalancerAction"
    del oidc["UseExistingClientSecret"]
    assert code(account, actions) == "ok"
    again = shown(account)[0]["AuthenticateOidcConfig"]
    assert "ClientSecret" not in again and "UseExistingClientSecret" not in again
    assert code(account, [actions[1], actions[0]]) == "InvalidLoadBalancerAction"


def test_network_load_balancers_have_groups_of_their_own(stateful: str) -> None:
    account = made(stateful, loadBalancerType="network")
    found = account.elb.describe_load_balancers(LoadBalancerArns=[account.fixture["loadBalancerArn"]])
    assert found["LoadBalancers"][0]["Type"] == "network"
    other = account.control("POST", "fixture", {"name": "other", "greenAttached": False, "test": False})
    actions = account.forward(blue=1)
    actions[0]["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"] = other["targetGroups"]["green"]
    assert code(account, actions) == "IncompatibleProtocols"


def test_the_other_shapes_of_a_fixture(stateful: str) -> None:
    account = made(stateful, foreignGroup=True, extraListeners=2, extraRules=60, stickinessSeconds=300)
    forward = shown(account)[0]["ForwardConfig"]
    assert len(forward["TargetGroups"]) == 3
    assert forward["TargetGroupStickinessConfig"] == {"Enabled": True, "DurationSeconds": 300}
    assert len(account.fixture["extraListeners"]) == 2
    pages = account.elb.get_paginator("describe_rules").paginate(ListenerArn=account.fixture["listeners"]["live"])
    assert sum(len(page["Rules"]) for page in pages) == 61
    bare = made(stateful, bare=True)
    assert shown(bare)[0]["TargetGroupArn"] == bare.fixture["targetGroups"]["blue"]


def test_small_pages(stateful: str) -> None:
    account = made(stateful, extraListeners=3)
    account.control("POST", "knobs", {"pageSize": 2})
    pages = account.elb.get_paginator("describe_listeners").paginate(LoadBalancerArn=account.fixture["loadBalancerArn"])
    assert [len(page["Listeners"]) for page in pages] == [2, 2, 1]
    pages = account.elb.get_paginator("describe_rules").paginate(ListenerArn=account.fixture["listeners"]["live"])
    assert [len(page["Rules"]) for page in pages] == [1]
    for _ in range(3):
        account.definition("web:v2")
    pages = account.ecs.get_paginator("list_task_definitions").paginate(familyPrefix="web", sort="DESC")
    arns = [arn.rsplit(":", 1)[1] for page in pages for arn in page["taskDefinitionArns"]]
    assert arns == ["4", "3", "2", "1"]


def test_images(account: Account) -> None:
    ecr = account.client("ecr")
    first = ecr.describe_images(repositoryName="web", imageIds=[{"imageTag": "v1"}])["imageDetails"][0]
    with pytest.raises(ClientError, match="ImageNotFoundException"):
        ecr.describe_images(repositoryName="web", imageIds=[{"imageTag": "v2"}])
    pushed = account.control("POST", "images", {"repository": "web", "tags": ["v1", "v2"]})["digests"]
    second = ecr.describe_images(repositoryName="web", imageIds=[{"imageTag": "v2"}])["imageDetails"][0]
    assert pushed == {"v1": first["imageDigest"], "v2": second["imageDigest"]}
    assert pushed["v1"] != pushed["v2"]
    token = ecr.get_authorization_token()["authorizationData"][0]
    assert token["expiresAt"].timestamp() > account.control("POST", "clock", {"advance": 0})["now"]
