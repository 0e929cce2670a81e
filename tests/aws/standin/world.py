"""One account: its clock, its knobs, what is under way in it, and what was seen of it.

Nothing here runs by itself. What is due is done, in order of time, when somebody next asks: so a test sees the same
order of events however busy the machine is, and no thread touches moto between two calls. An account with traffic is
the exception (plane/traffic.py).
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .knobs import Knobs

if TYPE_CHECKING:
    from .lifecycle import SetSim
    from .plane.traffic import Traffic


def stamp(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class World:
    def __init__(self, account: str) -> None:
        self.account = account
        self.region = "eu-west-1"
        self.knobs = Knobs()
        self.offset = 0.0
        self.now = time.time()
        self.services: list[Any] = []
        # What each fixture returned, by its service; the newest last.
        self.fixtures: dict[str, dict[str, Any]] = {}
        self.tokens: dict[tuple[str, str, str], Any] = {}
        self.sets: list[SetSim] = []
        # Where its tasks are processes and its load balancer listens.
        self.traffic: Traffic | None = None
        self.on_change: Callable[[float, str], None] = lambda at, cause: None
        # Where tasks run that have no network interface of their own.
        self.instance = f"i-0{int(account) if account.isdigit() else 0:016x}"
        self._due: list[tuple[float, int, Callable[[float], None], str]] = []
        self._count = itertools.count()
        self._address = itertools.count(10)
        self._port = itertools.count(32768)

    def at(self, when: float, do: Callable[[float], None], cause: str) -> None:
        heapq.heappush(self._due, (when, next(self._count), do, cause))

    def advance(self) -> float:
        """Does all that was due by now."""
        now = time.time() + self.offset
        while self._due and self._due[0][0] <= now:
            when, _, do, cause = heapq.heappop(self._due)
            self.now = max(self.now, when)
            do(self.now)
            # What happens in the same instant is seen as one change: a thousand tasks that start together, say.
            if not (self._due and self._due[0][0] == when):
                self.on_change(self.now, cause)
        self.now = max(self.now, now)
        return self.now

    def address(self) -> str:
        """A private address that no other task of this account ever had."""
        n = next(self._address)
        return f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"

    def address6(self) -> str:
        """The same for a subnet that has IPv6 addresses only."""
        n = next(self._address)
        return f"2001:db8::{n >> 16:x}:{n & 65535:x}"

    def host_port(self) -> int:
        return next(self._port)


class Worlds:
    """All accounts of this process."""

    def __init__(self) -> None:
        self._worlds: dict[str, World] = {}

    def get(self, account: str) -> World:
        world = self._worlds.get(account)
        if world is None:
            world = self._worlds[account] = World(account)
        return world

    def known(self, account: str) -> World | None:
        return self._worlds.get(account)


worlds = Worlds()
