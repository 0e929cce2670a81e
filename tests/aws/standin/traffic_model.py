"""A model of traffic, for accounts in which there is none: so many requests, split by the weights as they were at each
moment, and what becomes of them."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .counted import OF_BALANCERS, TOTALS
from .knobs import BadRequest
from .names import made
from .world import World

MODEL: dict[str, Any] = {
    "requests": 0,
    "service": None,
    "balancerErrors": 0.0,
    "zeros": False,
    "lag": 0.0,
    "versions": {},
}
VERSION: dict[str, Any] = {"errors": 0.0, "connectionErrors": 0.0, "latency": 0.05}
# So that 59.9999999 requests are 60.
CRUMB = 1e-6


@dataclass
class State:
    """From `at` on: the weights of each listener and rule, and what each group's set goes by."""

    at: float
    weights: dict[str, dict[str, int]]
    sets: dict[str, list[str]]


@dataclass
class Span:
    """A time in which nothing changed: requests a second by group, and how each group does."""

    at: float
    requests: dict[str, float]
    versions: dict[str, dict[str, Any]]
    model: dict[str, Any]


class TrafficModel:
    def __init__(self, world: World) -> None:
        self.world = world
        self.states: list[State] = []
        self.models: list[tuple[float, dict[str, Any]]] = []
        self._key: Any = None
        self._spans: list[Span] = []
        self._lines: dict[Any, Line] = {}

    def note(self, at: float, seen: dict[str, Any]) -> None:
        """What the history sees. It may be cleared by a test; this is not."""
        sets: dict[str, list[str]] = {}
        # The newest of a group's sets is the one that is meant.
        for ts in seen["taskSets"]:
            if ts["targetGroupArn"] and ts["status"] != "DRAINING":
                sets[ts["targetGroupArn"]] = [ts["externalId"], ts["id"], ts["arn"], ts["taskDefinition"]]
        if not self.states or (self.states[-1].weights, self.states[-1].sets) != (seen["weights"], sets):
            self.states.append(State(at, seen["weights"], sets))

    def set(self, given: dict[str, Any] | None) -> None:
        """From now on, or since `ago` seconds; the first model since ever. What is not named stays as it is."""
        given = {"requests": 0} if given is None else dict(given)
        at = self.world.now - float(given.pop("ago", 0)) if self.models else -math.inf
        if unknown := set(given) - set(MODEL):
            raise BadRequest(f"a model of traffic has {sorted(MODEL)} and ago, not {sorted(unknown)}")
        for name, version in given.get("versions", {}).items():
            if unknown := set(version) - set(VERSION):
                raise BadRequest(f"version {name!r} has {sorted(VERSION)}, not {sorted(unknown)}")
        before = next((model for when, model in reversed(self.models) if when <= at), MODEL)
        versions = {**before["versions"], **given.get("versions", {})}
        made(self.world, given.get("service", before["service"]))
        self.models = [model for model in self.models if model[0] < at]
        self.models.append((at, {**before, **given, "versions": versions}))

    def spans(self) -> list[Span]:
        """Each change of weights, of sets and of the model begins a new one. The first is as long as time."""
        key = (len(self.states), len(self.models), self.models and self.models[-1][0], self.world.knobs.metricPeriod)
        if self._key != key:
            self._key, self._spans, self._lines = key, self.make_spans(), {}
        return self._spans

    def make_spans(self) -> list[Span]:
        if not self.models:
            return []
        fixture = made(self.world, self.models[-1][1]["service"])
        live, lag = fixture["listeners"]["live"], self.models[-1][1]["lag"]
        states = [state for state in self.states if live in state.weights]
        if not states:
            return []
        times = sorted({state.at + lag for state in states} | {at for at, _ in self.models[1:]})
        spans = []
        # What was before the first change has a span, too.
        for at in (times[0] - 1, *times):
            state = next((s for s in reversed(states) if s.at + lag <= at), states[0])
            model = next(m for when, m in reversed(self.models) if when <= at)
            spans.append(self.span(at, state, state.weights[live], model, fixture))
        return spans

    def span(
        self, at: float, state: State, weights: dict[str, int], model: dict[str, Any], fixture: dict[str, Any]
    ) -> Span:
        rate, total = float(model["requests"]) / self.world.knobs.metricPeriod, sum(weights.values())
        colours = {arn: colour for colour, arn in fixture["targetGroups"].items()}
        versions = {}
        for group in weights:
            names = [*state.sets.get(group, []), colours.get(group, "other"), group, "*"]
            own = next((model["versions"][name] for name in names if name in model["versions"]), {})
            versions[group] = {**VERSION, **own}
        shares = {group: rate * weight / total for group, weight in weights.items()} if total else {}
        return Span(at, shares, versions, model)

    def value(self, metric: str, stat: str, group: str | None, start: float, end: float) -> float | None:
        spans = self.spans()
        if not spans or (group is None) != (metric in OF_BALANCERS):
            return None
        if metric == "TargetResponseTime":
            return self.response_time(stat, group, start, end)
        happened = self.line(metric, group).count(start, end)
        if happened or (metric == "RequestCount" and self.zeros(start, end)):
            return happened
        return None

    def line(self, metric: str, group: str | None) -> Line:
        return self.kept((metric, group), lambda span: per_second(span, metric, group))

    def kept(self, key: Any, rate: Callable[[Span], float]) -> Line:
        if key not in self._lines:
            self._lines[key] = Line(self.spans(), rate)
        return self._lines[key]

    def zeros(self, start: float, end: float) -> bool:
        """[R] RequestCount: "Reported if there are registered targets"; so it may be zero beside another group's."""
        if not self.spans()[-1].model["zeros"]:
            return False
        return self.kept("all", lambda span: sum(span.requests.values())).count(start, end) > 0

    def response_time(self, stat: str, group: str | None, start: float, end: float) -> float | None:
        if not self.line("RequestCount", group).count(start, end):
            return None

        def answered(span: Span, seconds: bool) -> float:
            known = latency(span, group, stat)
            requests = per_second(span, "RequestCount", group) - per_second(span, "TargetConnectionErrorCount", group)
            return 0.0 if known is None else requests * (known if seconds else 1.0)

        requests = self.kept((stat, group, "of"), lambda span: answered(span, False)).between(start, end)
        seconds = self.kept((stat, group, "seconds"), lambda span: answered(span, True)).between(start, end)
        if stat in TOTALS:
            return round(requests if stat == "SampleCount" else seconds, 6)
        return round(seconds / requests, 6) if requests > CRUMB else None


