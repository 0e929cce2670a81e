"""Target health that follows the tasks, in place of moto's, which knows only `healthy`."""

from __future__ import annotations

import ipaddress
from typing import Any

from moto.core.responses import ActionResult
from moto.elbv2.exceptions import ELBClientError, TargetGroupNotFoundError
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup
from moto.elbv2.responses import ELBV2Response

from .attachments import balancers_of
from .tasks import TaskSim
from .world import worlds

plain_describe = ELBv2Backend.describe_target_health
plain_shown = ELBV2Response.describe_target_health
plain_make = FakeTargetGroup.__init__
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
            one = FakeHealthStatus(shown, str(task.port), str(task.port), state, reason, description)
            vars(one).update(task.shown())
            found.append(one)
    # Targets that a test registered by hand keep moto's answer.
    if group.targets or (targets and not found):
        found += plain_describe(self, target_group_arn, targets)
    return found


def describe_shown(self: ELBV2Response) -> ActionResult:
    """model, DescribeTargetHealth.Include: "Used to include anomaly detection information." """
    include = self._get_param("Include", [])
    if unknown := set(include) - {"AnomalyDetection", "All"}:
        # [I] the words are those of AWS's other services.
        raise ELBClientError(
            "ValidationError", f"Member must satisfy enum value set: [AnomalyDetection, All]: {unknown}"
        )
    result = plain_shown(self)
    if not include:
        for one in result.result["TargetHealthDescriptions"]:  # type: ignore[index]
            vars(one).pop("anomaly_detection", None)
    return result


def attributes(group: FakeTargetGroup) -> dict[str, str]:
    """model, TargetGroupAttribute.Key: the defaults that it names, of a group of addresses or instances."""
    found = {
        "deregistration_delay.timeout_seconds": "300",
        "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
        "stickiness.enabled": "false",
        "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
        "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
    }
    if group.protocol in ("HTTP", "HTTPS"):
        return found | {
            "load_balancing.algorithm.anomaly_mitigation": "off",
            "load_balancing.algorithm.type": "round_robin",
            "slow_start.duration_seconds": "0",
            "stickiness.app_cookie.cookie_name": "",
            "stickiness.app_cookie.duration_seconds": "86400",
            "stickiness.lb_cookie.duration_seconds": "86400",
            "stickiness.type": "lb_cookie",
        }
    return found | {
        "deregistration_delay.connection_termination.enabled": "false",
        "preserve_client_ip.enabled": "true" if group.target_type == "instance" else "false",
        "proxy_protocol_v2.enabled": "false",
        "stickiness.type": "source_ip",
        "target_health_state.unhealthy.connection_termination.enabled": "true",
        "target_health_state.unhealthy.draining_interval_seconds": "0",
    }


def make_group(self: FakeTargetGroup, *args: Any, **kwargs: Any) -> None:
    plain_make(self, *args, **kwargs)
    self.attributes = attributes(self)


def describe_target_groups(self: ELBv2Backend, *args: Any, **kwargs: Any) -> Any:
    # moto notes the load balancer only when a listener or rule is created; AWS shows what is attached now.
    for group in self.target_groups.values():
        group.load_balancer_arns = balancers_of(self, group.arn)
    return plain_groups(self, *args, **kwargs)


def install() -> None:
    ELBV2Response.describe_target_health = describe_shown  # type: ignore[method-assign]
    FakeTargetGroup.__init__ = make_group  # type: ignore[method-assign]
    ELBv2Backend.describe_target_health = describe_target_health  # type: ignore[method-assign]
    ELBv2Backend.describe_target_groups = describe_target_groups  # type: ignore[method-assign]
