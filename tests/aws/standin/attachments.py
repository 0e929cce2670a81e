"""What CreateTaskSet checks about load balancer and network, and how target groups hang on load balancers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ecs.exceptions import InvalidParameterException
from moto.elbv2.models import ELBv2Backend, elbv2_backends


def forwards(elb: ELBv2Backend) -> Iterator[tuple[Any, Any, list[dict[str, Any]]]]:
    """Each forward of each rule: its load balancer, listener and groups, as {TargetGroupArn, Weight}."""
    for balancer in elb.load_balancers.values():
        for listener in balancer.listeners.values():
            for rule in listener.rules.values():
                for action in rule.actions:
                    if action.type == "forward":
                        yield balancer, rule, groups_of(action.data)


def groups_of(action: dict[str, Any]) -> list[dict[str, Any]]:
    """A forward may be given as a bare TargetGroupArn or as ForwardConfig."""
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups")
    if groups:
        return groups
    return [{"TargetGroupArn": action["TargetGroupArn"], "Weight": 1}] if action.get("TargetGroupArn") else []


def balancers_of(elb: ELBv2Backend, group: str) -> list[str]:
    """The load balancers that the group hangs on. moto only notes it on creation, so it is asked of the rules."""
    found = {balancer.arn for balancer, _, groups in forwards(elb) if any(g["TargetGroupArn"] == group for g in groups)}
    return sorted(found)


def check(backend: Any, params: dict[str, Any], definition: Any) -> None:
    network = (params.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if definition.network_mode == "awsvpc" and not (network and network.get("subnets")):
        raise InvalidParameterException(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        )
    balancers = params.get("loadBalancers") or []
    if len(balancers) > 1:
        # aws-rules [V]: one target group per task set.
        raise InvalidParameterException("load balancers can have at most 1 items.")
    for balancer in balancers:
        check_group(backend, balancer, definition)


def check_group(backend: Any, balancer: dict[str, Any], definition: Any) -> None:
    if balancer.get("loadBalancerName") or not balancer.get("targetGroupArn"):
        # aws-rules [V]: with targetGroupArn and without loadBalancerName.
        raise InvalidParameterException("loadBalancers must have a targetGroupArn and no loadBalancerName.")
    arn, elb = balancer["targetGroupArn"], elbv2_backends[backend.account_id][backend.region_name]
    if arn not in elb.target_groups:
        raise InvalidParameterException(f"The target group {arn} does not exist.")
    if not balancers_of(elb, arn):
        # aws-rules [V]: the group must hang on a listener or rule before; Terraform retries this message.
        raise InvalidParameterException(
            f"The target group with targetGroupArn {arn} does not have an associated load balancer."
        )
    name, port = balancer.get("containerName"), balancer.get("containerPort")
    container = next((c for c in definition.container_definitions if c["name"] == name), None)
    if container is None:
        raise InvalidParameterException(f"The container {name} does not exist in the task definition.")
    if port not in [mapping.get("containerPort") for mapping in container.get("portMappings", [])]:
        raise InvalidParameterException(f"The container {name} did not have a container port {port} defined.")
    if (definition.network_mode == "awsvpc") != (elb.target_groups[arn].target_type == "ip"):
        raise InvalidParameterException(
            f"The provided target group {arn} has target type {elb.target_groups[arn].target_type}, which is "
            f"incompatible with the {definition.network_mode} network mode specified in the task definition."
        )
