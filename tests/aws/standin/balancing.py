"""The load balancer of a fixture: groups, listeners, rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.elbv2.models import ELBv2Backend

if TYPE_CHECKING:
    from .plane.traffic import Traffic

PAGE = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"}}


class Balancing:
    def __init__(
        self,
        elb: ELBv2Backend,
        spec: dict[str, Any],
        vpc: str,
        subnets: list[str],
        security: str,
        traffic: Traffic | None,
    ) -> None:
        self.elb = elb
        self.spec = spec
        self.vpc = vpc
        self.traffic = traffic
        self.network = spec["loadBalancerType"] == "network"
        self.balancer = elb.create_load_balancer(
            spec["name"],
            [] if self.network else [security],
            subnets,
            None,
            "internet-facing",
            spec["loadBalancerType"],
        )
        if traffic:
            # Not a name below .localhost: curl knows those, most resolvers do not.
            self.balancer.dns_name = "localhost"
            traffic.balancers.add(self.balancer.arn)

    def build(self) -> dict[str, Any]:
        spec = self.spec
        self.blue, self.green = self.group("blue"), self.group("green")
        self.foreign = self.group("other") if spec["foreignGroup"] else None
        live_listener = self.listener(443 if spec["authenticate"] else 80, self.blue, self.green)
        live = self.rule(live_listener, self.blue, self.green) if spec["rule"] else live_listener.arn
        listeners: dict[str, Any] = {"live": live}
        ports = {"live": [live_listener.port]}
        if spec["test"]:
            test_listener = self.listener(9000, self.green, self.blue)
            ports["test"] = [test_listener.port]
            listeners["test"] = self.rule(test_listener, self.green, self.blue) if spec["rule"] else test_listener.arn
        extra = [self.listener(8001 + n, self.blue, self.green).arn for n in range(spec["extraListeners"])]
        for n in range(spec["extraRules"]):
            conditions = [{"Field": "path-pattern", "Values": [f"/extra/{n}/*"]}]
            self.elb.create_rule(live_listener.arn, conditions, 100 + n, [self.page()])
        return {
            "loadBalancerArn": self.balancer.arn,
            "loadBalancerDns": self.balancer.dns_name,
            "targetGroups": {"blue": self.blue, "green": self.green},
            "foreignGroup": self.foreign,
            "listeners": listeners,
            "listenerArns": {"live": live_listener.arn, **({"test": test_listener.arn} if spec["test"] else {})},
            "extraListeners": extra,
            "ports": ports,
        }

    def group(self, colour: str) -> str:
        group = self.elb.create_target_group(
            f"{self.spec['name']}-{colour}",
            vpc_id=self.vpc,
            protocol="TCP" if self.network else "HTTP",
            port=80,
            target_type="ip" if self.spec["networkMode"] == "awsvpc" else "instance",
            healthcheck_path=None if self.network else self.spec["healthPath"],
            ip_address_type="ipv6" if self.spec["ipv6"] else None,
        )
        group.attributes["deregistration_delay.timeout_seconds"] = str(self.spec["deregistrationDelay"])
        group.attributes |= self.spec["attributes"].get(colour, {})
        if self.spec["slowStart"]:
            group.attributes["slow_start.duration_seconds"] = str(self.spec["slowStart"])
        if self.spec["targetStickiness"]:
            group.attributes["stickiness.enabled"] = "true"
        return group.arn

    @staticmethod
    def page() -> dict[str, Any]:
        return {**PAGE, "FixedResponseConfig": dict(PAGE["FixedResponseConfig"])}

    def forward(self, first: str, second: str) -> dict[str, Any]:
        spec = self.spec
        if spec["bare"]:
            # The older form: one group, no weights. The other one is then in no forward.
            return {"Type": "forward", "TargetGroupArn": first}
        groups = [{"TargetGroupArn": first, "Weight": 100}]
        if spec["greenAttached"]:
            # Both groups in both forwards, the idle one at weight 0 (aws-rules).
            groups.append({"TargetGroupArn": second, "Weight": 0})
        if self.foreign:
            groups.append({"TargetGroupArn": self.foreign, "Weight": spec["foreignWeight"]})
        seconds = spec["stickinessSeconds"]
        sticky = {"Enabled": True, "DurationSeconds": seconds} if seconds else {"Enabled": False}
        return {"Type": "forward", "ForwardConfig": {"TargetGroups": groups, "TargetGroupStickinessConfig": sticky}}

    def actions(self, port: int, first: str, second: str) -> list[dict[str, Any]]:
        forward = self.forward(first, second)
        if port != 443:
            return [forward]
        oidc = {
            "Issuer": "https://id.example.com",
            "AuthorizationEndpoint": "https://id.example.com/authorize",
            "TokenEndpoint": "https://id.example.com/token",
            "UserInfoEndpoint": "https://id.example.com/user",
            "ClientId": "client",
            "SessionTimeout": 3600,
            "Scope": "openid",
        }
        # The secret is not among them: AWS keeps it and never shows it (aws-rules).
        authenticate = {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": oidc}
        return [authenticate, {**forward, "Order": 2}]

    def listener(self, port: int, first: str, second: str) -> Any:
        if self.traffic:
            port = self.traffic.listen()
        actions = [self.page()] if self.spec["rule"] else self.actions(port, first, second)
        protocol = "TCP" if self.network else "HTTP"
        listener = self.elb.create_listener(
            self.balancer.arn, protocol, port, "ELBSecurityPolicy-2016-08", None, actions
        )
        if port == 443:
            # A certificate would have to exist in moto's ACM only to be named here.
            certificate = f"arn:aws:acm:{self.elb.region_name}:{self.elb.account_id}:certificate/standin"
            listener.protocol, listener.certificate, listener.certificates = "HTTPS", certificate, [certificate]
        return listener

    def rule(self, listener: Any, first: str, second: str) -> str:
        conditions = [{"Field": "path-pattern", "Values": ["/*"]}]
        return self.elb.create_rule(listener.arn, conditions, 10, self.actions(listener.port, first, second)).arn
