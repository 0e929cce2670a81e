"""What the load balancer refuses in a list of actions, and what it never shows: moto checks next to nothing here.

Codes are from the API model's error lists of ModifyListener, ModifyRule and CreateRule; see aws-rules, "Load balancer".
"""

from __future__ import annotations

from typing import Any

from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend, FakeAction
from moto.elbv2.responses import ELBV2Response

from .attachments import balancers_of, forwards, groups_of

plain_modify_listener = ELBV2Response.modify_listener
plain_modify_rule = ELBV2Response.modify_rule
plain_create_listener = ELBV2Response.create_listener
plain_create_rule = ELBV2Response.create_rule
plain_validate = ELBv2Backend._validate_actions

TERMINAL = {"forward", "redirect", "fixed-response"}


def refuse(code: str, message: str) -> None:
    raise ELBClientError(code, message)


def check_actions(elb: ELBv2Backend, balancer: Any, actions: list[dict[str, Any]]) -> None:
    last = [action.get("Type") in TERMINAL for action in actions]
    if actions and last != [False] * (len(actions) - 1) + [True]:
        # model, CreateRule.Actions: exactly one of forward, redirect, fixed-response, performed last.
        refuse("InvalidLoadBalancerAction", "The last action must be the only forward, redirect or fixed-response.")
    for action in actions:
        if action.get("Type") == "forward":
            check_forward(elb, balancer, action)
    named = {g["TargetGroupArn"] for action in actions for g in groups_of(action)}
    used = {g["TargetGroupArn"] for other, _, groups in forwards(elb) if other is balancer for g in groups}
    if len(used | named) > max(100, len(used)):
        # aws-rules: 100 groups on a load balancer.
        refuse(
            "TooManyUniqueTargetGroupsPerLoadBalancer",
            "The maximum number of unique target groups for the load balancer was reached.",
        )


def check_forward(elb: ELBv2Backend, balancer: Any, action: dict[str, Any]) -> None:
    groups = groups_of(action)
    arns = [group["TargetGroupArn"] for group in groups]
    if not groups:
        refuse("ValidationError", "A forward action must have a target group.")
    if len(groups) > 5:
        # aws-rules: at most five groups in an action. The words are not AWS's.
        refuse("ValidationError", "A forward action can have at most 5 target groups.")
    if len(set(arns)) != len(arns):
        refuse("ValidationError", "A target group is named more than once in a forward action.")
    own = action.get("TargetGroupArn")
    if own and action.get("ForwardConfig") and arns != [own]:
        # model, Action.ForwardConfig: with both, only one group, the same.
        refuse("ValidationError", "With TargetGroupArn, ForwardConfig may name only that same target group.")
    for group in groups:
        weight = group.get("Weight", 1)
        if not 0 <= int(weight) <= 999:
            refuse("ValidationError", f"Weight '{weight}' must be between 0 and 999 inclusive.")
        if group["TargetGroupArn"] not in elb.target_groups:
            refuse("TargetGroupNotFound", "One or more target groups not found")
        check_group(elb, balancer, elb.target_groups[group["TargetGroupArn"]])
    check_stickiness(elb, action, arns)


def check_group(elb: ELBv2Backend, balancer: Any, group: Any) -> None:
    if [arn for arn in balancers_of(elb, group.arn) if arn != balancer.arn]:
        # aws-rules: one load balancer for a group. AWS's words, as users report them.
        refuse(
            "TargetGroupAssociationLimit",
            f"The following target groups cannot be associated with more than one load balancer: {group.arn}",
        )
    network = balancer.type == "network"
    if network != (group.protocol in ("TCP", "UDP", "TCP_UDP", "TLS")):
        refuse("IncompatibleProtocols", f"The target group {group.arn} does not fit the load balancer's protocol.")
    if group.vpc_id and balancer.vpc_id and group.vpc_id != balancer.vpc_id:
        refuse("InvalidConfigurationRequest", "The target group is in another VPC than the load balancer.")


