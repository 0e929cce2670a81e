"""What tests call things, and what AWS calls them."""

from __future__ import annotations

from typing import Any

from .knobs import BadRequest
from .world import World


def made(world: World, service: str | None = None) -> dict[str, Any]:
    """What a fixture of the account returned: the last one's, unless the service is named."""
    found = world.fixtures.get(service) if service else next(reversed(world.fixtures.values()), None)
    if found is None:
        raise BadRequest(f"no fixture made {service or 'anything'} in this account")
    return found


def group_arn(world: World, name: str, service: str | None = None) -> str:
    """A target group: `blue`, `green` or `other` of a fixture, or any one's ARN."""
    if name.startswith("arn:"):
        return name
    fixture = made(world, service)
    groups = {**fixture["targetGroups"], "other": fixture["foreignGroup"]}
    if not groups.get(name):
        raise BadRequest(f"a target group is blue, green, other (if the fixture has it) or an ARN, not {name!r}")
    return groups[name]


def dimensions(world: World, group: str) -> list[dict[str, str]]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html,
    "Metric dimensions": the final portions of the ARNs. A group's readings stay when it hangs on nothing any more."""
    for fixture in world.fixtures.values():
        if group in (*fixture["targetGroups"].values(), fixture["foreignGroup"]):
            balancer = fixture["loadBalancerArn"].split(":loadbalancer/")[1]
            return [{"Name": "TargetGroup", "Value": group.split(":")[-1]}, {"Name": "LoadBalancer", "Value": balancer}]
    raise BadRequest(f"no fixture made the group {group}")
