"""Alarms as DescribeAlarms shows them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from conftest import Account

ALL = ["MetricAlarm", "CompositeAlarm", "LogAlarm"]


def shown(account: Account, **asked: Any) -> dict[str, dict[str, Any]]:
    found = account.kept("cloudwatch").describe_alarms(**asked)
    return {alarm["AlarmName"]: alarm for kind in ALL for alarm in found.get(kind + "s", [])}


def refused(account: Account, **asked: Any) -> str:
    with pytest.raises(ClientError) as problem:
        account.kept("cloudwatch").describe_alarms(**asked)
    return problem.value.response["Error"]["Code"]


def test_metric_alarms_alone_unless_others_are_asked_for(account: Account) -> None:
    given = [{"name": "m"}, {"name": "c", "type": "composite"}, {"name": "l", "type": "log"}]
    account.control("POST", "alarms", given)
    assert set(shown(account)) == {"m"}
    assert set(shown(account, AlarmNames=["m", "c", "l", "none"])) == {"m"}
    assert set(shown(account, AlarmNames=["m", "c", "l", "none"], AlarmTypes=ALL)) == {"m", "c", "l"}
    found = account.kept("cloudwatch").describe_alarms(AlarmTypes=["LogAlarm"])
    assert [alarm["AlarmName"] for alarm in found["LogAlarms"]] == ["l"]
    assert not found.get("MetricAlarms") and not found.get("CompositeAlarms")


def test_an_alarm_has_what_a_preflight_reads(account: Account) -> None:
    account.control("POST", "alarms", [{"name": "web-5xx", "targetGroup": "green", "EvaluationPeriods": 3}])
    alarm = shown(account)["web-5xx"]
    f = account.fixture
    group = f["targetGroups"]["green"].split(":")[-1]
    balancer = f["loadBalancerArn"].split(":loadbalancer/")[1]
    assert alarm["Dimensions"] == [
        {"Name": "TargetGroup", "Value": group},
        {"Name": "LoadBalancer", "Value": balancer},
    ]
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["StateValue"]) == (60, 3, "OK")
    assert alarm["AlarmArn"] == f"arn:aws:cloudwatch:eu-west-1:{account.id}:alarm:web-5xx"
    assert "EvaluationState" not in alarm
    math = [{"Id": "e", "Expression": "m1 + m2"}]
    account.control("POST", "alarms", [{"name": "sum", "Metrics": math}])
    assert shown(account)["sum"]["Metrics"] == math and "MetricName" not in shown(account)["sum"]


def test_a_state_has_the_time_of_its_change(account: Account) -> None:
    before = time.time()
    account.control("POST", "alarms", [{"name": "a"}])
    old = shown(account)["a"]
    assert before - 3700 < old["StateTransitionedTimestamp"].timestamp() < before - 3500
    account.control("POST", "alarms", [{"name": "a", "state": "OK"}, {"name": "a", "EvaluationState": "PARTIAL_DATA"}])
    same = shown(account)["a"]
    assert same["StateTransitionedTimestamp"] == old["StateTransitionedTimestamp"]
    assert same["StateUpdatedTimestamp"] > old["StateUpdatedTimestamp"]
    assert same["EvaluationState"] == "PARTIAL_DATA"
    # It flapped between two looks.
    account.control("POST", "alarms", [{"name": "a", "state": "ALARM"}, {"name": "a", "state": "OK"}])
    flapped = shown(account)["a"]
    assert flapped["StateValue"] == "OK"
    assert flapped["StateTransitionedTimestamp"].timestamp() >= before
    account.control("POST", "alarms", [{"name": "a", "state": "ALARM", "ago": 30}])
    assert before - 60 < shown(account)["a"]["StateTransitionedTimestamp"].timestamp() < before
    exact = {"name": "a", "StateTransitionedTimestamp": 1700000000, "Threshold": 5}
    account.control("POST", "alarms", [exact])
    assert shown(account)["a"]["StateTransitionedTimestamp"].timestamp() == 1700000000
    in_cbor = account.cloudwatch().describe_alarms()["MetricAlarms"][0]
    assert in_cbor["Threshold"] == 5 and isinstance(in_cbor["Threshold"], float)
    account.control("POST", "alarms", [{"name": "a", "EvaluationState": None}])
    assert "EvaluationState" not in shown(account)["a"]
    account.control("POST", "alarms", [{"name": "a", "gone": True}])
    assert shown(account) == {}


def test_filters_and_pages(account: Account) -> None:
    given = [{"name": f"web-{n}", "type": "composite" if n % 2 else "metric"} for n in range(5)]
    account.control("POST", "alarms", [*given, {"name": "other", "state": "ALARM", "AlarmActions": ["arn:aws:sns:x"]}])
    assert len(shown(account, AlarmNamePrefix="web-", AlarmTypes=ALL)) == 5
    assert set(shown(account, StateValue="ALARM")) == {"other"}
    assert set(shown(account, ActionPrefix="arn:aws:sns")) == {"other"}
    pages = account.kept("cloudwatch").get_paginator("describe_alarms").paginate(AlarmTypes=ALL)
    assert len(list(pages)) == 1
    account.control("POST", "knobs", {"pageSize": 2})
    sizes = [sum(len(page[kind + "s"]) for kind in ALL) for page in pages]
    assert sizes == [2, 2, 2]


def test_what_is_refused(account: Account) -> None:
    assert refused(account, AlarmNames=["a"], AlarmNamePrefix="b") == "ValidationError"
    assert refused(account, AlarmNames=[str(n) for n in range(101)]) == "ValidationError"
    assert refused(account, MaxRecords=101) == "ValidationError"
    assert refused(account, AlarmTypes=["Alarm"]) == "ValidationError"
    assert refused(account, NextToken="none") == "InvalidNextToken"


def test_alarms_are_an_accounts_in_a_region(account: Account, stateful: str) -> None:
    account.control("POST", "alarms", [{"name": "a"}])
    elsewhere = account.client("cloudwatch", region_name="eu-central-1")
    assert elsewhere.describe_alarms()["MetricAlarms"] == []
    other = Account(stateful)
    other.build(alarms=[{"name": "b", "state": "INSUFFICIENT_DATA"}])
    assert {name: alarm["StateValue"] for name, alarm in shown(other).items()} == {"b": "INSUFFICIENT_DATA"}


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"name": "a", "state": "BAD"}, "state is one of"),
        ({"name": "a", "type": "none"}, "type is one of"),
        ({"name": "a", "Perod": 60}, "Perod"),
        ({"name": "a", "targetGroup": "red"}, "red"),
    ],
)
def test_a_mistake_in_an_alarm_is_told(account: Account, given: dict[str, Any], what: str) -> None:
    with pytest.raises(AssertionError, match=what):
        account.control("POST", "alarms", [given])
