"""What happens without a call to AWS, or by a hand that the program knows nothing of."""

from __future__ import annotations

from typing import Any

from moto.elbv2.models import elbv2_backends

from . import ecs_sets
from .attachments import forwards
from .knobs import BadRequest
from .names import group_arn, made
from .world import World

# What a target shows besides its health: the override's state, the detection's result, whether it is being mitigated.
SHOWN = {
    "zonal-shift": {"override": "zonal_shift_active"},
    "zonal-shift-dns": {"override": "zonal_shift_delegated_to_dns"},
    "no-shift": {"override": "no_override"},
    "anomalous": {"anomaly": "anomalous", "mitigation": "no"},
    "mitigated": {"anomaly": "anomalous", "mitigation": "yes"},
    "normal": {"anomaly": "normal", "mitigation": "no"},
}


def to_tasks(world: World, given: dict[str, Any]) -> dict[str, Any]:
    wanted, action = given["taskSet"], given["action"]
    named = [s for s in world.sets if wanted in (s.ts.id, s.ts.task_set_arn, s.ts.external_id)]
    if not named:
        raise BadRequest(f"no such task set: {wanted}")
    # Of those that had the same externalId, the newest.
    sim = named[-1]
    if action == "scale":
        count = given["count"] if "count" in given else sim.service.desired_count * given["times"]
        sim.service.desired_count = int(count)
        ecs_sets.rescale(sim.service)
        world.on_change(world.now, "scaled by the test")
        return {"desiredCount": sim.service.desired_count}
    tasks = [task for task in sim.tasks if task.desired_status == "RUNNING"][: given.get("count")]
    reason = given.get("reason")
    for task in tasks:
        if action == "stop":
            task.crash(world.now, int(given.get("exitCode", 137)), reason or "Essential container in task exited")
        elif action == "unhealthy":
            task.sicken(world.now, "unhealthy", reason)
        elif action == "healthy":
            task.heal(world.now)
        elif action in SHOWN:
            vars(task).update(SHOWN[action])
        else:
            raise BadRequest(f"action is stop, unhealthy, healthy, scale, {', '.join(SHOWN)}")
    world.on_change(world.now, f"{action} by the test")
    return {"tasks": [task.arn for task in tasks]}


def to_weights(world: World, given: dict[str, dict[str, int]]) -> None:
    """Somebody else writes weights; groups that are not named keep theirs."""
    listeners = made(world)["listeners"]
    for name, wanted in given.items():
        arn = listeners.get(name, name)
        found = [
            groups
            for _, rule, groups in forwards(elbv2_backends[world.account][world.region])
            if (rule.listener_arn if rule.is_default else rule.arn) == arn
        ]
        if not found:
            raise BadRequest(f"no forward of a listener or rule {name}")
        for colour, weight in wanted.items():
            group = group_arn(world, colour)
            entry = next((one for one in found[0] if one["TargetGroupArn"] == group), None)
            if entry is None:
                entry = {"TargetGroupArn": group}
                found[0].append(entry)
            entry["Weight"] = weight
