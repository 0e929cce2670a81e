"""What was counted by second becomes what CloudWatch tells, decided without a request."""

from __future__ import annotations

from typing import Any

import pytest
from standin.counted import Counted, statistic
from standin.knobs import BadRequest
from standin.plane.counts import Counts

BALANCER, OTHER = (f"arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/{name}/0" for name in ("web", "shop"))


def row(**given: Any) -> dict[str, Any]:
    nothing = {"requests": 0, "target": {}, "elb": {}, "connectionErrors": 0, "milliseconds": {}}
    return {"second": 7, "balancer": BALANCER, "group": "g", **nothing, **given}


SERVED = row(requests=8, target={"200": 4, "204": 1, "301": 1, "500": 1}, elb={"502": 1}, connectionErrors=1)


@pytest.mark.parametrize(
    ("metric", "rows", "total"),
    [
        ("RequestCount", [SERVED], 8),
        ("RequestCount", [SERVED, SERVED], 16),
        ("HTTPCode_Target_2XX_Count", [SERVED], 5),
        ("HTTPCode_Target_5XX_Count", [SERVED], 1),
        ("TargetConnectionErrorCount", [SERVED], 1),
        ("HTTPCode_ELB_5XX_Count", [SERVED], 1),
        # A client that went is a 4XX of the load balancer's.
        ("HTTPCode_ELB_5XX_Count", [row(requests=1, elb={"460": 1, "504": 2})], 2),
        # What is none is not reported: no target could be chosen, nothing failed, nobody asked.
        ("RequestCount", [row(elb={"503": 3})], None),
        ("HTTPCode_Target_5XX_Count", [row(requests=1, target={"200": 1})], None),
        ("HTTPCode_ELB_5XX_Count", [row(requests=1, target={"502": 1})], None),
        ("TargetConnectionErrorCount", [row(requests=1, elb={"502": 1})], None),
        ("RequestCount", [], None),
        ("TargetResponseTime", [row(requests=1, elb={"504": 1})], None),
    ],
)
def test_a_sum_is_what_was_counted_and_none_is_no_reading(metric: str, rows: list[Any], total: float | None) -> None:
    assert statistic(metric, "Sum", rows) == statistic(metric, "SampleCount", rows) == total
    assert statistic(metric, "Average", rows) == statistic(metric, "p90", rows) == (total and 1)


# A thousand answers: of 1 ms, 2 ms, … 1000 ms. In three rows, whose order is not that of the times.
THOUSAND = [row(milliseconds={str(ms): 1 for ms in range(first, 1001, 3)}) for first in (3, 1, 2)]


@pytest.mark.parametrize(
    ("stat", "rows", "seconds"),
    [
        ("p50", THOUSAND, 0.5),
        ("p90", THOUSAND, 0.9),
        ("p99", THOUSAND, 0.99),
        ("p99.9", THOUSAND, 0.999),
        ("p99.99", THOUSAND, 1.0),
        ("p100", THOUSAND, 1.0),
        ("p0", THOUSAND, 0.001),
        ("Minimum", THOUSAND, 0.001),
        ("Maximum", THOUSAND, 1.0),
        ("Average", THOUSAND, 0.5005),
        ("Sum", THOUSAND, 500.5),
        ("SampleCount", THOUSAND, 1000),
        ("p90", [row(milliseconds={"9": 90, "100": 10})], 0.009),
        ("p90", [row(milliseconds={"9": 89, "100": 11})], 0.1),
        ("p90", [row(milliseconds={"9": 9}), row(milliseconds={"100": 1})], 0.009),
        ("p90", [row(milliseconds={"40": 1})], 0.04),
        # Quicker than half a millisecond is an answer, too.
        ("Average", [row(milliseconds={"0": 2})], 0.0),
    ],
)
def test_statistics_of_response_times_are_exact(stat: str, rows: list[Any], seconds: float) -> None:
    assert statistic("TargetResponseTime", stat, rows) == pytest.approx(seconds)


def test_a_statistic_that_nobody_needs_is_refused_not_guessed() -> None:
    for stat in ("tm99", "IQM", "PR(0:0.1)"):
        with pytest.raises(BadRequest, match="knows no"):
            statistic("TargetResponseTime", stat, THOUSAND)


def counts(*seconds: int) -> Counts:
    made = Counts()
    for second in seconds:
        made.add(second + 0.5, BALANCER, "g", 200, by_target=True, seconds=0.01)
    made.add(seconds[0] + 0.5, BALANCER, "h", 500, by_target=True, seconds=0.01)
    made.add(seconds[0] + 0.5, BALANCER, None, 503, by_target=False, chosen=False)
    made.add(seconds[0] + 0.5, OTHER, "g", 200, by_target=True, seconds=0.01)
    return made


def read(made: Counts, group: str | None, period: int, seen: float, metric: str = "RequestCount") -> dict[int, Any]:
    found = Counted(made, "app/web/0", group, period, seen)
    values = {at: found.value(metric, "Sum", at) for at in range(0, 180, period)}
    return {at: value for at, value in values.items() if value}


@pytest.mark.parametrize(
    ("group", "period", "seen", "expected"),
    [
        ("g", 1, 180.0, {58: 1, 59: 1, 60: 1, 119: 1}),
        ("h", 1, 180.0, {58: 1}),
        (None, 1, 180.0, {58: 2, 59: 1, 60: 1, 119: 1}),
        ("g", 10, 180.0, {50: 2, 60: 1, 110: 1}),
        ("g", 60, 180.0, {0: 2, 60: 2}),
        # A second is told once all of it is known; a minute so far, as CloudWatch does.
        ("g", 1, 60.0, {58: 1, 59: 1}),
        ("g", 1, 59.99, {58: 1}),
        ("g", 60, 60.9, {0: 2}),
        ("g", 60, 61.0, {0: 2, 60: 1}),
        ("other", 60, 180.0, {}),
    ],
)
def test_periods_are_made_of_whole_seconds(group: str | None, period: int, seen: float, expected: Any) -> None:
    assert read(counts(58, 59, 60, 119), group, period, seen) == expected


def test_a_load_balancer_has_what_has_no_group() -> None:
    made = counts(58)
    assert read(made, None, 60, 180, "HTTPCode_ELB_5XX_Count") == {0: 1}
    ever = {
        metric
        for metric in ("RequestCount", "HTTPCode_ELB_5XX_Count", "TargetConnectionErrorCount")
        if Counted.ever(made, "app/web/0", None, metric)
    }
    assert ever == {"RequestCount", "HTTPCode_ELB_5XX_Count"}
    assert not Counted.ever(made, "app/nobody/0", None, "RequestCount")
