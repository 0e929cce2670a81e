"""A load generator: `python -m standin.load URL --rate 50 --seconds 20 --json out.json`.

Requests leave at a steady rate whatever becomes of those before them (an open loop), so a service that hangs is seen as
late answers and not as fewer requests; `--at-once` bounds that, for a machine that may be too busy for the rate.
It ends early, with its result, on SIGTERM or SIGINT; `--seconds 0` waits for that, or for the end of its standard
input, so that it does not outlive who started it. Exit code 1: a request failed.
The result is as `resources/seen.schema.json` says, and more.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import math
import os
import signal
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp


@dataclass
class Tally:
    """What came back of some requests."""

    statuses: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    failed_versions: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    failed: int = 0

    def add(self, status: str, version: str | None, seconds: float) -> None:
        self.statuses[status] += 1
        if version:
            self.versions[version] += 1
        if failed(status):
            self.failed += 1
            if version:
                self.failed_versions[version] += 1
        self.latencies.append(seconds)

    def shown(self) -> dict[str, Any]:
        ordered = sorted(self.latencies)
        return {
            "requests": len(ordered),
            "failed": self.failed,
            "statuses": dict(sorted(self.statuses.items())),
            "versions": dict(sorted(self.versions.items())),
            "failedVersions": dict(sorted(self.failed_versions.items())),
            "milliseconds": {
                name: round(percentile(ordered, percent) * 1000, 1)
                for name, percent in (("p50", 50), ("p95", 95), ("p99", 99), ("max", 100))
            },
        }


def failed(status: str) -> bool:
    """A status of 500 or more, or no answer at all."""
    return not status.isdigit() or int(status) >= 500


def percentile(ordered: list[float], percent: float) -> float:
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else 0.0


class Client:
    """Who asks, over connections that are kept and over some that are not; with the same cookies, if it keeps any."""

    def __init__(self, timeout: float, cookies: bool) -> None:
        jar = aiohttp.CookieJar() if cookies else aiohttp.DummyCookieJar()
        common: dict[str, Any] = {"timeout": aiohttp.ClientTimeout(total=timeout), "cookie_jar": jar}
        self.cookies = cookies
        self.kept = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), **common)
        self.short = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True), **common)
        # The version that answered last, and when: with cookies, who it may be held to.
        self.last: dict[str, Any] | None = None

    async def close(self) -> None:
        await self.kept.close()
        await self.short.close()


class Load:
    def __init__(self, given: argparse.Namespace) -> None:
        self.urls: list[str] = given.url
        self.rate: float = given.rate
        self.seconds: float = given.seconds
        # The share of requests that have a connection of their own.
        self.short: float = given.short
        self.timeout: float = given.timeout
        # So many that keep cookies; none: one that does not.
        self.clients: int = given.clients
        self.shown: int = given.failures
        # So many may wait for their answers at once; 0: as many as come.
        self.at_once: int = given.at_once
        self.began = 0.0
        self.all = Tally()
        self.by_second: dict[int, Tally] = {}
        self.failures: list[dict[str, Any]] = []
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        self._stopped.set()

    async def run(self) -> dict[str, Any]:
        clients = [Client(self.timeout, bool(self.clients)) for _ in range(self.clients or 1)]
        self.began = time.time()
        begin = time.monotonic()
        under_way: set[asyncio.Task[None]] = set()
        count = 0
        while not self._stopped.is_set() and (not self.seconds or count < self.rate * self.seconds):
            if self.at_once and len(under_way) >= self.at_once:
                held = time.monotonic()
                await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                # What was not sent meanwhile is not made up for.
                begin += time.monotonic() - held
                continue
            due = begin + count / self.rate
            if (wait := due - time.monotonic()) > 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopped.wait(), wait)
                continue
            # Evenly mixed: of 4 requests at 0.25, one. Each client asks all addresses in turn.
            own = int((count + 1) * self.short) > int(count * self.short)
            url = self.urls[count // len(clients) % len(self.urls)]
            task = asyncio.create_task(self._ask(clients[count % len(clients)], url, own))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            count += 1
        if under_way:
            await asyncio.wait(under_way)
        for client in clients:
            await client.close()
        return self.result()

    async def _ask(self, client: Client, url: str, own: bool) -> None:
        at, began, last = time.time(), time.monotonic(), client.last
        status, version = "", None
        try:
            async with (client.short if own else client.kept).get(url, allow_redirects=False) as reply:
                body = await reply.read()
                status, version = str(reply.status), version_of(reply.headers.get("X-App-Version"), body)
        except TimeoutError:
            status = "timeout"
        except aiohttp.ClientError as problem:
            status = type(problem).__name__
        seconds = time.monotonic() - began
        if version:
            client.last = {"version": version, "at": time.time()}
        self.all.add(status, version, seconds)
        self.by_second.setdefault(int(at - self.began), Tally()).add(status, version, seconds)
        if failed(status) and len(self.failures) < self.shown:
            kind, held = "own" if own else "kept", {"last": last} if client.cookies else {}
            one = {"at": at, "seconds": round(seconds, 3), "status": status, "version": version, "connection": kind}
            self.failures.append({**one, **held})

    def result(self) -> dict[str, Any]:
        return {
            "urls": self.urls,
            "rate": self.rate,
            "began": self.began,
            **self.all.shown(),
            "bySecond": [{"second": n, **tally.shown()} for n, tally in sorted(self.by_second.items())],
            "failures": self.failures,
        }


def version_of(header: str | None, body: bytes) -> str | None:
    """Which version answered: a header X-App-Version, or `version` in a body of JSON, as the sample says it."""
    if header or not body.startswith(b"{"):
        return header
    try:
        return str(json.loads(body)["version"])
    except (ValueError, KeyError):
        return None


def line(result: dict[str, Any]) -> str:
    shares = ", ".join(f"{name} {count}" for name, count in result["versions"].items())
    statuses = ", ".join(f"{name}: {count}" for name, count in result["statuses"].items() if failed(name))
    times = result["milliseconds"]
    return (
        f"load: {result['requests']} requests at {result['rate']:g} a second, {result['failed']} failed"
        f"{f' ({statuses})' if statuses else ''}; {shares or 'no version'}; "
        f"p50 {times['p50']} ms, p99 {times['p99']} ms, max {times['max']} ms"
    )


def stop_at_end_of_input(loop: asyncio.AbstractEventLoop, load: Load) -> None:
    # Not `sys.stdin`: who reads that holds a lock which Python's own end needs.
    while os.read(0, 4096):
        pass
    # Its time may be over by then.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(load.stop)


async def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m standin.load", description=__doc__)
    parser.add_argument("url", nargs="+", help="asked in turn, where there are several")
    parser.add_argument("--rate", type=float, default=50, help="requests a second (50)")
    parser.add_argument("--seconds", type=float, default=20, help="0: until it is stopped (20)")
    parser.add_argument("--short", type=float, default=0.5, help="share that has a connection of its own, 0 to 1 (0.5)")
    parser.add_argument("--timeout", type=float, default=10, help="seconds that an answer may take (10)")
    parser.add_argument("--clients", type=int, default=0, help="so many, each with its cookies; 0: none are kept (0)")
    parser.add_argument("--failures", type=int, default=100, help="failures that are listed one by one (100)")
    parser.add_argument("--at-once", type=int, default=0, help="no more wait for an answer; 0: as many as come (0)")
    parser.add_argument("--json", type=Path, help="the file for the result")
    given = parser.parse_args()
    load = Load(given)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, load.stop)
    if not given.seconds:
        threading.Thread(target=stop_at_end_of_input, args=(loop, load), daemon=True).start()
    result = await load.run()
    if given.json:
        given.json.write_text(json.dumps(result, indent=1) + "\n")
    sys.stdout.write(line(result) + "\n")
    return 1 if result["failed"] else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
