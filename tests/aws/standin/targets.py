"""Target health that follows the tasks, in place of moto's, which knows only `healthy`."""

from __future__ import annotations

import ipaddress
from typing import Any

from moto.elbv2.exceptions import TargetGroupNotFoundError
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus

from .attachments import balancers_of
from .tasks import TaskSim
from .world import worlds

plain_describe = ELBv2Backend.describe_target_health
plain_groups = ELBv2Backend.describe_target_groups


def tasks_in(account: str, group: str) -> list[TaskSim]:
    world = worlds.known(account)
    sims = world.sets if world else []
    return [task for sim in sims if sim.group == group for task in sim.tasks if task.target]


def describe_target_health(
    self: ELBv2Backend, target_group_arn: str, targets: list[dict[str, Any]]
) -> list[FakeHealthStatus]:
    group = self.target_groups.get(target_group_arn)
    if group is None:
        raise TargetGroupNotFoundError()
    attached = bool(balancers_of(self, target_group_arn))
    found, wanted = [], {target["Id"] for target in targets}
    for task in tasks_in(self.account_id, target_group_arn):
        if not wanted or task.address in wanted:
            state, reason, description = task.health(attached)
            # In full, as one may write it: nothing says how ELB does.
            shown = ipaddress.ip_address(task.address).exploded if task.ipv6 else task.address
            found.append(FakeHealthStatus(shown, str(task.port), str(task.port), state, reason, description))
    # Targets that a test registered by hand keep moto's answer.
    if group.targets or (targets and not found):
        found += plain_describe(self, target_group_arn, targets)
    return found


def describe_target_groups(self: ELBv2Backend, *args: Any, **kwargs: Any) -> Any:
    # moto notes the load balancer only when a listener or rule is created; AWS shows what is attached now.
    for group in self.target_groups.values():
        group.load_balancer_arns = balancers_of(self, group.arn)
    return plain_groups(self, *args, **kwargs)


def install() -> None:
    ELBv2Backend.describe_target_health = describe_target_health  # type: ignore[method-assign]
    ELBv2Backend.describe_target_groups = describe_target_groups  # type: ignore[method-assign]
