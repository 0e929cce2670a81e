"""The load balancers of a fixture whose places have names already: groups, listeners and rules by the ARNs of a
configuration, which tell all that moto has to know of them.

    arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID
    arn:aws:elasticloadbalancing:REGION:ACCOUNT:listener/app/BALANCER/ID/ID
    arn:aws:elasticloadbalancing:REGION:ACCOUNT:listener-rule/app/BALANCER/ID/LISTENER'S ID/ID
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.elbv2.models import ELBv2Backend

from .balancing import page
from .knobs import BadRequest

if TYPE_CHECKING:
    from .plane.traffic import Traffic

GROUP = re.compile(r"arn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:targetgroup/(?P<name>[\w-]{1,32})/\w+")
FORWARD = re.compile(
    r"(?P<place>arn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}):listener(?P<rule>-rule)?"
    r"/(?P<balancer>app/(?P<name>[\w-]{1,32})/\w+)/(?P<listener>\w+)(?(rule)/\w+)"
)


class Places:
    """Takes over what an earlier fixture of the account has made by the same names: services may share a balancer."""

    def __init__(self, elb: ELBv2Backend, spec: dict[str, Any], network: dict[str, Any], traffic: Traffic) -> None:
        self.elb = elb
        self.spec = spec
        self.network = network
        self.traffic = traffic
        self.groups = {colour: read(GROUP, spec["places"]["targetGroups"][colour]) for colour in ("blue", "green")}
        listeners = spec["places"]["listeners"]
        self.forwards = {role: [read(FORWARD, arn) for arn in listeners.get(role) or []] for role in ("live", "test")}
        if not self.forwards["live"]:
            raise BadRequest("the fixture's places need a live listener")

    def build(self) -> dict[str, Any]:
        blue, green = (self.group(*named) for named in self.groups.items())
        ports = {
            # Test rules first: where live ones are on the same listener, theirs is the rest.
            role: [self.forward(role, one, first, second) for one in self.forwards[role]]
            for role, first, second in (("test", green, blue), ("live", blue, green))
        }
        arns = {role: [one[0] for one in self.forwards[role]] for role in ("live", "test")}
        first_live = self.forwards["live"][0]
        return {
            "loadBalancerArn": balancer_arn(first_live),
            "loadBalancerDns": "localhost",
            "targetGroups": {"blue": blue, "green": green},
            "foreignGroup": None,
            "listeners": {role: named[0] for role, named in arns.items() if named},
            "listenerArns": {role: listener_arn(named[0]) for role, named in self.forwards.items() if named},
            "extraListeners": arns["live"][1:] + arns["test"][1:],
            "ports": ports,
        }

    def group(self, colour: str, named: re.Match[str]) -> str:
        if named[0] not in self.elb.target_groups:
            group = self.elb.create_target_group(
                named["name"],
                vpc_id=self.network["vpc"],
                protocol="HTTP",
                port=80,
                target_type="ip" if self.spec["networkMode"] == "awsvpc" else "instance",
                healthcheck_path=self.spec["healthPath"],
            )
            group.attributes["deregistration_delay.timeout_seconds"] = str(self.spec["deregistrationDelay"])
            group.attributes |= self.spec["attributes"].get(colour, {})
            rename(self.elb.target_groups, group, named[0])
        return named[0]

    def forward(self, role: str, named: re.Match[str], first: str, second: str) -> int:
        """A listener's default rule, or a rule of its own; the port that leads there."""
        groups = [{"TargetGroupArn": first, "Weight": 100}, {"TargetGroupArn": second, "Weight": 0}]
        action = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
        if not named["rule"]:
            return int(self.listener(named, action).port)
        listener = self.listener(named, None)
        known = [rule for rule in listener.rules.values() if not rule.is_default]
        shared = listener_arn(named) in [listener_arn(one) for one in self.forwards["live"]]
        # Names below .localhost lead curl to this machine.
        host = {"Field": "host-header", "HostHeaderConfig": {"Values": ["test.localhost"]}}
        anything = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}
        wanted = host if role == "test" and shared else anything
        if wanted is anything and any(leads_elsewhere(one, first, second) for one in known):
            raise BadRequest(f"{listener.arn} leads to another service already: there is one for each listener here")
        rule = self.elb.create_rule(listener.arn, [wanted], 10 + len(known), [action])
        listener.remove_rule(rule.arn)
        rule.arn = named[0]
        listener.register(rule.arn, rule)
        return int(listener.port)

    def listener(self, named: re.Match[str], action: dict[str, Any] | None) -> Any:
        """`action`: of its default rule, where that is what the configuration names."""
        balancer, arn = self.balancer(named), listener_arn(named)
        listener = balancer.listeners.get(arn)
        if listener is None:
            actions = [action or page()]
            listener = self.elb.create_listener(
                balancer.arn, "HTTP", self.traffic.listen(), "ELBSecurityPolicy-2016-08", None, actions
            )
            rename(balancer.listeners, listener, arn)
            for rule in listener.rules.values():
                rule.listener_arn = arn
        elif action:
            # Made for a rule of it, by another service.
            self.elb.modify_listener(arn, actions=[action])
        return listener

    def balancer(self, named: re.Match[str]) -> Any:
        arn = balancer_arn(named)
        if arn not in self.elb.load_balancers:
            balancer = self.elb.create_load_balancer(
                named["name"],
                self.network["securityGroups"],
                self.network["subnets"],
                None,
                "internet-facing",
                "application",
            )
            rename(self.elb.load_balancers, balancer, arn)
            balancer.dns_name = "localhost"
            self.traffic.balancers.add(arn)
        return self.elb.load_balancers[arn]


def leads_elsewhere(rule: Any, *groups: str) -> bool:
    [action] = rule.actions
    named = {entry["TargetGroupArn"] for entry in action.data["ForwardConfig"]["TargetGroups"]}
    return not named & set(groups)


def read(pattern: re.Pattern[str], arn: str) -> re.Match[str]:
    found = pattern.fullmatch(arn)
    if found is None:
        raise BadRequest(f"{arn!r} is no ARN of an Application Load Balancer's group, listener or rule")
    return found


def balancer_arn(named: re.Match[str]) -> str:
    return f"{named['place']}:loadbalancer/{named['balancer']}"


def listener_arn(named: re.Match[str]) -> str:
    return f"{named['place']}:listener/{named['balancer']}/{named['listener']}"


def rename(kept: dict[str, Any], thing: Any, arn: str) -> None:
    """moto makes up an ARN, and keeps things by it."""
    del kept[thing.arn]
    thing.arn = arn
    kept[arn] = thing
