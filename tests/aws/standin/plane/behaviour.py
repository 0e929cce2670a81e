"""What an image's tag says can be made to happen: `never-healthy`, `exits`, `slow-300ms`, `errors-20` (percent), each
of them also with `-after-20s`, several of them in one tag."""

from __future__ import annotations

import re
from dataclasses import dataclass

SAID = re.compile(
    r"(?<![a-z0-9])(?P<kind>never-healthy|exits|slow-(?P<ms>\d+)ms|errors-(?P<percent>\d+))(?:-after-(?P<after>\d+)s)?(?![a-z0-9])"
)


@dataclass(frozen=True)
class Part:
    """One thing, from `after` seconds on. `much`: milliseconds, or percent."""

    kind: str
    much: int = 0
    after: int = 0


def parse(text: str) -> list[Part]:
    return [
        Part(
            found["kind"] if found["kind"] in ("never-healthy", "exits") else found["kind"].split("-")[0],
            int(found["ms"] or found["percent"] or 0),
            int(found["after"] or 0),
        )
        for found in SAID.finditer(text)
    ]