def check_stickiness(elb: ELBv2Backend, action: dict[str, Any], arns: list[str]) -> None:
    sticky = (action.get("ForwardConfig") or {}).get("TargetGroupStickinessConfig") or {}
    if sticky.get("Enabled"):
        seconds = sticky.get("DurationSeconds")
        if seconds is None or not 1 <= int(seconds) <= 604800:
            # model: 1 to 604800 seconds, 7 days.
            refuse("ValidationError", "Target group stickiness duration must be between 1 and 604800 seconds.")
    elif len(arns) > 1:
        for arn in arns:
            if elb.target_groups[arn].attributes.get("stickiness.enabled") == "true":
                # aws-rules [V]: with several groups, target stickiness needs group stickiness.
                refuse(
                    "InvalidConfigurationRequest",
                    "You must enable target group stickiness on a forward action with several target groups if one of "
                    f"them has target stickiness enabled: {arn}",
                )


def seal(actions: list[dict[str, Any]], before: list[Any] | None) -> None:
    """Keeps client secrets from ever being shown: aws-rules [V], "the client secret is never returned"."""
    for action in actions:
        config = action.get("AuthenticateOidcConfig")
        if config is None:
            continue
        existing = config.pop("UseExistingClientSecret", None)
        secret = config.pop("ClientSecret", None)
        if existing and secret:
            refuse("InvalidLoadBalancerAction", "ClientSecret must not be given with UseExistingClientSecret.")
        if existing:
            if not any(old.type == "authenticate-oidc" for old in before or []):
                refuse("InvalidLoadBalancerAction", "There is no existing client secret to use.")
        elif not secret:
            # model: required when a rule is created, and when it is changed unless UseExistingClientSecret is true.
            refuse("InvalidLoadBalancerAction", "A client secret must be specified for an authenticate-oidc action.")


def validate_actions(self: ELBv2Backend, actions: list[FakeAction]) -> None:
    # moto does not know jwt-validation, which must survive in order as any other action (aws-rules).
    plain_validate(self, [action for action in actions if action.type != "jwt-validation"])


def balancer_of(elb: ELBv2Backend, listener_arn: str) -> Any:
    listener = elb.describe_listeners(None, [listener_arn])[0]
    return elb.load_balancers[listener.load_balancer_arn]


def modify_listener(self: ELBV2Response) -> Any:
    arn, actions = self._get_param("ListenerArn"), self._get_param("DefaultActions", [])
    elb = self.elbv2_backend
    balancer = balancer_of(elb, arn)
    check_actions(elb, balancer, actions)
    seal(actions, balancer.listeners[arn].default_actions)
    return plain_modify_listener(self)


def modify_rule(self: ELBV2Response) -> Any:
    arn, elb = self._get_param("RuleArn"), self.elbv2_backend
    actions = self._get_param("Actions", [])
    rule = elb.describe_rules(None, [arn])[0]
    if rule.is_default:
        # aws-rules [V]: ModifyRule on a default rule is refused; users will pass its ARN, DescribeRules shows it.
        refuse("OperationNotPermitted", f"Default rule '{arn}' cannot be modified")
    check_actions(elb, balancer_of(elb, rule.listener_arn), actions)
    seal(actions, rule.actions)
    return plain_modify_rule(self)


def create_listener(self: ELBV2Response) -> Any:
    elb, actions = self.elbv2_backend, self._get_param("DefaultActions", [])
    balancer = elb.load_balancers.get(self._get_param("LoadBalancerArn"))
    if balancer:
        check_actions(elb, balancer, actions)
    seal(actions, None)
    return plain_create_listener(self)


def create_rule(self: ELBV2Response) -> Any:
    elb, actions = self.elbv2_backend, self._get_param("Actions", [])
    check_actions(elb, balancer_of(elb, self._get_param("ListenerArn")), actions)
    seal(actions, None)
    return plain_create_rule(self)


def install() -> None:
    ELBv2Backend._validate_actions = validate_actions  # type: ignore[method-assign]
    for handler in (modify_listener, modify_rule, create_listener, create_rule):
        setattr(ELBV2Response, handler.__name__, handler)
