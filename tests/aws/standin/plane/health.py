"""Health checks of one target, as its group says (User Guide for Application Load Balancers, "Health checks")."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp

from .processes import HERE

Told = Callable[[str, str], None]


class Verdict:
    """Counts checks in a row, and says when the verdict changes."""

    def __init__(self) -> None:
        self.state = "initial"
        self._passed = self._failed = 0

    def count(self, passed: bool, healthy: int, unhealthy: int) -> bool:
        self._passed = self._passed + 1 if passed else 0
        self._failed = 0 if passed else self._failed + 1
        # "After your target is registered, it must pass one health check to be considered healthy."
        needed = 1 if self.state == "initial" else healthy
        new = self.state
        if self._passed >= needed:
            new = "healthy"
        elif self._failed >= unhealthy:
            new = "unhealthy"
        changed, self.state = new != self.state, new
        return changed


class Checker:
    """Asks one target until it is cancelled. `told` gets each change: state, and why."""

    def __init__(self, session: aiohttp.ClientSession, port: int, check: dict[str, Any], told: Told) -> None:
        self.session = session
        self.port = port
        self.check = check
        self.told = told
        self.verdict = Verdict()
        self._task = asyncio.create_task(self._run())

    def cancel(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            kind = await self.ask()
            check = self.check
            if self.verdict.count(kind == "healthy", check["healthy"], check["unhealthy"]):
                self.told(*((kind, "") if kind in ("healthy", "timeout", "failed") else ("unhealthy", kind)))
            # "The time it takes for the target to respond does not affect the interval."
            await asyncio.sleep(max(0.0, check["interval"] - (loop.time() - began)))

    async def ask(self) -> str:
        """`healthy`, `timeout`, `failed`, or the code that was not expected."""
        check = self.check
        try:
            async with self.session.get(
                f"http://{HERE}:{self.port}{check['path']}",
                # "After each health check is completed, the load balancer node closes the connection".
                headers={"User-Agent": "ELB-HealthChecker/2.0", "Connection": "close"},
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=check["timeout"]),
            ) as reply:
                return "healthy" if matches(check["matcher"], reply.status) else str(reply.status)
        except TimeoutError:
            return "timeout"
        except aiohttp.ClientError:
            return "failed"


def matches(matcher: str, status: int) -> bool:
    """HttpCode of a group's matcher: values, ranges, separated by commas (model, Matcher.HttpCode)."""
    for part in matcher.split(","):
        first, _, last = part.strip().partition("-")
        if int(first) <= status <= int(last or first):
            return True
    return False
