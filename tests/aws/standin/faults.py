"""Faults that a test orders, and hooks that hold a call at a known instant."""

from __future__ import annotations

import os
import select
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import Any

from .knobs import BadRequest
from .recorder import Call
from .wire import Reply, error

# kind: (status, code for JSON services, code for query services, message)
ERRORS: dict[str, tuple[int, str, str, str]] = {
    # aws-rules: ECS ThrottlingException; ELB `Throttling`, newly `ThrottlingException`.
    "throttle": (400, "ThrottlingException", "Throttling", "Rate exceeded"),
    "throttle-new": (400, "ThrottlingException", "ThrottlingException", "Rate exceeded"),
    "500": (500, "ServerException", "InternalFailure", "An internal error occurred."),
    "503": (503, "ServerException", "ServiceUnavailable", "Service Unavailable"),
    "expired": (
        400,
        "ExpiredTokenException",
        "ExpiredToken",
        "The security token included in the request is expired",
    ),
    "invalid-token": (
        400,
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
    ),
    "access-denied": (
        400,
        "AccessDeniedException",
        "AccessDenied",
        "User: arn:aws:sts::000000000000:assumed-role/standin/test is not authorized to perform this action",
    ),
    # Errors without a code of their own that must be retried (aws-rules, "Errors, retries, rates").
    "concurrent-revision": (
        400,
        "ClientException",
        "ClientException",
        "Too many concurrent attempts to create a new revision of the specified family.",
    ),
    "not-associated": (
        400,
        "InvalidParameterException",
        "InvalidParameterException",
        "The target group with targetGroupArn arn does not have an associated load balancer.",
    ),
    "service-linked-role": (
        400,
        "InvalidParameterException",
        "InvalidParameterException",
        "Unable to assume the service linked role. Please verify that the ECS service linked role exists.",
    ),
}
WIRE = {"refused", "reset-before", "lost-reply", "delay", "delay-before", "truncate", "html"}
# Credential errors of query services come as 403, and so it is taken to be for those that speak CBOR besides [I].
FORBIDDEN = {"expired", "invalid-token", "access-denied"}


@dataclass
class Fault:
    operation: str
    kind: str
    nth: int = 1
    times: int = 1
    seconds: float = 1.0
    status: int | None = None
    code: str | None = None
    message: str | None = None
    applied: bool = False
    service: str | None = None
    seen: int = field(default=0, init=False)

    @classmethod
    def read(cls, given: dict[str, Any]) -> Fault:
        try:
            fault = cls(**given)
        except TypeError as error:
            raise BadRequest(f"fault {given}: {error}") from None
        if fault.kind not in ERRORS and fault.kind not in WIRE and fault.kind != "error":
            raise BadRequest(f"fault kind {fault.kind!r} is not one of {sorted(set(ERRORS) | WIRE | {'error'})}")
        return fault

    def hits(self, call: Call) -> bool:
        if self.operation not in ("*", call.operation) or (self.service and self.service != call.service):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times

    def answer(self, call: Call) -> Reply:
        """The reply in place of AWS's own."""
        if self.kind == "html":
            page = "<!DOCTYPE html><html><head><title>Proxy</title></head><body><h1>Sign in</h1></body></html>"
            return self.status or 200, [("Content-Type", "text/html")], page.encode()
        status, json_code, query_code, message = ERRORS.get(
            self.kind, (400, "ClientException", "ValidationError", "Ordered by a test.")
        )
        if call.protocol != "json" and self.kind in FORBIDDEN:
            status = 403
        return error(
            call, self.status or status, self.code or json_code, self.message or message, self.code or query_code
        )


@dataclass
class Hook:
    operation: str
    file: str | None = None
    nth: int = 1
    when: str = "before"
    # Control calls: [{"call": "alarms", "body": […]}].
    do: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 20.0
    by: str | None = None
    seen: int = field(default=0, init=False)

    @classmethod
    def read(cls, given: dict[str, Any]) -> Hook:
        try:
            hook = cls(**given)
        except TypeError as problem:
            raise BadRequest(f"hook {given}: {problem}") from None
        if hook.when not in ("before", "after"):
            raise BadRequest("a hook's `when` is before or after")
        if not hook.file and not hook.do:
            raise BadRequest("a hook has a file, which holds the call, or something to do")
        return hook

    def hits(self, call: Call) -> bool:
        if self.operation not in ("*", call.operation) or (self.by and self.by != call.by):
            return False
        self.seen += 1
        return self.seen == self.nth

    def hold(self) -> None:
        """Shows that the call is here, and waits until it may go on."""
        if not self.file:
            return
        with open(self.file, "w", encoding="utf-8"):
            pass
        until = time.monotonic() + self.seconds
        while time.monotonic() < until and not os.path.exists(self.file + ".go"):
            time.sleep(0.005)


def caller_is_gone(connection: socket.socket) -> bool:
    """Whether the caller has closed its end: a process that was killed, for one."""
    try:
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True


def cut(connection: socket.socket, reset: bool) -> None:
    """Ends the connection without another byte; with a reset, the caller sees ECONNRESET."""
    try:
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # The server keeps references of its own to the socket, and close() would wait for them.
            os.close(connection.detach())
        else:
            connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
