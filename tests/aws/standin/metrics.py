"""Readings of a load balancer: series that a test wrote, and else what the traffic model says.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html: "If there are
no requests flowing through the load balancer or no data for a metric, the metric is not reported." Reporting criteria
of errors: "There is a nonzero value."
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .knobs import BadRequest
from .names import dimensions, group_arn
from .traffic import COUNTS, OF_BALANCERS, Traffic
from .world import World

NAMESPACE = "AWS/ApplicationELB"
TIMES = ("TargetResponseTime",)
METRICS = (*COUNTS, *OF_BALANCERS, *TIMES)
STATUSES = ("Complete", "PartialData", "InternalError", "Forbidden")
# "Note that Minimum, Maximum, and Average all return 1."
ONES = ("Minimum", "Maximum", "Average")
Points = list[tuple[float, float]]


@dataclass
class Series:
    """Values of one metric, one for each period from `start` on; `group` is None for the load balancer's own."""

    group: str | None
    metric: str
    stat: str | None
    start: float
    period: int
    values: list[float | None]
    hold: bool

    def is_of(self, metric: str, group: str | None, stat: str) -> bool:
        return (self.metric, self.group) == (metric, group) and self.stat in (None, stat)

    def touches(self, start: float, end: float) -> bool:
        return end > self.start and (self.hold or start < self.start + self.period * len(self.values))

    def at(self, at: float) -> float | None:
        n = int((at - self.start) // self.period)
        if n < 0 or (n >= len(self.values) and not self.hold):
            return None
        return self.values[min(n, len(self.values) - 1)]


class Metrics:
    def __init__(self, world: World) -> None:
        self.world = world
        self.traffic = Traffic(world)
        self.series: list[Series] = []
        self.statuses: list[dict[str, str]] = []

    # What tests say

    def set(self, given: dict[str, Any]) -> None:
        if unknown := set(given) - {"series", "model", "statuses"}:
            raise BadRequest(f"metrics are series, model and statuses, not {sorted(unknown)}")
        for one in given.get("series", []):
            try:
                self.add(**one)
            except TypeError as problem:
                raise BadRequest(f"series {one}: {problem}") from None
        if "model" in given:
            self.traffic.set(given["model"])
        if "statuses" in given:
            for one in given["statuses"]:
                if set(one) - {"metric", "targetGroup", "status"} or one.get("status") not in STATUSES:
                    raise BadRequest(f"a status has metric, targetGroup and status, which is one of {STATUSES}")
            self.statuses = [
                {**one, "group": group_arn(self.world, one["targetGroup"]) if "targetGroup" in one else ""}
                for one in given["statuses"]
            ]

    def add(
        self,
        metric: str,
        values: list[float | None],
        targetGroup: str | None = None,
        stat: str | None = None,
        start: int | None = None,
        hold: bool = False,
    ) -> None:
        if metric not in METRICS or not values:
            raise BadRequest(f"a series has values, and its metric is one of {METRICS}")
        period = self.world.knobs.metricPeriod
        current = self.world.now // period * period
        begins = current + period * (-len(values) if start is None else start)
        group = group_arn(self.world, targetGroup) if targetGroup else None
        self.series = [s for s in self.series if (s.group, s.metric, s.stat) != (group, metric, stat)]
        self.series.append(Series(group, metric, stat, begins, period, values, hold))

    def clear(self) -> None:
        self.series, self.statuses = [], []
        self.traffic.models.clear()

    # What CloudWatch says

    def read(self, query: dict[str, Any], region: str, start: float, end: float, now: float) -> tuple[Points, str]:
        metric, stat, period = query["Metric"], query["Stat"], int(query["Period"])
        where = self.which(metric, region)
        if where is None:
            # Metrics that nobody has reported are no error.
            return [], "Complete"
        group, groups = where
        for one in self.statuses:
            if one.get("metric", metric["MetricName"]) == metric["MetricName"] and one["group"] in ("", group):
                if one["status"] in ("InternalError", "Forbidden"):
                    return [], one["status"]
                return self.points(metric["MetricName"], stat, group, groups, period, start, end, now), one["status"]
        return self.points(metric["MetricName"], stat, group, groups, period, start, end, now), "Complete"

    def which(self, metric: dict[str, Any], region: str) -> tuple[str | None, list[str]] | None:
        """The target group that the dimensions name, or None for the whole load balancer; and its groups."""
        if metric["Namespace"] != NAMESPACE or metric["MetricName"] not in METRICS:
            return None
        given = {d["Name"]: d["Value"] for d in metric.get("Dimensions") or []}
        groups = [group for group in self.groups() if group.split(":")[3] == region]
        of = {group: {d["Name"]: d["Value"] for d in dimensions(group, self.world)} for group in groups}
        if "TargetGroup" in given:
            exact = [group for group in groups if of[group] == given]
            # Dimensions of HTTPCode_ELB_5XX_Count: LoadBalancer; AvailabilityZone, LoadBalancer.
            return (exact[0], exact) if exact and metric["MetricName"] not in OF_BALANCERS else None
        if set(given) != {"LoadBalancer"}:
            return None
        # A group that hangs on nothing any more has no balancer.
        of_balancer = [group for group in groups if of[group].get("LoadBalancer") == given["LoadBalancer"]]
        return (None, of_balancer) if of_balancer else None

    def groups(self) -> list[str]:
        found = [group for fixture in self.world.fixtures.values() for group in fixture["targetGroups"].values()]
        return found + [f["foreignGroup"] for f in self.world.fixtures.values() if f["foreignGroup"]]

    def points(
        self,
        metric: str,
        stat: str,
        group: str | None,
        groups: list[str],
        period: int,
        start: float,
        end: float,
        now: float,
    ) -> Points:
        seen = now - self.delay()
        found = []
        for at in buckets(start, end, period, now):
            own = self.value(metric, stat, group, at, period, seen)
            if own is None and group is None and metric not in OF_BALANCERS:
                # "LoadBalancer" alone: over all its target groups.
                parts = [self.value(metric, stat, one, at, period, seen) for one in groups]
                if metric in TIMES:
                    requests = [self.value("RequestCount", "Sum", one, at, period, seen) or 0 for one in groups]
                    own = mean([(v, n) for v, n in zip(parts, requests, strict=True) if v is not None])
                else:
                    whole = [part for part in parts if part is not None]
                    own = sum(whole) if whole else None
            if own is not None:
                found.append((at, 1.0 if metric not in TIMES and stat in ONES else own))
        return found

    def delay(self) -> float:
        """[R] A minute's readings come one to two minutes after it."""
        knobs = self.world.knobs
        return 1.5 * knobs.metricPeriod if knobs.metricDelay is None else knobs.metricDelay

    def value(self, metric: str, stat: str, group: str | None, at: float, period: int, seen: float) -> float | None:
        """Of the period that begins at `at`, as far as it has been reported: what happened until `seen`."""
        if seen <= at:
            return None
        for series in self.series:
            if series.is_of(metric, group, stat) and series.touches(at, at + period):
                return self.of_series(series, at, period, seen)
        return self.traffic.value(metric, stat, group, at, min(at + period, seen))

    @staticmethod
    def of_series(series: Series, at: float, period: int, seen: float) -> float | None:
        values = []
        for step in range(max(1, period // series.period)):
            when = at + step * series.period
            value = series.at(when)
            part = min(max((seen - when) / series.period, 0.0), 1.0)
            if value is not None and part == 1:
                values.append(value)
            elif value is not None and part > 0:
                so_far = value if series.metric in TIMES else math.floor(value * part)
                values += [so_far] if so_far else []
        if not values:
            return None
        return sum(values) / len(values) if series.metric in TIMES else sum(values)

    def known(self, region: str) -> list[dict[str, Any]]:
        """What ListMetrics shows."""
        if not self.series and not self.traffic.models:
            return []
        found = []
        for group in self.groups():
            both = dimensions(group, self.world)
            if group.split(":")[3] == region and len(both) == 2:
                found += [(name, both) for name in (*COUNTS, *TIMES)]
                found += [(name, both[1:]) for name in METRICS if (name, both[1:]) not in found]
        return [{"Namespace": NAMESPACE, "MetricName": name, "Dimensions": where} for name, where in found]


def buckets(start: float, end: float, period: int, now: float) -> Iterable[int]:
    """model, GetMetricData.StartTime: "inclusive"; EndTime: "exclusive". How they are rounded: StartTime, and Period
    for what is that old. That longer periods begin at their multiples is [I]."""
    age = now - start
    if (age > 3 * 3600 and period % 60) or (age > 15 * 86400 and period % 300) or (age > 63 * 86400 and period % 3600):
        return ()
    rounded = 3600 if age > 63 * 86400 else 300 if age > 15 * 86400 else min(period, 60)
    first = math.ceil(start // rounded * rounded / period) * period
    # Nothing is reported of what is still to come.
    return range(first, math.ceil(min(end, now + 1)), period)


def mean(weighted: list[tuple[float, float]]) -> float | None:
    total = sum(weight for _, weight in weighted)
    return sum(value * weight for value, weight in weighted) / total if total else None
