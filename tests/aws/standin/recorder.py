"""What was called: service, operation, parameters, and how it ended."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from cbor2 import CBORDecodeError

from . import wire

READS = ("Describe", "List", "Get", "BatchGet", "BatchCheck", "AssumeRole")
# The SDKs add `app/NAME` where AWS_SDK_UA_APP_ID names the application.
APPLICATION = re.compile(r"(?:^| )app/([^ ]+)")
# https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
RPC = re.compile(r"/service/[^/]+/operation/([^/]+)$")
SCOPE = re.compile(r"Credential=([^/,\s]+)/\d*/([^/]*)/([^/]*)/aws4_request")
QUERY_SERVICES = {"2015-12-01": "elasticloadbalancing", "2011-06-15": "sts", "2016-11-15": "ec2", "2010-05-08": "iam"}


@dataclass
class Call:
    service: str
    operation: str
    region: str
    key: str | None
    params: Any
    # "json", "query" or "cbor"
    protocol: str
    by: str | None = None
    # Whether the caller of a CBOR service wants to be told the codes of the query protocol.
    query_mode: bool = False

    @property
    def mutating(self) -> bool:
        return not self.operation.startswith(READS)


def read(environ: dict[str, Any], body: bytes) -> Call:
    call = decode(environ, body)
    application = APPLICATION.search(environ.get("HTTP_USER_AGENT", ""))
    call.by = application.group(1) if application else None
    call.query_mode = environ.get("HTTP_X_AMZN_QUERY_MODE") == "true"
    return call


def decode(environ: dict[str, Any], body: bytes) -> Call:
    key = region = service = None
    found = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if found:
        key, region, service = found.groups()
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        prefix, operation = target.rsplit(".", 1) if "." in target else ("", target)
        service = service or ("ecs" if "EC2ContainerService" in prefix else "ecr")
        try:
            params = json.loads(body or b"{}")
        except ValueError:
            params = {"unreadable": body.decode("utf-8", "replace")}
        return Call(service, operation, region or "", key, params, "json")
    rpc = RPC.match(environ.get("PATH_INFO", ""))
    if rpc and environ.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor":
        try:
            params = wire.read(body)
        except (CBORDecodeError, ValueError):
            params = {"unreadable": body.hex()}
        return Call(service or "unknown", rpc.group(1), region or "", key, params, "cbor")
    text = body.decode("utf-8", "replace") or environ.get("QUERY_STRING", "")
    pairs = dict(parse_qsl(text, keep_blank_values=True))
    operation = pairs.pop("Action", environ.get("REQUEST_METHOD", "") + " " + environ.get("PATH_INFO", ""))
    version = pairs.pop("Version", "")
    service = service or QUERY_SERVICES.get(version, "unknown")
    return Call(service, operation, region or "", key, nested(pairs), "query")


def nested(pairs: dict[str, str]) -> Any:
    """`Actions.member.1.Type=forward` as {"Actions": [{"Type": "forward"}]}."""
    tree: dict[str, Any] = {}
    for name, value in pairs.items():
        parts = name.split(".")
        node = tree
        for part in parts[:-1]:
            below = node.get(part)
            if not isinstance(below, dict):
                below = node[part] = {}
            node = below
        node[parts[-1]] = value
    return lists(tree)


def lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if set(node) == {"member"} and isinstance(node["member"], dict):
        members = node["member"]
        return [lists(members[index]) for index in sorted(members, key=lambda n: int(n) if n.isdigit() else 0)]
    return {name: lists(value) for name, value in node.items()}


def error_code(status: int, body: bytes) -> str | None:
    if status < 400:
        return None
    text = body.decode("utf-8", "replace")
    found = re.search(r"<Code>([^<]+)</Code>", text)
    if found:
        return found.group(1)
    try:
        answer = json.loads(text) if text.startswith("{") else wire.read(body)
        return (answer.get("__type") or "").rsplit("#", 1)[-1] or str(status)
    except (CBORDecodeError, ValueError, AttributeError):
        return str(status)


class Recorder:
    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self._count = 0

    def add(self, call: Call, at: float) -> dict[str, Any]:
        self._count += 1
        entry = {
            "n": self._count,
            "by": call.by,
            "service": call.service,
            "operation": call.operation,
            "region": call.region,
            "mutating": call.mutating,
            "params": call.params,
            "status": None,
            "error": None,
            "fault": None,
            "applied": False,
            "at": at,
        }
        self.calls.append(entry)
        return entry

    def clear(self) -> None:
        self.calls.clear()
        self._count = 0
