"""A fixture whose places have names already: those of somebody's configuration."""

from __future__ import annotations

import itertools
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Account
from standin.client import control, until

IDS = itertools.count(222200000000)
ELB = "arn:aws:elasticloadbalancing:eu-west-1:ACCOUNT"
GROUPS = {colour: f"{ELB}:targetgroup/shop-{colour}/0123456789abcde{n}" for n, colour in enumerate(("blue", "green"))}
LISTENER = f"{ELB}:listener/app/shop/23456789abcdef01/3456789abcdef012"
TEST_LISTENER = f"{ELB}:listener/app/shop/23456789abcdef01/456789abcdef0123"
TARGET = [sys.executable, str(Path(__file__).parent / "target.py"), "8080"]
SLOWLY = 20


class Owner(Account):
    """An account with an id that it was given; in names, ACCOUNT stands for it."""

    def __init__(self, url: str) -> None:
        super().__init__(url, accountId=str(next(IDS)))

    def named(self, names: Any) -> Any:
        return json.loads(json.dumps(names).replace("ACCOUNT", self.id))

    def behind(self, live: list[str], test: list[str], name: str = "shop") -> dict[str, Any]:
        groups = {colour: arn.replace("shop-", f"{name}-") for colour, arn in GROUPS.items()}
        places = self.named({"targetGroups": groups, "listeners": {"live": live, "test": test}})
        return self.build(traffic=True, desiredCount=1, name=name, places=places)


def rule(listener: str, number: int) -> str:
    return listener.replace(":listener/", ":listener-rule/") + f"/56789abcdef0123{number}"


@pytest.fixture
def owner(stateful: str) -> Iterator[Owner]:
    account = Owner(stateful)
    yield account
    account.control("DELETE", "traffic")


def ask(port: int, host: str = "localhost") -> int:
    request = urllib.request.Request(f"http://localhost:{port}/", headers={"Host": f"{host}:{port}"})
    try:
        with urllib.request.urlopen(request, timeout=5) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as problem:
        return problem.code


def test_an_account_has_the_id_that_it_is_given_and_a_second_time_new_keys(stateful: str) -> None:
    made = [control(stateful, "POST", "accounts", {"accountId": "222233334444"}) for _ in range(2)]
    assert [one["accountId"] for one in made] == ["222233334444"] * 2
    assert made[0]["accessKeyId"] != made[1]["accessKeyId"]


def test_groups_listeners_and_balancer_have_the_names_that_they_are_given(owner: Owner) -> None:
    made = owner.behind([LISTENER], [TEST_LISTENER])
    live, test = owner.named([LISTENER, TEST_LISTENER])
    assert (made["targetGroups"], made["listeners"]) == (owner.named(GROUPS), {"live": live, "test": test})
    listeners = owner.elb.describe_listeners(ListenerArns=[live, test])["Listeners"]
    ports = {one["ListenerArn"]: one["Port"] for one in listeners}
    assert made["ports"] == {"live": [ports[live]], "test": [ports[test]]}
    groups = owner.elb.describe_target_groups(TargetGroupArns=owner.named(list(GROUPS.values())))["TargetGroups"]
    assert {arn for one in groups for arn in one["LoadBalancerArns"]} == {made["loadBalancerArn"]}
    assert (ask(*made["ports"]["live"]), ask(*made["ports"]["test"])) == (200, 503)


def test_live_and_test_may_be_rules_of_one_listener(owner: Owner) -> None:
    made = owner.behind([rule(LISTENER, 1)], [rule(LISTENER, 2)])
    assert set(made["listenerArns"].values()) == {owner.named(LISTENER)}
    [port] = made["ports"]["live"]
    assert (ask(port), ask(port, "test.localhost")) == (200, 503)
    conditions = owner.elb.describe_rules(RuleArns=[made["listeners"]["test"]])["Rules"][0]["Conditions"]
    assert conditions[0]["HostHeaderConfig"]["Values"] == ["test.localhost"]


def test_a_test_rule_beside_a_live_default_rule_takes_nothing_of_its_traffic(owner: Owner) -> None:
    [port] = owner.behind([LISTENER], [rule(LISTENER, 3)])["ports"]["live"]
    assert (ask(port), ask(port, "test.localhost")) == (200, 503)


def test_a_second_service_may_be_behind_the_same_balancer(owner: Owner) -> None:
    first = owner.behind([rule(LISTENER, 4)], [])
    second = owner.behind([TEST_LISTENER], [LISTENER], name="cart")
    assert first["loadBalancerArn"] == second["loadBalancerArn"]
    assert second["ports"]["test"] == first["ports"]["live"]
    assert [ask(*made["ports"]["live"]) for made in (first, second)] == [200, 200]


def test_a_second_service_behind_the_same_listener_is_refused(owner: Owner) -> None:
    owner.behind([rule(LISTENER, 5)], [])
    owner.behind([rule(LISTENER, 6)], [])
    with pytest.raises(AssertionError, match="leads to another service already"):
        owner.behind([rule(LISTENER, 7)], [], name="cart")


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"traffic": False}, "has traffic"),
        ({"places": {"targetGroups": GROUPS, "listeners": {}}}, "need a live listener"),
        ({"places": {"targetGroups": GROUPS, "listeners": {"live": ["web"]}}}, "'web' is no ARN of an Application"),
        (
            {"places": {"targetGroups": {**GROUPS, "green": LISTENER}, "listeners": {"live": [LISTENER]}}},
            "is no ARN of an",
        ),
    ],
)
def test_what_is_wrong_with_places_is_said(stateful: str, spec: dict[str, Any], said: str) -> None:
    account = Account(stateful)
    given = {"traffic": True, "places": {"targetGroups": GROUPS, "listeners": {"live": [LISTENER]}}, **spec}
    with pytest.raises(AssertionError, match=said):
        account.build(**json.loads(json.dumps(given).replace("ACCOUNT", account.id)))


@pytest.mark.parametrize(
    ("image", "outcome", "answers"),
    [
        # The container's own command, unless it is said that something else takes its place.
        ({"command": ["false"]}, {}, "target"),
        ({"command": [*TARGET[:-1], "8080"], "instead": True}, {}, "target"),
        ({"instead": True}, {}, "sample"),
        # Only the sample can be as ill as a knob says.
        ({}, {"web:": "slow-1ms"}, "sample"),
    ],
)
def test_what_runs_in_a_task(stateful: str, image: dict[str, Any], outcome: dict[str, str], answers: str) -> None:
    account = Account(stateful)
    made = account.build(traffic=True, desiredCount=1)
    try:
        account.control("POST", "knobs", {"images": {"web:": image}, "outcome": outcome})
        container = {"name": "web", "image": "web:v2", "memory": 128, "portMappings": [{"containerPort": 8080}]}
        revision = account.ecs.register_task_definition(
            family="web",
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[{**container, "command": TARGET}],
        )
        definition = revision["taskDefinition"]["taskDefinitionArn"]
        arn = account.green("web:v2", taskDefinition=definition)["taskSetArn"]
        until(lambda: account.task_set(arn)["stabilityStatus"] == "STEADY_STATE", SLOWLY)
        listener = account.elb.describe_listeners(ListenerArns=[made["listenerArns"]["test"]])["Listeners"][0]
        with urllib.request.urlopen(f"http://localhost:{listener['Port']}/", timeout=5) as reply:
            said = json.load(reply)
        assert ("service" in said, "pid" in said) == (answers == "sample", answers == "target"), said
    finally:
        account.control("DELETE", "traffic")
