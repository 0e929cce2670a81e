"""What users are answered without `traffic`: nothing listens at the load balancer's name, and curl is led here."""

from __future__ import annotations

import json
from typing import Any

from moto.elbv2.models import elbv2_backends

from .desk import Desk
from .history import task_sets, weights
from .knobs import BadRequest
from .wire import Reply


def answer(desk: Desk, host: str) -> Reply:
    """One of a version that the weights of this moment can lead to."""
    account, region = desk.world.account, desk.world.region
    forward = weights(account, region).get(listener(desk, host), {})
    groups = {group for group, weight in forward.items() if weight > 0}
    serving = [one for one in task_sets(account, region) if one["targetGroupArn"] in groups and one["healthy"]]
    if not serving:
        return 503, [("Content-Type", "text/plain")], b"no healthy target\n"
    body = {"taskSet": serving[0]["id"], "deployment": serving[0]["externalId"]}
    return 200, [("Content-Type", "application/json")], json.dumps(body).encode()


def listener(desk: Desk, host: str) -> Any:
    name, _, port = host.partition(":")
    for balancer in elbv2_backends[desk.world.account][desk.world.region].load_balancers.values():
        for one in balancer.listeners.values():
            if balancer.dns_name == name and str(one.port) == (port or "80"):
                return one.arn
    raise BadRequest(f"no such listener: {host}")
