"""Which failed requests AWS's own rules explain. Any other is one that a deployment has lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

# A reply's cookie is kept a little before its body has been read.
SLACK = 0.5

ITSELF = "answered by the bad version itself"
HELD = "clients held by cookie to a group without tasks"


@dataclass(frozen=True)
class Failure:
    """As the load generator tells it. `last`: the version that answered this client before, and when."""

    at: float
    seconds: float
    status: str
    version: str | None = None
    last: tuple[str, float] | None = None

    @classmethod
    def read(cls, given: dict[str, Any]) -> Failure:
        last = given.get("last")
        held = (last["version"], last["at"]) if last else None
        return cls(given["at"], given["seconds"], given["status"], given["version"], held)


def explain(
    failure: Failure,
    bad: Collection[str] = (),
    removed: Mapping[str, float] | None = None,
    sticky: float = 0.0,
) -> str | None:
    """`bad`: versions that fail by themselves. `removed`: versions, and since when their deletion was asked for.
    `sticky`: for how many seconds a client is held to its group."""
    if failure.version in bad and failure.status == "500":
        return ITSELF
    if failure.status == "503" and failure.last and sticky:
        # User Guide for Application Load Balancers, "Sticky sessions": a client keeps to its group until its cookie
        # ends, and gets 503 where that has no target.
        version, at = failure.last
        since = (removed or {}).get(version)
        gone = since is not None and since <= failure.at + failure.seconds
        if gone and failure.at <= at + sticky + SLACK:
            return HELD
    return None
