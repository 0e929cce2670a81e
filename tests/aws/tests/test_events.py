"""What happens without a call of the program's, and what targets and groups show of themselves."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from conftest import Account
from standin.client import until


def targets(account: Account, colour: str = "blue", **asked: Any) -> list[dict[str, Any]]:
    group = account.fixture["targetGroups"][colour]
    return account.elb.describe_target_health(TargetGroupArn=group, **asked)["TargetHealthDescriptions"]


def weights(account: Account) -> dict[str, int]:
    live = account.fixture["listeners"]["live"]
    forward = account.elb.describe_listeners(ListenerArns=[live])["Listeners"][0]["DefaultActions"][0]
    colours = {arn: colour for colour, arn in account.fixture["targetGroups"].items()}
    return {colours[one["TargetGroupArn"]]: one["Weight"] for one in forward["ForwardConfig"]["TargetGroups"]}


def test_a_zonal_shift_is_shown(account: Account) -> None:
    none = {
        "State": "no_override",
        "Reason": "AdministrativeOverride.NoOverride",
        "Description": "No override is currently active on target",
    }
    assert [one["AdministrativeOverride"] for one in targets(account)] == [none, none]
    account.control("POST", "tasks", {"taskSet": "blue-0", "action": "zonal-shift", "count": 1})
    shifted = targets(account)[0]
    # It is healthy all the same.
    assert shifted["TargetHealth"]["State"] == "healthy"
    assert shifted["AdministrativeOverride"]["State"] == "zonal_shift_active"
    assert targets(account)[1]["AdministrativeOverride"] == none
    account.control("POST", "tasks", {"taskSet": "blue-0", "action": "no-shift"})
    assert targets(account)[0]["AdministrativeOverride"] == none


def test_anomalies_are_shown_to_whom_asks_for_them(account: Account) -> None:
    account.control("POST", "tasks", {"taskSet": "blue-0", "action": "anomalous", "count": 1})
    assert "AnomalyDetection" not in targets(account)[0]
    for include in ("AnomalyDetection", "All"):
        found = [one["AnomalyDetection"] for one in targets(account, Include=[include])]
        assert found == [
            {"Result": "anomalous", "MitigationInEffect": "no"},
            {"Result": "normal", "MitigationInEffect": "no"},
        ]
    account.control("POST", "tasks", {"taskSet": "blue-0", "action": "mitigated"})
    assert targets(account, Include=["All"])[1]["AnomalyDetection"]["MitigationInEffect"] == "yes"
    with pytest.raises(ClientError, match="ValidationError"):
        targets(account, Include=["Anomalies"])


def test_groups_have_the_attributes_of_aws(stateful: str) -> None:
    account = Account(stateful)
    account.build(attributes={"green": {"slow_start.duration_seconds": "30"}})

    def attributes(colour: str) -> dict[str, str]:
        group = account.fixture["targetGroups"][colour]
        found = account.elb.describe_target_group_attributes(TargetGroupArn=group)["Attributes"]
        return {one["Key"]: one["Value"] for one in found}

    blue, green = attributes("blue"), attributes("green")
    assert blue["load_balancing.algorithm.type"] == "round_robin"
    assert blue["load_balancing.algorithm.anomaly_mitigation"] == "off"
    assert blue["target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"] == "1"
    assert {key for key in blue if blue[key] != green[key]} == {"slow_start.duration_seconds"}
    network = Account(stateful)
    network.build(loadBalancerType="network")
    account = network
    assert "slow_start.duration_seconds" not in attributes("blue")
    assert attributes("blue")["stickiness.type"] == "source_ip"


def test_somebody_else_shifts(account: Account) -> None:
    account.control("POST", "weights", {"live": {"green": 30}})
    assert weights(account) == {"blue": 100, "green": 30}
    live = account.fixture["listeners"]["live"]
    account.elb.modify_listener(ListenerArn=live, DefaultActions=account.forward(blue=90, green=10))
    account.control("POST", "weights", {live: {"blue": 0, "green": 100}})
    assert weights(account) == {"blue": 0, "green": 100}
    last = account.control("GET", "history")[-1]
    assert (last["cause"], last["by"]) == ("weights by the test", None)
    assert last["weights"][live][account.fixture["targetGroups"]["green"]] == 100
    with pytest.raises(AssertionError, match="no forward"):
        account.control("POST", "weights", {"none": {"blue": 1}})


def test_a_hook_does_something_at_a_call(account: Account) -> None:
    scale = {"call": "tasks", "body": {"taskSet": "blue-0", "action": "scale", "times": 2}}
    alarm = {"call": "alarms", "body": [{"name": "web-5xx", "state": "ALARM"}]}
    foreign = {"call": "weights", "body": {"live": {"blue": 1, "green": 1}}}
    hooks = [
        {"operation": "ModifyListener", "nth": 2, "do": [scale, alarm]},
        {"operation": "ModifyListener", "nth": 3, "when": "after", "do": [foreign]},
    ]
    account.control("POST", "hooks", hooks)
    live = account.fixture["listeners"]["live"]

    def shift(green: int) -> None:
        account.elb.modify_listener(ListenerArn=live, DefaultActions=account.forward(blue=100 - green, green=green))

    shift(10)
    assert account.service()["desiredCount"] == 2
    assert account.kept("cloudwatch").describe_alarms()["MetricAlarms"] == []
    shift(20)
    assert account.service()["desiredCount"] == 4
    assert account.service()["taskSets"][0]["stabilityStatus"] == "STABILIZING"
    assert account.kept("cloudwatch").describe_alarms()["MetricAlarms"][0]["StateValue"] == "ALARM"
    assert weights(account) == {"blue": 80, "green": 20}
    shift(30)
    assert weights(account) == {"blue": 1, "green": 1}
    assert until(lambda: account.service()["taskSets"][0]["runningCount"] == 4)
    for bad, what in [({"do": [{"call": "none"}]}, "none"), ({}, "something to do")]:
        with pytest.raises(AssertionError, match=what):
            account.control("POST", "hooks", [{"operation": "*", **bad}])