class Line:
    """What has come together by a time, at the rates of the spans: since the first change, and before it below zero."""

    def __init__(self, spans: list[Span], rate: Callable[[Span], float]) -> None:
        self.times = [span.at for span in spans]
        self.rates = [rate(span) for span in spans]
        lengths = [after - before for before, after in itertools.pairwise(self.times)]
        parts = [rate * length for rate, length in zip(self.rates, lengths, strict=False)]
        self.totals = [0.0, *itertools.accumulate(parts)]

    def until(self, at: float) -> float:
        n = max(bisect.bisect_right(self.times, at) - 1, 0)
        return self.totals[n] + self.rates[n] * (at - self.times[n])

    def between(self, start: float, end: float) -> float:
        return self.until(end) - self.until(start)

    def count(self, start: float, end: float) -> float:
        """In whole ones. What is left over comes in a later period, so a rate of 0.5 is one in every other."""
        return float(math.floor(self.until(end) + CRUMB) - math.floor(self.until(start) + CRUMB))


def per_second(span: Span, metric: str, group: str | None) -> float:
    if group is None:
        # A target that cannot be reached is a 502 of the load balancer.
        all_groups = sum(span.requests.values())
        refused = sum(per_second(span, "TargetConnectionErrorCount", one) for one in span.requests)
        return refused + all_groups * float(span.model["balancerErrors"])
    requests, version = span.requests.get(group, 0.0), span.versions.get(group, VERSION)
    errors, refused = requests * float(version["errors"]), requests * float(version["connectionErrors"])
    return {
        # "only incremented for requests where the load balancer node was able to choose a target": these are, too.
        "RequestCount": requests,
        "HTTPCode_Target_5XX_Count": errors,
        "HTTPCode_Target_2XX_Count": max(requests - errors - refused, 0.0),
        "TargetConnectionErrorCount": refused,
    }[metric]


def latency(span: Span, group: str | None, stat: str) -> float | None:
    given = span.versions.get(group or "", VERSION)["latency"]
    return given.get("Average" if stat in TOTALS else stat) if isinstance(given, dict) else float(given)
