"""What a test may turn, per account. README.md explains each one."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from .plane import behaviour

OUTCOMES = {
    "healthy",
    "unhealthy",
    "crash",
    "pull-error",
    "stuck",
    "placement",
    "never-steady",
    "not-in-use",
    "ip-unusable",
    "timeout",
}


class BadRequest(Exception):
    """The caller of the control API made a mistake."""


@dataclass
class Knobs:
    startSeconds: float = 0.2
    healthySeconds: float = 0.3
    steadySeconds: float = 0.4
    drainSeconds: float = 0.3
    lingerSeconds: float = 0.0
    goneSeconds: float = 0.1
    crashSeconds: float = 0.2
    restartSeconds: float = 0.3
    replaceSeconds: float = 0.3
    realDeregistration: bool = False
    deleteStyle: str = "plain"
    limitStyle: str = "invalid"
    taskSetLimit: int = 5
    drainingCounts: bool = True
    missingTaskSets: str = "failures"
    deadTokens: str = "replay"
    strictStartedBy: bool = True
    pageSize: int = 0
    staleSeconds: float = 0.0
    wholeSeconds: bool = False
    rates: float = 0.0
    metricPeriod: int = 60
    metricDelay: float | None = None
    weightSeconds: float = 0.2
    checkSeconds: float = 0.25
    images: dict[str, Any] = field(default_factory=dict)
    outcome: dict[str, Any] = field(default_factory=dict)

    def update(self, changes: dict[str, Any]) -> None:
        for key, value in changes.items():
            if key not in {f.name for f in dataclasses.fields(self)}:
                raise BadRequest(f"unknown knob {key!r}")
            if key == "outcome":
                value = {part: outcome_of(given) for part, given in value.items()}
            if key == "images":
                value = {part: image_of(given) for part, given in value.items()}
            allowed = CHOICES.get(key)
            if allowed and value not in allowed:
                raise BadRequest(f"knob {key!r} is one of {sorted(allowed)}")
            setattr(self, key, value)

    def for_images(self, images: list[str]) -> tuple[str, Knobs]:
        """The outcome of a task with these images, and the times that hold for it."""
        for part, given in self.outcome.items():
            if any(part in image for image in images):
                own = {k: v for k, v in given.items() if k != "outcome"}
                return given["outcome"], dataclasses.replace(self, **own)
        return "healthy", self

    def image(self, image: str) -> dict[str, Any]:
        """What is in an image, where a test has said it."""
        return next((given for part, given in self.images.items() if part in image), {})


CHOICES = {
    "deleteStyle": {"plain", "at-zero"},
    "limitStyle": {"invalid", "limit"},
    "missingTaskSets": {"failures", "empty"},
    "deadTokens": {"replay", "forget"},
}


def image_of(given: dict[str, Any]) -> dict[str, Any]:
    command, others = given.get("command", []), given.keys() - {"command", "directory", "instead"}
    if others or not isinstance(command, list) or not all(isinstance(word, str) for word in command):
        raise BadRequest(f"an image is {{command: [words], directory, instead}}, not {given}")
    return given


def outcome_of(given: Any) -> dict[str, Any]:
    spec = {"outcome": given} if isinstance(given, str) else dict(given)
    spec.setdefault("outcome", "healthy")
    if spec["outcome"] not in OUTCOMES and not behaviour.parse(spec["outcome"]):
        raise BadRequest(f"outcome {spec['outcome']!r} is not one of {sorted(OUTCOMES)}, nor what a tag can say")
    unknown = set(spec) - {"outcome"} - {f.name for f in dataclasses.fields(Knobs)}
    if unknown:
        raise BadRequest(f"unknown keys in an outcome: {sorted(unknown)}")
    return spec
