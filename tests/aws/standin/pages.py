"""Pages and limits where moto gives everything at once, and an ECR token that has not expired."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from moto.core.responses import ActionResult
from moto.ecr.responses import ECRResponse
from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.responses import ELBV2Response

from .world import stamp, worlds

plain_listeners = ELBV2Response.describe_listeners
plain_groups = ELBV2Response.describe_target_groups
plain_rules = ELBV2Response.describe_rules
plain_token = ECRResponse.get_authorization_token


def paged(self: ELBV2Response, key: str, result: ActionResult) -> ActionResult:
    """aws-rules: Marker and PageSize, at most 400. The knob pageSize makes every page smaller."""
    found: list[Any] = list(result.result[key])  # type: ignore[index]
    size = min(int(self._get_param("PageSize") or 400), 400)
    size = min(size, worlds.get(self.current_account).knobs.pageSize or size)
    start = int(self._get_param("Marker") or 0)
    answer: dict[str, Any] = {key: found[start : start + size]}
    if start + size < len(found):
        answer["NextMarker"] = str(start + size)
    return ActionResult(answer)


def at_most(self: ELBV2Response, parameter: str, what: str) -> None:
    """The words of DescribeTargetGroups [U: amazon.aws #1593]; that listeners and rules have the same limit [I]."""
    if len(self._get_param(parameter, [])) > 20:
        raise ELBClientError("ValidationError", f"You cannot describe more than '20' {what} at a time")


def describe_listeners(self: ELBV2Response) -> ActionResult:
    at_most(self, "ListenerArns", "listeners")
    return paged(self, "Listeners", plain_listeners(self))


def describe_target_groups(self: ELBV2Response) -> ActionResult:
    at_most(self, "TargetGroupArns", "target groups")
    return paged(self, "TargetGroups", plain_groups(self))


def describe_rules(self: ELBV2Response) -> ActionResult:
    at_most(self, "RuleArns", "rules")
    found = self.elbv2_backend.describe_rules(self._get_param("ListenerArn"), self._get_param("RuleArns"))
    return paged(self, "Rules", ActionResult({"Rules": found}))


def get_authorization_token(self: ECRResponse) -> Any:
    result = plain_token(self)
    now = worlds.get(self.current_account).now
    if isinstance(result, ActionResult):
        for data in result.result["authorizationData"]:  # type: ignore[index]
            # moto's lies in 2015; the model: a token is valid for 12 hours.
            data["expiresAt"] = stamp(now) + timedelta(hours=12)
    return result


def install() -> None:
    for handler in (describe_listeners, describe_target_groups, describe_rules):
        setattr(ELBV2Response, handler.__name__, handler)
    ECRResponse.get_authorization_token = get_authorization_token  # type: ignore[method-assign]
