"""What the world looked like, one entry after each mutating call and each change that can be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from moto.ecs.models import ecs_backends
from moto.elbv2.models import elbv2_backends

from .attachments import groups_of
from .world import World

LIMIT = 20_000


def weights(account: str, region: str) -> dict[str, dict[str, int]]:
    """Per listener (its default rule) or other rule: the weight of each group of its forward."""
    found: dict[str, dict[str, int]] = {}
    for balancer in elbv2_backends[account][region].load_balancers.values():
        for listener in balancer.listeners.values():
            for rule in listener.rules.values():
                name = listener.arn if rule.is_default else rule.arn
                for action in rule.actions:
                    if action.type == "forward":
                        found[name] = {g["TargetGroupArn"]: int(g.get("Weight", 1)) for g in groups_of(action.data)}
    return found


def task_sets(account: str, region: str) -> list[dict[str, Any]]:
    found = []
    for service in ecs_backends[account][region].services.values():
        for ts in service.task_sets:
            sim = getattr(ts, "sim", None)
            balancers = ts.load_balancers or [{}]
            found.append(
                {
                    "id": ts.id,
                    "arn": ts.task_set_arn,
                    "service": service.name,
                    "externalId": ts.external_id or None,
                    "status": ts.status,
                    "stability": ts.stabilityStatus,
                    "scale": float(ts.scale["value"]),
                    "desired": sim.desired if sim else None,
                    "running": sim.running if sim else None,
                    "healthy": sum(task.target == "healthy" for task in sim.tasks) if sim else None,
                    "targetGroupArn": balancers[0].get("targetGroupArn"),
                    "taskDefinition": ts.task_definition,
                }
            )
    return found


def groups(world: World) -> dict[str, dict[str, int]]:
    """Per target group: how many targets are in which state, as the tasks have it."""
    found: dict[str, Counter[str]] = {}
    for sim in world.sets:
        for task in sim.tasks:
            if sim.group and task.target:
                found.setdefault(sim.group, Counter())[task.health(True)[0]] += 1
    return {group: dict(counts) for group, counts in found.items()}


class History:
    def __init__(self, world: World, also: Callable[[float, dict[str, Any]], None]) -> None:
        self.world = world
        self.also = also
        self.entries: list[dict[str, Any]] = []
        world.on_change = self.note

    def seen(self) -> dict[str, Any]:
        account, region = self.world.account, self.world.region
        return {
            "weights": weights(account, region),
            "taskSets": task_sets(account, region),
            "groups": groups(self.world),
        }

    def note(self, at: float, cause: str, always: bool = False, by: str | None = None) -> None:
        seen = self.seen()
        self.also(at, seen)
        if self.entries and not always:
            last = self.entries[-1]
            if all(last[key] == value for key, value in seen.items()):
                return
        self.entries.append({"at": at, "cause": cause, "by": by, **seen})
        if len(self.entries) > LIMIT:
            del self.entries[: LIMIT // 10]
