"""Members of replies that an SDK does not know yet: AWS adds some every few weeks, and an older program reads on."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import cbor2

from .knobs import BadRequest
from .recorder import Call


@dataclass
class Newer:
    """`value` stands at `path` in the replies of an operation; with `where`, of those that name this."""

    operation: str
    path: list[str]
    value: Any
    where: str

    @staticmethod
    def read(given: dict[str, Any]) -> Newer:
        unknown = set(given) - {"operation", "path", "value", "where"}
        if unknown or not given.get("path"):
            raise BadRequest(f"an addition has operation, path, value and where, not {sorted(unknown)}")
        return Newer(given["operation"], given["path"].split("."), given.get("value"), given.get("where", ""))

    def added(self, call: Call, status: int, payload: bytes) -> bytes:
        if call.operation != self.operation or status != 200 or self.where.encode() not in payload:
            return payload
        if call.protocol == "cbor":
            reply = cbor2.loads(payload)
            put(reply, self.path, self.value)
            return cbor2.dumps(reply, datetime_as_timestamp=True)
        if call.protocol == "json":
            reply = json.loads(payload)
            put(reply, self.path, self.value)
            return json.dumps(reply).encode()
        # Without the name space, ElementTree would write prefixes that AWS does not.
        space = re.search(rb' xmlns="[^"]*"', payload)
        root = ElementTree.fromstring(payload.replace(space.group(), b"", 1) if space else payload)
        put_xml(root, self.path, self.value)
        if space:
            root.set("xmlns", space.group().decode().split('"')[1])
        return ElementTree.tostring(root)


def put(node: Any, path: list[str], value: Any) -> None:
    """Numbers are places in lists. A reply that has not got so far is left as it is."""
    for part in path[:-1]:
        if isinstance(node, list):
            if int(part) >= len(node):
                return
            node = node[int(part)]
        else:
            node = node.setdefault(part, {})
    node[path[-1]] = value


def put_xml(node: ElementTree.Element, path: list[str], value: Any) -> None:
    for part in path[:-1]:
        below = node.findall("member") if part.isdigit() else node.findall(part)
        if part.isdigit():
            if int(part) >= len(below):
                return
            node = below[int(part)]
        else:
            node = below[0] if below else ElementTree.SubElement(node, part)
    write(ElementTree.SubElement(node, path[-1]), value)


def write(node: ElementTree.Element, value: Any) -> None:
    """As the query protocol writes it."""
    if isinstance(value, dict):
        for name, below in value.items():
            write(ElementTree.SubElement(node, name), below)
    elif isinstance(value, list):
        for item in value:
            write(ElementTree.SubElement(node, "member"), item)
    elif value is not None:
        node.text = str(value).lower() if isinstance(value, bool) else str(value)
