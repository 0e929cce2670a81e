"""Readings as GetMetricData shows them: series that are given, and the model of traffic."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from conftest import Account
from standin.client import until


def dimensions(account: Account, colour: str | None) -> list[dict[str, str]]:
    f = account.fixture
    found = [{"Name": "LoadBalancer", "Value": f["loadBalancerArn"].split(":loadbalancer/")[1]}]
    if colour:
        found.append({"Name": "TargetGroup", "Value": f["targetGroups"][colour].split(":")[-1]})
    return found


def query(account: Account, colour: str | None, name: str = "RequestCount", **stat: Any) -> dict[str, Any]:
    metric = {"Namespace": "AWS/ApplicationELB", "MetricName": name, "Dimensions": dimensions(account, colour)}
    given = {"Metric": metric, "Period": 60, "Stat": "Sum", **stat}
    return {"Id": f"q_{colour or 'all'}_{name}", "MetricStat": given}


def ask(account: Account, queries: list[dict[str, Any]], minutes: float = 10, **more: Any) -> dict[str, Any]:
    now = time.time()
    given = {"StartTime": now - 60 * minutes, "EndTime": now, "ScanBy": "TimestampAscending", **more}
    return account.kept("cloudwatch").get_metric_data(MetricDataQueries=queries, **given)


def values(account: Account, colour: str | None, name: str = "RequestCount", seconds: float = 600, **stat: Any) -> Any:
    return ask(account, [query(account, colour, name, **stat)], seconds / 60)["MetricDataResults"][0]["Values"]


def give(account: Account, **given: Any) -> None:
    account.control("POST", "metrics", given)


def one(colour: str | None, metric: str, values: list[float | None], **more: Any) -> dict[str, Any]:
    return {"metric": metric, "values": values, **({"targetGroup": colour} if colour else {}), **more}


def away_from_the_minutes_end() -> None:
    """What is given relative to now is asked for in the same minute, or half of it."""
    while time.time() % 30 > 27:
        time.sleep(0.2)


@pytest.fixture
def quick(account: Account) -> Account:
    """A reading a second, at once."""
    account.control("POST", "knobs", {"metricPeriod": 1, "metricDelay": 0})
    return account


def test_a_series_ends_with_the_last_whole_minute(account: Account) -> None:
    away_from_the_minutes_end()
    account.control("POST", "knobs", {"metricDelay": 0})
    give(account, series=[one("green", "RequestCount", [500, None, 0, 510])])
    result = ask(account, [query(account, "green")])["MetricDataResults"][0]
    last = time.time() // 60 * 60 - 60
    assert [when.timestamp() for when in result["Timestamps"]] == [last - 180, last - 60, last]
    assert result["Values"] == [500, 0, 510]
    assert (result["StatusCode"], result["Id"], result["Label"]) == ("Complete", "q_green_RequestCount", "RequestCount")
    newest = ask(account, [query(account, "green")], ScanBy="TimestampDescending")["MetricDataResults"][0]
    assert newest["Values"] == [510, 0, 500]
    # Without a word of order, the newest is first.
    now = time.time()
    plain = account.kept("cloudwatch").get_metric_data(
        MetricDataQueries=[query(account, "green")], StartTime=now - 600, EndTime=now
    )
    assert plain["MetricDataResults"][0]["Values"] == [510, 0, 500]
    # StartTime is inclusive and rounded down to its minute, EndTime is exclusive.
    edges = {"StartTime": last - 70, "EndTime": last}
    assert ask(account, [query(account, "green")], **edges)["MetricDataResults"][0]["Values"] == [0]
    edges = {"StartTime": last - 180 + 59, "EndTime": last + 1}
    assert ask(account, [query(account, "green")], **edges)["MetricDataResults"][0]["Values"] == [500, 0, 510]
    assert values(account, "green", Period=300, seconds=900) in ([1010], [500, 510], [510], [500])
    assert values(account, "blue") == []


def test_a_series_may_begin_later_and_hold(quick: Account) -> None:
    give(quick, series=[one("green", "RequestCount", [1, 2], start=0, hold=True)])
    assert values(quick, "green", Period=1) in ([], [1])
    until(lambda: len(values(quick, "green", Period=1)) > 4)
    assert values(quick, "green", Period=1)[:4] == [1, 2, 2, 2]


def test_the_newest_minutes_are_absent_and_incomplete(account: Account) -> None:
    away_from_the_minutes_end()
    give(account, series=[one("green", "RequestCount", [600] * 5)], model={"requests": 6000})
    found, second = values(account, "green"), time.time() % 60
    # 90 seconds, unless said otherwise: of the last two minutes, one is not whole or neither is there.
    whole = 4 if second >= 30 else 3
    assert found[:whole] == [600] * whole
    assert len(found) <= whole + 1 and all(value < 600 for value in found[whole:])
    traffic = values(account, "blue", seconds=300)
    assert len(traffic) < 6 and max(traffic) == 6000
    account.control("POST", "knobs", {"metricDelay": 0})
    assert values(account, "green") == [600] * 5


def test_statistics(account: Account) -> None:
    account.control("POST", "knobs", {"metricDelay": 0})
    p90, average = one("green", "TargetResponseTime", [0.2], stat="p90"), one("green", "TargetResponseTime", [0.1])
    give(account, series=[p90, average, one("green", "RequestCount", [7])])
    away_from_the_minutes_end()
    assert values(account, "green", "TargetResponseTime", Stat="p90") == [0.2]
    assert values(account, "green", "TargetResponseTime", Stat="Average") == [0.1]
    assert values(account, "green", Stat="Average") == [1]
    assert values(account, "green", Stat="SampleCount") == [7]


def test_dimensions_are_exact(account: Account) -> None:
    account.control("POST", "knobs", {"metricDelay": 0})
    give(
        account,
        series=[
            one("blue", "RequestCount", [10]),
            one("green", "RequestCount", [5]),
            one(None, "HTTPCode_ELB_5XX_Count", [3]),
        ],
    )
    away_from_the_minutes_end()
    assert values(account, None) == [15]
    assert values(account, None, "HTTPCode_ELB_5XX_Count") == [3]
    assert values(account, "green", "HTTPCode_ELB_5XX_Count") == []
    alone = query(account, "green")
    alone["MetricStat"]["Metric"]["Dimensions"] = dimensions(account, "green")[1:]
    other = query(account, "blue")
    other["MetricStat"]["Metric"]["Dimensions"] = [
        {**d, "Value": d["Value"] + "0"} for d in dimensions(account, "blue")
    ]
    unknown = query(account, "blue", "Requests")
    for found in ask(account, [alone, other, unknown])["MetricDataResults"]:
        assert (found["Values"], found["StatusCode"]) == ([], "Complete")
    elsewhere = account.client("cloudwatch", region_name="eu-central-1")
    now = time.time()
    there = elsewhere.get_metric_data(MetricDataQueries=[query(account, "blue")], StartTime=now - 600, EndTime=now)
    assert there["MetricDataResults"][0]["Values"] == []


def test_traffic_follows_the_weights(quick: Account) -> None:
    give(quick, model={"requests": 1000})
    assert set(values(quick, "blue", Period=1, seconds=60)[:-1]) == {1000}
    assert values(quick, "green", Period=1) == []
    assert values(quick, "blue", "HTTPCode_Target_5XX_Count", Period=1) == []
    # An hour ago it was the same.
    assert values(quick, "blue", seconds=3600)[0] == 60000
    live = quick.fixture["listeners"]["live"]
    time.sleep(1.1)
    quick.elb.modify_listener(ListenerArn=live, DefaultActions=quick.forward(blue=75, green=25))
    quick.control("DELETE", "history")
    time.sleep(2.2)
    blue, green = (values(quick, colour, Period=1, seconds=1)[:1] for colour in ("blue", "green"))
    assert (blue, green) == ([750], [250])
    # The second of the shift saw some of both.
    assert values(quick, "blue", Period=1, seconds=60)[0] == 1000
    assert 0 < values(quick, "green", Period=1, seconds=60)[0] <= 250
    quick.elb.modify_listener(ListenerArn=live, DefaultActions=quick.forward(blue=0, green=0))
    time.sleep(1.5)
    recent = ask(quick, [query(quick, c, Period=1) for c in ("blue", "green")], StartTime=time.time())
    assert [result["Values"] for result in recent["MetricDataResults"]] == [[], []]


def test_each_version_does_as_it_is_said(quick: Account) -> None:
    bad = {"errors": 0.2, "connectionErrors": 0.1, "latency": {"p90": 0.4}}
    give(quick, model={"requests": 1000, "versions": {"blue": {"errors": 0.0005, "latency": 0.1}, "new": bad}})
    quick.green(externalId="new")
    quick.elb.modify_listener(
        ListenerArn=quick.fixture["listeners"]["live"], DefaultActions=quick.forward(blue=50, green=50)
    )
    time.sleep(2.2)

    def last(colour: str | None, name: str, **stat: Any) -> list[float]:
        return values(quick, colour, name, Period=1, seconds=1, **stat)[:1]

    assert last("green", "RequestCount") == [500]
    assert last("green", "HTTPCode_Target_5XX_Count") == [100]
    assert last("green", "HTTPCode_Target_2XX_Count") == [350]
    assert last("green", "TargetConnectionErrorCount") == [50]
    assert last(None, "HTTPCode_ELB_5XX_Count") == [50]
    assert last(None, "RequestCount") == [1000]
    assert last("green", "TargetResponseTime", Stat="p90") == [0.4]
    assert last("green", "TargetResponseTime", Stat="p99") == []
    assert last("blue", "TargetResponseTime", Stat="SampleCount") == [500]
    assert last(None, "TargetResponseTime", Stat="p90") == [pytest.approx((500 * 0.1 + 500 * 0.4) / 1000)]
    assert last("blue", "TargetResponseTime", Stat="p90") == [0.1]
    # Half an error a second is one in every other second: none is no reading.
    errors = values(quick, "blue", "HTTPCode_Target_5XX_Count", Period=1, seconds=60)
    assert set(errors) == {1} and 25 <= len(errors) <= 31


def test_a_change_of_the_model_leaves_the_past_alone(quick: Account) -> None:
    give(quick, model={"requests": 100, "versions": {"blue": {"errors": 0.1}}})
    give(quick, model={"versions": {"blue": {"errors": 0.5}}, "ago": 10})
    errors = values(quick, "blue", "HTTPCode_Target_5XX_Count", Period=1, seconds=30)
    assert errors[0] == 10 and errors[-2] == 50
    assert set(values(quick, "blue", Period=1, seconds=30)[:-1]) == {100}
    give(quick, model=None)
    time.sleep(1.1)
    now = ask(quick, [query(quick, "blue", Period=1)], StartTime=time.time())
    assert now["MetricDataResults"][0]["Values"] == []
    quick.control("DELETE", "metrics")
    assert values(quick, "blue", Period=1) == []


def test_a_group_without_requests_may_be_reported_as_zero(quick: Account) -> None:
    give(quick, model={"requests": 100, "zeros": True})
    assert set(values(quick, "green", Period=1, seconds=10)) == {0}
    assert values(quick, "green", "TargetResponseTime", Period=1, Stat="p90") == []


def test_statuses(account: Account) -> None:
    account.control("POST", "knobs", {"metricDelay": 0})
    series = [one(colour, "RequestCount", [1, 2, 3, 4]) for colour in ("blue", "green")]
    statuses = [
        {"metric": "TargetResponseTime", "status": "InternalError"},
        {"targetGroup": "green", "status": "PartialData"},
    ]
    give(account, series=series, statuses=statuses)
    away_from_the_minutes_end()
    asked = [query(account, "blue"), query(account, "green"), query(account, "green", "TargetResponseTime", Stat="p90")]
    found = ask(account, asked)
    seen = [(result["StatusCode"], result["Values"]) for result in found["MetricDataResults"]]
    assert seen == [("Complete", [1, 2, 3, 4]), ("PartialData", [1, 2]), ("InternalError", [])]
    assert found["MetricDataResults"][2]["Messages"]
    give(account, statuses=[{"status": "Forbidden"}])
    assert {r["StatusCode"] for r in ask(account, asked)["MetricDataResults"]} == {"Forbidden"}
    give(account, statuses=[])
    assert {r["StatusCode"] for r in ask(account, asked)["MetricDataResults"]} == {"Complete"}


def test_pages(account: Account) -> None:
    account.control("POST", "knobs", {"metricDelay": 0})
    give(account, series=[one("blue", "RequestCount", [1, 2, 3]), one("green", "RequestCount", [4, 5])])
    away_from_the_minutes_end()
    asked = [query(account, "blue"), query(account, "green"), query(account, "blue", "HTTPCode_Target_5XX_Count")]
    now = time.time()
    pages = list(
        account.kept("cloudwatch")
        .get_paginator("get_metric_data")
        .paginate(
            MetricDataQueries=asked,
            StartTime=now - 600,
            EndTime=now,
            ScanBy="TimestampAscending",
            MaxDatapoints=2,
        )
    )
    seen = [[(r["Id"][2], r["Values"], r["StatusCode"]) for r in page["MetricDataResults"]] for page in pages]
    assert [[(name, got) for name, got, _ in page if got] for page in seen] == [
        [("b", [1, 2])],
        [("b", [3]), ("g", [4])],
        [("g", [5])],
    ]
    assert seen[0][0][2] == seen[1][1][2] == "PartialData"
    assert seen[1][0][2] == seen[2][0][2] == "Complete"
    assert "NextToken" not in pages[-1]
    ids = {r["Id"] for page in pages for r in page["MetricDataResults"]}
    assert ids == {q["Id"] for q in asked}
    with pytest.raises(ClientError, match="InvalidNextToken"):
        ask(account, asked[:1], NextToken=pages[0]["NextToken"])


def test_metrics_are_listed(account: Account) -> None:
    listed = account.kept("cloudwatch").list_metrics
    assert listed(Namespace="AWS/ApplicationELB")["Metrics"] == []
    give(account, model={"requests": 1})
    found = listed(Namespace="AWS/ApplicationELB", MetricName="RequestCount")["Metrics"]
    assert sorted(len(metric["Dimensions"]) for metric in found) == [1, 2, 2]
    green = dimensions(account, "green")[1]
    of_green = listed(Dimensions=[green])["Metrics"]
    assert {m["MetricName"] for m in of_green} >= {"RequestCount", "TargetResponseTime"}
    assert "HTTPCode_ELB_5XX_Count" not in {m["MetricName"] for m in of_green}


def changed(given: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**given, "MetricStat": {**given["MetricStat"], **changes}}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda q: [changed(q, Period=1)], "Period is not a valid"),
        (lambda q: [changed(q, Period=90)], "Period is not a valid"),
        (lambda q: [changed(q, Stat="Median")], "is not a valid statistic"),
        (lambda q: [changed(q, Stat="p101")], "is not a valid statistic"),
        (lambda q: [q, q], "not unique"),
        (lambda q: [{**q, "Id": "A"}], "not a valid id"),
        (lambda q: [{**q, "Id": f"q{n}"} for n in range(501)], "greater than 500"),
        (lambda q: [{"Id": "q"}], "MetricStat is required"),
        (lambda q: [{"Id": "q", "Expression": "m1 + m2"}], "metric math"),
    ],
)
def test_what_is_refused(account: Account, asked: Any, message: str) -> None:
    with pytest.raises(ClientError, match=message) as problem:
        ask(account, asked(query(account, "green")))
    assert problem.value.response["Error"]["Code"] == "ValidationError"


def test_times_are_checked(account: Account) -> None:
    with pytest.raises(ClientError, match="EndTime must be greater"):
        ask(account, [query(account, "green")], EndTime=time.time() - 6000)
    account.control("POST", "knobs", {"metricPeriod": 5})
    for period in (5, 10, 30, 60, 300):
        ask(account, [query(account, "green", Period=period)])
    with pytest.raises(ClientError, match="Period is not a valid"):
        ask(account, [query(account, "green", Period=1)])


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"serie": []}, "serie"),
        ({"series": [{"metric": "Requests", "values": [1]}]}, "RequestCount"),
        ({"series": [{"metric": "RequestCount", "value": [1]}]}, "value"),
        ({"model": {"request": 1}}, "request"),
        ({"model": {"versions": {"blue": {"error": 1}}}}, "error"),
        ({"statuses": [{"status": "Bad"}]}, "Complete"),
    ],
)
def test_a_mistake_in_readings_is_told(account: Account, given: dict[str, Any], what: str) -> None:
    with pytest.raises(AssertionError, match=what):
        account.control("POST", "metrics", given)
