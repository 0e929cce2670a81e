"""Readings of a load balancer: series that a test wrote; else what was counted, or what the traffic model says.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html: "If there are
no requests flowing through the load balancer or no data for a metric, the metric is not reported." Reporting criteria
of errors: "There is a nonzero value."
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from .counted import COUNTS, OF_BALANCERS, ONES, TIMES, TOTALS, Counted
from .knobs import BadRequest
from .names import dimensions, group_arn
from .traffic_model import TrafficModel
from .world import World

NAMESPACE = "AWS/ApplicationELB"
METRICS = (*COUNTS, *OF_BALANCERS, *TIMES)
STATUSES = ("Complete", "PartialData", "InternalError", "Forbidden")
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


@dataclass
class Asked:
    """A query; `group` is None for the load balancer as a whole, which `groups` make up."""

    metric: str
    stat: str
    period: int
    balancer: str
    group: str | None
    groups: list[str]


class Metrics:
    def __init__(self, world: World) -> None:
        self.world = world
        self.model = TrafficModel(world)
        self.series: list[Series] = []
        self.statuses: list[dict[str, str]] = []

    # What tests say

    def set(self, given: dict[str, Any]) -> None:
        self.check_source(given, counted=self.world.traffic is not None)
        if unknown := set(given) - {"series", "model", "statuses"}:
            raise BadRequest(f"metrics are series, model and statuses, not {sorted(unknown)}")
        for one in given.get("series", []):
            try:
                self.add(**one)
            except TypeError as problem:
                raise BadRequest(f"series {one}: {problem}") from None
        if "model" in given:
            self.model.set(given["model"])
        if "statuses" in given:
            for one in given["statuses"]:
                if set(one) - {"metric", "targetGroup", "status"} or one.get("status") not in STATUSES:
                    raise BadRequest(f"a status has metric, targetGroup and status, which is one of {STATUSES}")
            self.statuses = [
                {**one, "group": group_arn(self.world, one["targetGroup"]) if "targetGroup" in one else ""}
                for one in given["statuses"]
            ]

    def check_source(self, given: dict[str, Any], counted: bool) -> None:
        """What nobody has given a series for comes from one place: it was counted, or it is the model's."""
        if counted and (given.get("model") or self.model.models):
            raise BadRequest(
                "in an account with traffic requests are counted, and there is no model beside them: "
                "give series, or take the model away (DELETE …/ACCOUNT/metrics)"
            )

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
        self.model.models.clear()

    # What CloudWatch says

    def read(self, query: dict[str, Any], region: str, start: float, end: float, now: float) -> tuple[Points, str]:
        asked = self.asked(query, region)
        if asked is None:
            # Metrics that nobody has reported are no error.
            return [], "Complete"
        status = self.status(asked)
        if status in ("InternalError", "Forbidden"):
            return [], status
        times = buckets(start, end, asked.period, now)
        seen, counted = now - self.delay(), None
        if traffic := self.world.traffic:
            seen = min(seen, traffic.counted_until)
            counted = Counted(traffic.counts, asked.balancer, asked.group, asked.period, seen)
        values = ((at, self.over(asked, at, seen, counted)) for at in times)
        return [(at, value) for at, value in values if value is not None], status

    def asked(self, query: dict[str, Any], region: str) -> Asked | None:
        metric, stat, period = query["Metric"], query["Stat"], int(query["Period"])
        name, given = metric["MetricName"], {d["Name"]: d["Value"] for d in metric.get("Dimensions") or []}
        if metric["Namespace"] != NAMESPACE or name not in METRICS:
            return None
        of = {group: {d["Name"]: d["Value"] for d in dimensions(self.world, group)} for group in self.groups(region)}
        if set(given) == {"LoadBalancer"}:
            groups = [group for group in of if of[group]["LoadBalancer"] == given["LoadBalancer"]]
            return Asked(name, stat, period, given["LoadBalancer"], None, groups) if groups else None
        # Dimensions of HTTPCode_ELB_5XX_Count: LoadBalancer; AvailabilityZone, LoadBalancer.
        group = next((group for group in of if of[group] == given and name not in OF_BALANCERS), None)
        return Asked(name, stat, period, given["LoadBalancer"], group, [group]) if group else None

    def status(self, asked: Asked) -> str:
        for one in self.statuses:
            if one.get("metric", asked.metric) == asked.metric and one["group"] in ("", asked.group):
                return one["status"]
        return "Complete"

    def groups(self, region: str) -> list[str]:
        fixtures = self.world.fixtures.values()
        found = [
            group for fixture in fixtures for group in (*fixture["targetGroups"].values(), fixture["foreignGroup"])
        ]
        return [group for group in found if group and group.split(":")[3] == region]

    def over(self, asked: Asked, at: float, seen: float, counted: Counted | None) -> float | None:
        """Of the period that begins at `at`: of the group, or of the load balancer."""
        own = self.value(asked, asked.group, at, seen, counted)
        if own is None and counted is None and asked.group is None and asked.metric not in OF_BALANCERS:
            own = self.together(asked, at, seen)
        return 1.0 if own is not None and asked.metric not in TIMES and asked.stat in ONES else own

    def together(self, asked: Asked, at: float, seen: float) -> float | None:
        """Of the load balancer, that is, over all its groups: where nobody has counted, these are all there is."""
        parts = [(self.value(asked, group, at, seen), group) for group in asked.groups]
        known = [(value, group) for value, group in parts if value is not None]
        if asked.metric in TIMES and asked.stat not in TOTALS:
            requests = replace(asked, metric="RequestCount", stat="Sum")
            return mean([(value, self.value(requests, group, at, seen) or 0) for value, group in known])
        return sum(value for value, _ in known) if known else None

    def delay(self) -> float:
        """[R] A minute's readings come one to two minutes after it. What was counted comes once it is known."""
        knobs = self.world.knobs
        usual = 0.0 if self.world.traffic else 1.5 * knobs.metricPeriod
        return usual if knobs.metricDelay is None else knobs.metricDelay

    def value(
        self, asked: Asked, group: str | None, at: float, seen: float, counted: Counted | None = None
    ) -> float | None:
        """As far as it has been reported: what happened until `seen`."""
        if seen <= at:
            return None
        end = at + asked.period
        for series in self.series:
            if series.is_of(asked.metric, group, asked.stat) and series.touches(at, end):
                return self.of_series(series, at, asked.period, seen)
        if counted is not None:
            return counted.value(asked.metric, asked.stat, at)
        return self.model.value(asked.metric, asked.stat, group, at, min(end, seen))

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
        found: list[dict[str, Any]] = []
        for group in self.groups(region):
            both = dimensions(self.world, group)
            names = [(name, group, both) for name in (*COUNTS, *TIMES)] + [(name, None, both[1:]) for name in METRICS]
            for name, of, where in names:
                one = {"Namespace": NAMESPACE, "MetricName": name, "Dimensions": where}
                if one not in found and self.reported(name, of, where[-1]["Value"]):
                    found.append(one)
        return found

    def reported(self, metric: str, group: str | None, balancer: str) -> bool:
        """Whether there ever was a reading. Who has a model, or wrote series, has all of them."""
        if self.series or self.model.models:
            return True
        traffic = self.world.traffic
        return traffic is not None and Counted.ever(traffic.counts, balancer, group, metric)


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
