"""What the services' own API models state of values: words, lengths, ranges, patterns. The models are botocore's."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape

# What a model lists, and the service takes all the same. model, PortMapping.protocol: "Amazon ECS treats any other
# specified value as tcp."
TAKEN = ("TransportProtocol",)


@functools.cache
def service(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"))


def violations(name: str, operation: str, params: dict[str, Any]) -> Iterator[tuple[str, str, Shape]]:
    """Each value that breaks its shape: where, in the words that AWS's services have for it, and the shape."""
    shape = service(name).operation_model(operation).input_shape
    assert shape is not None
    yield from walk(shape, params, "")


def walk(shape: Shape, value: Any, path: str) -> Iterator[tuple[str, str, Shape]]:
    if value is None:
        return
    if shape.type_name == "structure":
        for name, member in shape.members.items():  # type: ignore[attr-defined]
            yield from walk(member, value.get(name), f"{path}.{name}" if path else name)
    elif shape.type_name == "list":
        yield from own(shape, value, path)
        for at, item in enumerate(value, 1):
            yield from walk(shape.member, item, f"{path}.{at}.member")  # type: ignore[attr-defined]
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from walk(shape.value, item, f"{path}.{key}.member")  # type: ignore[attr-defined]
    else:
        yield from own(shape, value, path)


def own(shape: Shape, value: Any, path: str) -> Iterator[tuple[str, str, Shape]]:
    limits, what = shape.metadata, ""
    if "enum" in limits and value not in limits["enum"] and shape.name not in TAKEN:
        what = f"Member must satisfy enum value set: [{', '.join(limits['enum'])}]"
    elif shape.type_name in ("string", "list"):
        if len(value) < limits.get("min", 0):
            what = f"Member must have length greater than or equal to {limits['min']}"
        elif len(value) > limits.get("max", len(value)):
            what = f"Member must have length less than or equal to {limits['max']}"
        elif "pattern" in limits and not matches(limits["pattern"], value):
            what = f"Member must satisfy regular expression pattern: {limits['pattern']}"
    elif shape.type_name in ("integer", "long", "double", "float"):
        if value < limits.get("min", value):
            what = f"Member must have value greater than or equal to {limits['min']}"
        elif value > limits.get("max", value):
            what = f"Member must have value less than or equal to {limits['max']}"
    if what:
        yield path, f"Value '{value}' at '{path}' failed to satisfy constraint: {what}", shape


def matches(pattern: str, text: str) -> bool:
    """The whole text; \\w is ASCII, as in Java. Python has no \\p{L}: what these classes hold is taken out before."""
    if r"\p{L}\p{Z}\p{N}" in pattern:
        pattern = pattern.replace(r"\p{L}\p{Z}\p{N}", "")
        text = "".join(c for c in text if unicodedata.category(c)[0] not in "LZN")
    return re.fullmatch(pattern, text, re.ASCII) is not None
