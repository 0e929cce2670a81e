"""How each protocol writes a result and an error, and reads RPC v2 CBOR."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import cbor2

if TYPE_CHECKING:
    from .recorder import Call

Reply = tuple[int, list[tuple[str, str]], bytes]

# https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html: the response bears the protocol's header, too.
CBOR = [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")]


def read(body: bytes) -> Any:
    """Timestamps become seconds, as the JSON protocol has them."""
    return plain(cbor2.loads(body)) if body else {}


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, dict):
        return {key: plain(below) for key, below in value.items()}
    if isinstance(value, list):
        return [plain(below) for below in value]
    return value


def result(call: Call, value: dict[str, Any]) -> Reply:
    """The result of an operation that the stand-in answers itself; times are datetimes, what is None is left out."""
    value = {name: member for name, member in value.items() if member is not None}
    if call.protocol == "cbor":
        return 200, CBOR, cbor2.dumps(value, datetime_as_timestamp=True)
    text = json.dumps(value, default=lambda when: when.timestamp())
    return 200, [("Content-Type", "application/x-amz-json-1.0")], text.encode()


def error(call: Call, status: int, code: str, message: str, query: str | None = None) -> Reply:
    """`query` is the code in the query protocol, where it has one of its own."""
    query = query or code
    kind = "Receiver" if status >= 500 else "Sender"
    if call.protocol == "cbor":
        # https://smithy.io/2.0/aws/protocols/aws-query-protocol.html, awsQueryCompatible: who asks for it by
        # x-amzn-query-mode is told the query protocol's code in a header.
        headers = [*CBOR, ("x-amzn-query-error", f"{query};{kind}")] if call.query_mode else CBOR
        return status, headers, cbor2.dumps({"__type": code, "message": message})
    if call.protocol == "json":
        body = json.dumps({"__type": code, "message": message})
        return status, [("Content-Type", "application/x-amz-json-1.1")], body.encode()
    body = (
        f"<ErrorResponse><Error><Type>{kind}</Type><Code>{escape(query)}</Code><Message>{escape(message)}</Message>"
        "</Error><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>"
    )
    return status, [("Content-Type", "text/xml")], body.encode()
