"""The application of examples/app as a task runs it, with what its image's tag says: gunicorn loads this.

Working directory: examples/app. Environment: STANDIN_BEHAVIOUR, and HEALTH_PATH, the path that the target group checks.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterable
from typing import Any

from app import app as flask_app  # type: ignore[import-not-found]

from standin.plane import behaviour

BEGAN = time.monotonic()
PARTS = behaviour.parse(os.environ.get("STANDIN_BEHAVIOUR", ""))
HEALTH = os.environ.get("HEALTH_PATH", "/healthz").partition("?")[0]
PLAIN = [("Content-Type", "text/plain")]


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    asked = environ["PATH_INFO"] == HEALTH
    # Others may ask for that path, too, and be answered as ill as elsewhere.
    checked = asked and environ.get("HTTP_USER_AGENT", "").startswith("ELB-HealthChecker")
    lived = time.monotonic() - BEGAN
    for part in PARTS:
        if lived < part.after:
            continue
        if part.kind == "never-healthy" and checked:
            return fail(start_response, b"not healthy\n")
        if part.kind == "slow" and not checked:
            time.sleep(part.much / 1000)
        if part.kind == "errors" and not checked and random.random() * 100 < part.much:
            return fail(start_response, b"an error that the image's tag asked for\n")
    if asked:
        # Whatever path a group checks, the sample's own check answers.
        environ["PATH_INFO"] = "/healthz"
    return flask_app(environ, start_response)


def fail(start_response: Callable[..., Any], body: bytes) -> Iterable[bytes]:
    version = os.environ.get("APP_VERSION", "development")
    start_response("500 Internal Server Error", [*PLAIN, ("X-App-Version", version)])
    return [body]
