"""The data plane's process: `python -m standin.plane`, started by `traffic.py`, one for a whole stand-in.

JSON, an object a line. In: `reserve`, and `state`, all that an account's load balancers and tasks should be; out:
`reserved`, `listening`, `exited`, `health`, `counts`. It ends, and its tasks with it, when its input closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from typing import Any

import aiohttp

from .counts import Counts
from .health import Checker
from .processes import Process
from .proxy import Account, Listener, Upstream

# How often what was counted is told.
TELL_SECONDS = 0.2


def tell(**event: Any) -> None:
    # Nobody listens any more where the stand-in has ended.
    with contextlib.suppress(BrokenPipeError):
        os.write(1, json.dumps(event).encode() + b"\n")


class Tenant:
    """One account: what it was last told, and what runs for it."""

    def __init__(self, plane: Plane, name: str) -> None:
        self.plane = plane
        self.name = name
        self.counts = Counts()
        self.account = Account(self.counts)
        self.processes: dict[str, Process] = {}
        self.checkers: dict[str, Checker] = {}
        self.listeners: list[dict[str, Any]] = []
        # Processes that have ended, until the stand-in knows it too: a task is not started twice.
        self.over: set[str] = set()
        self._changes = self._arrived = 0

    def update(self, state: dict[str, Any]) -> None:
        # First who gets requests, then who is stopped.
        self.account.update(state["groups"])
        self._listen(state["listeners"], state["weightSeconds"])
        self._check(state["groups"])
        for name, spec in state["tasks"].items():
            process = self.processes.get(name)
            if process is None and spec["state"] == "run" and name not in self.over:
                self.processes[name] = self._start(name, spec)
            elif process and spec["state"] != "run":
                process.end(spec["state"])
        for name in self.processes.keys() - state["tasks"].keys():
            self.processes[name].end("kill")
        self.over &= state["tasks"].keys()

    def _listen(self, listeners: list[dict[str, Any]], delay: float) -> None:
        """Rules and weights take a while until they are those of all nodes of a load balancer; the first ones of a
        listener, and the end of all, do not."""
        if listeners == self.listeners:
            return
        self.listeners = listeners
        known = self.plane.listeners
        self._apply([one for one in listeners if one["port"] in known and known[one["port"]].account is None])
        self._changes += 1
        asyncio.get_running_loop().call_later(delay if listeners else 0, self._arrive, self._changes, listeners)

    def _arrive(self, change: int, listeners: list[dict[str, Any]]) -> None:
        # Where the delay became shorter in between, a later change is there first.
        if change < self._arrived:
            return
        self._arrived = change
        self._apply(listeners)
        ports = {given["port"] for given in listeners}
        for port, listener in list(self.plane.listeners.items()):
            if listener.account is self.account and port not in ports:
                listener.close()
                del self.plane.listeners[port]

    def _apply(self, listeners: list[dict[str, Any]]) -> None:
        for given in listeners:
            if listener := self.plane.listeners.get(given["port"]):
                listener.update(self.account, given)

    def _start(self, name: str, spec: dict[str, Any]) -> Process:
        def listening() -> None:
            tell(event="listening", account=self.name, task=name)

        def exited(code: int, said: str) -> None:
            del self.processes[name]
            self.over.add(name)
            self.account.gone(name)
            tell(event="exited", account=self.name, task=name, code=code, said=said)

        process = Process(spec, listening, exited)
        self.account.upstreams[name] = Upstream(process.port)
        return process

    def _check(self, groups: list[dict[str, Any]]) -> None:
        wanted = {
            target["id"]: group["check"]
            for group in groups
            for target in group["targets"]
            if target["state"] in ("initial", "healthy", "unhealthy") and target["id"] in self.account.upstreams
        }
        for name in self.checkers.keys() - wanted.keys():
            self.checkers.pop(name).cancel()
        for name, check in wanted.items():
            if checker := self.checkers.get(name):
                checker.check = check
            else:
                self.checkers[name] = self._checker(name, check)

    def _checker(self, name: str, check: dict[str, Any]) -> Checker:
        def told(state: str, why: str) -> None:
            tell(event="health", account=self.name, task=name, state=state, why=why)

        return Checker(self.plane.checks, self.account.upstreams[name].port, check, told)


class Plane:
    def __init__(self) -> None:
        self.checks = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=True), cookie_jar=aiohttp.DummyCookieJar()
        )
        self.listeners: dict[int, Listener] = {}
        self.tenants: dict[str, Tenant] = {}

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=2**26)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        counting = asyncio.create_task(self._tell_counts())
        while line := await reader.readline():
            await self._do(json.loads(line))
        counting.cancel()
        processes = [process for tenant in self.tenants.values() for process in tenant.processes.values()]
        for checker in (checker for tenant in self.tenants.values() for checker in tenant.checkers.values()):
            checker.cancel()
        for process in processes:
            process.end("kill")
        if processes:
            await asyncio.wait([process.life for process in processes], timeout=2)
        await self.checks.close()

    async def _do(self, order: dict[str, Any]) -> None:
        if order["order"] == "reserve":
            listener = Listener()
            self.listeners[await listener.open()] = listener
            tell(event="reserved", port=listener.port)
            return
        name = order["account"]
        tenant = self.tenants.get(name)
        if tenant is None:
            tenant = self.tenants[name] = Tenant(self, name)
        tenant.update(order)

    async def _tell_counts(self) -> None:
        while True:
            await asyncio.sleep(TELL_SECONDS)
            for tenant in self.tenants.values():
                rows = tenant.counts.take()
                # Nothing more comes of what is before this moment, also where it is nothing at all.
                if rows or tenant.listeners:
                    tell(event="counts", account=tenant.name, rows=rows, until=time.time())


async def main() -> None:
    await Plane().run()


asyncio.run(main())
