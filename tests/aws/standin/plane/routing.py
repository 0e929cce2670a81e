"""Where a request goes: rule, group, target. No input or output here, so that all of it can be tested in tables.

"guide" is AWS's User Guide for Application Load Balancers, by the title of its page; [I] marks what is inferred.
"""

from __future__ import annotations

import base64
import binascii
import json
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

GROUP_COOKIE = "AWSALBTG"
TARGET_COOKIE = "AWSALB"


@dataclass
class Target:
    id: str
    state: str
    # When it began to take more and more; None: it takes its full share.
    ramp: float | None = None
    # Of the smooth weighted round robin.
    credit: float = 0.0


@dataclass
class Group:
    arn: str
    slow_start: float = 0.0
    # How long a client stays with its target; 0: requests are independent.
    sticky: float = 0.0
    targets: dict[str, Target] = field(default_factory=dict)

    def update(self, given: dict[str, Any], now: float) -> None:
        self.slow_start, self.sticky = given["slowStart"], given["sticky"]
        before, self.targets = self.targets, {}
        for one in given["targets"]:
            target = self.targets[one["id"]] = before.get(one["id"]) or Target(one["id"], "")
            fresh = one["state"] == "healthy" != target.state
            target.state = one["state"]
            # Guide, "Edit target group attributes", slow start: a target that becomes unhealthy leaves it, and enters
            # it again when it is healthy.
            if fresh or target.state != "healthy":
                target.ramp = now if fresh else None
        settled = [t for t in self.targets.values() if t.state == "healthy" and not self.warming(t, now)]
        # The same page: "only when there is at least one healthy target that is not in slow start mode".
        if not settled:
            for target in self.targets.values():
                target.ramp = None

    def warming(self, target: Target, now: float) -> bool:
        return target.ramp is not None and now < target.ramp + self.slow_start

    def eligible(self) -> list[Target]:
        healthy = [t for t in self.targets.values() if t.state == "healthy"]
        # Guide, "Health checks": a group that has only unhealthy targets fails open. One that is in its first checks
        # counts as such [I]: "Troubleshooting", HTTP 503, names only groups without a target or with unused ones.
        return healthy or [t for t in self.targets.values() if t.state in ("unhealthy", "initial")]

    def choose(self, wanted: str | None, now: float) -> Target | None:
        """`wanted`: the target that the client's cookie names."""
        targets = self.eligible()
        for target in targets:
            # Guide, "Sticky sessions": one that is deregistered or unhealthy is not kept to.
            if target.id == wanted:
                return target
        if not targets:
            return None
        total = 0.0
        for target in targets:
            share = self.share(target, now)
            target.credit += share
            total += share
        best = max(targets, key=lambda t: t.credit)
        best.credit -= total
        return best

    def share(self, target: Target, now: float) -> float:
        if not self.warming(target, now) or target.ramp is None:
            return 1.0
        # Guide, slow start: "linearly increases the number of requests".
        return max((now - target.ramp) / self.slow_start, 0.01)


@dataclass
class Rule:
    """One rule of a listener; its conditions are all to be met."""

    conditions: list[Callable[[str, str], bool]]
    action: dict[str, Any]

    @classmethod
    def read(cls, given: dict[str, Any]) -> Rule:
        # Of the actions the last one answers (model, CreateRule.Actions).
        return cls([condition(one) for one in given["conditions"]], given["actions"][-1])

    def meets(self, host: str, path: str) -> bool:
        return all(holds(host, path) for holds in self.conditions)


def condition(given: dict[str, Any]) -> Callable[[str, str], bool]:
    kind = given["Field"]
    name = {"path-pattern": "PathPatternConfig", "host-header": "HostHeaderConfig"}.get(kind)
    if name is None:
        # A condition that is not known here must not be taken for one that is met.
        return lambda host, path: False
    patterns = given.get("Values") or given.get(name, {}).get("Values", [])
    # Guide, "Condition types for listener rules": hosts are not case sensitive, paths are.
    flags = re.IGNORECASE if kind == "host-header" else 0
    matcher = re.compile("|".join(wildcards(pattern) for pattern in patterns), flags)
    if kind == "host-header":
        return lambda host, path: matcher.fullmatch(host) is not None
    return lambda host, path: matcher.fullmatch(path) is not None


def wildcards(pattern: str) -> str:
    return "(?:" + re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".") + ")"


def rule_for(rules: Iterable[Rule], host: str, path: str) -> Rule | None:
    return next((rule for rule in rules if rule.meets(host, path)), None)


def choose_group(action: dict[str, Any], wanted: str | None, draw: Callable[[], float] = random.random) -> str | None:
    """`wanted`: the group that the client's cookie names. None where no group has a weight."""
    weights = {g["TargetGroupArn"]: int(g.get("Weight", 1)) for g in action["groups"]}
    if action["sticky"] and wanted in weights:
        # aws-rules: a client keeps to its group whatever the weight, also to one that has no targets any more.
        return wanted
    point = draw() * sum(weights.values())
    for arn, weight in weights.items():
        point -= weight
        if point < 0:
            return arn
    return None


def seal(name: str, expires: float) -> str:
    """The value of a cookie. AWS encrypts it; what counts is that its time is in it, not in the cookie's attributes."""
    return base64.urlsafe_b64encode(json.dumps([name, expires]).encode()).decode().rstrip("=")


def unseal(value: str | None, now: float) -> str | None:
    if not value:
        return None
    try:
        name, expires = json.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
    except (ValueError, TypeError, binascii.Error):
        # Guide, "Sticky sessions": a cookie that cannot be decoded leads to a new choice.
        return None
    return name if isinstance(name, str) and isinstance(expires, int | float) and now < expires else None
