"""For tests: the stand-in as a process of its own, and its control calls."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# The directory that has this package.
HOME = Path(__file__).resolve().parent.parent


def started(mode: str, ends_within: float = 5) -> Iterator[str]:
    """Its URL, for a fixture; afterwards it ends, and with it the load balancers and tasks that it has."""
    command = [sys.executable, "-m", "standin", "--mode", mode]
    process = subprocess.Popen(command, cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    try:
        yield json.loads(process.stdout.readline())["url"]
    finally:
        # Closing its stdin is what ends it.
        process.stdin.close()
        assert process.wait(ends_within) == 0


def control(url: str, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/standin/{path}", method=method, data=data)
    try:
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as error:
        raise AssertionError(error.read().decode()) from None


def until(check: Callable[[], Any], seconds: float = 8, what: str = "it came", pause: float = 0.03) -> Any:
    """What `check` finds, as soon as it finds something."""
    end = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(pause)
    return found
