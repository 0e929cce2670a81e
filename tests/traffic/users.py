"""The users of a service: requests at a steady rate, until it is enough."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explained import Failure, explain
from service import Service
from standin.client import HOME


@dataclass
class Seen:
    """What they saw; the load generator's file (tests/aws/README.md, Traffic)."""

    file: dict[str, Any]

    @property
    def requests(self) -> int:
        return self.file["requests"]

    @property
    def failed(self) -> int:
        return self.file["failed"]

    @property
    def rate(self) -> float:
        """As it came about."""
        return self.requests / len(self.file["bySecond"])

    def between(self, since: float, until: float) -> Counter[str]:
        """Which version answered how often, in the whole seconds of that time."""
        found: Counter[str] = Counter()
        for second in self.file["bySecond"]:
            begins = self.file["began"] + second["second"]
            if since <= begins and begins + 1 <= until:
                found.update(second["versions"])
        return found

    def explained(self, **facts: Any) -> Counter[str]:
        """Failures by what explains them; there is none that nothing does."""
        assert len(self.file["failures"]) == self.failed, "not all failures were listed"
        found = [(explain(Failure.read(one), **facts), one) for one in self.file["failures"]]
        unexplained = [one for why, one in found if why is None]
        assert not unexplained, f"{len(unexplained)} of {self.requests} requests were lost: {unexplained[:5]}"
        return Counter(why for why, _ in found if why)


class Users:
    """`with Users(service, rate=50) as users:`, and `users.end()` for what they saw."""

    def __init__(self, service: Service, rate: float, clients: int = 0) -> None:
        self.out = Path(service.home.name) / "users.json"
        options = ["--rate", str(rate), "--clients", str(clients), "--seconds", "0", "--timeout", "30"]
        # More than ever wait where there is a processor for them: a machine that is too busy gets fewer requests, and
        # not more and more of them at once, until they fail for want of time.
        options += ["--at-once", "50", "--failures", "1000000", "--json", str(self.out)]
        command = [sys.executable, "-m", "standin.load", *service.addresses, *options]
        # As long as this process holds the other end of its input, requests go on.
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=HOME, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def __enter__(self) -> Users:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()

    def end(self) -> Seen:
        assert self.process.poll() is None, self.process.communicate()
        _, errors = self.process.communicate(timeout=60)
        assert self.out.exists(), errors
        return Seen(json.loads(self.out.read_text()))
