"""A load generator: `python -m standin.load URL --rate 50 --seconds 20 --json out.json`.

Requests leave at a steady rate whatever becomes of those before them (an open loop), so a service that hangs is seen as
late answers and not as fewer requests. It ends early, with its result, on SIGTERM or SIGINT; `--seconds 0` waits for
that, or for the end of its standard input, so that it does not outlive who started it. Exit code 1: a request failed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import math
import signal
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

# Failures that are shown one by one.
SHOWN = 100


@dataclass
class Tally:
    """What came back of some requests."""

    statuses: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    failed: int = 0

    def add(self, status: str, version: str | None, seconds: float) -> None:
        self.statuses[status] += 1
        if version:
            self.versions[version] += 1
        self.latencies.append(seconds)
        self.failed += failed(status)

    def shown(self) -> dict[str, Any]:
        ordered = sorted(self.latencies)
        return {
            "requests": len(ordered),
            "failed": self.failed,
            "statuses": dict(sorted(self.statuses.items())),
            "versions": dict(sorted(self.versions.items())),
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


class Load:
    def __init__(self, urls: list[str], rate: float, seconds: float, short: float, timeout: float) -> None:
        self.urls = urls
        self.rate = rate
        self.seconds = seconds
        # The share of requests that have a connection of their own.
        self.short = short
        self.timeout = aiohttp.ClientTimeout(total=timeout)
        self.began = 0.0
        self.all = Tally()
        self.by_second: dict[int, Tally] = {}
        self.failures: list[dict[str, Any]] = []
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        self._stopped.set()

    async def run(self) -> dict[str, Any]:
        plain: dict[str, Any] = {"timeout": self.timeout, "cookie_jar": aiohttp.DummyCookieJar()}
        self.began = time.time()
        begin = time.monotonic()
        under_way: set[asyncio.Task[None]] = set()
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), **plain) as kept,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True), **plain) as short,
        ):
            count = 0
            while not self._stopped.is_set() and (not self.seconds or count < self.rate * self.seconds):
                due = begin + count / self.rate
                if (wait := due - time.monotonic()) > 0:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._stopped.wait(), wait)
                    continue
                # Evenly mixed: of 4 requests at 0.25, one.
                own = int((count + 1) * self.short) > int(count * self.short)
                task = asyncio.create_task(self._ask(short if own else kept, count, own))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
                count += 1
            if under_way:
                await asyncio.wait(under_way)
        return self.result()

    async def _ask(self, session: aiohttp.ClientSession, count: int, own: bool) -> None:
        at, began = time.time(), time.monotonic()
        status, version = "", None
        try:
            async with session.get(self.urls[count % len(self.urls)], allow_redirects=False) as reply:
                body = await reply.read()
                status, version = str(reply.status), version_of(reply.headers.get("X-App-Version"), body)
        except TimeoutError:
            status = "timeout"
        except aiohttp.ClientError as problem:
            status = type(problem).__name__
        seconds = time.monotonic() - began
        self.all.add(status, version, seconds)
        self.by_second.setdefault(int(at - self.began), Tally()).add(status, version, seconds)
        if failed(status) and len(self.failures) < SHOWN:
            kind = "own" if own else "kept"
            self.failures.append({"at": at, "status": status, "version": version, "connection": kind})

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
    sys.stdin.buffer.read()
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
    parser.add_argument("--json", type=Path, help="the file for the result")
    given = parser.parse_args()
    load = Load(given.url, given.rate, given.seconds, given.short, given.timeout)
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
