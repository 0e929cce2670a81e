"""The control calls under /standin/, which README.md describes."""

from __future__ import annotations

import json
import threading
import time
import traceback
from typing import Any

from moto.core.exceptions import ServiceException

from . import accounts, answers, ecs_sets, ecs_tasks, events, fixture, listeners, pages, rules, targets
from .desk import Desk, desks
from .faults import Fault, Hook
from .knobs import BadRequest
from .newer import Newer
from .plane.traffic import Plane, Traffic
from .recorder import Call
from .wire import Reply


class Control:
    def __init__(self, mode: str, lock: threading.RLock) -> None:
        self.mode = mode
        self.lock = lock
        self.signatures = False
        self.plane: Plane | None = None
        if mode == "stateful":
            for part in (ecs_sets, ecs_tasks, targets, listeners, pages, rules):
                part.install()

    def refusal(self, call: Call, desk: Desk, now: float) -> Reply | None:
        """What is refused before moto sees it."""
        if call.key in accounts.keys.ended:
            return Fault("*", "expired").answer(call)
        if self.mode == "stateful" and desk.world.account == "unknown" and call.service != "sts":
            # Common errors of AWS's APIs: an access key that nobody has.
            return Fault("*", "invalid-token").answer(call)
        factor = float(desk.world.knobs.rates)
        if factor and desk.rates.refuses(call, factor, now):
            return Fault("*", "throttle").answer(call)
        return None

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        try:
            given = json.loads(body) if body else {}
        except ValueError as problem:
            return 400, {"error": f"the body is not JSON: {problem}"}
        parts = path.strip("/").split("/")[1:]
        try:
            with self.lock:
                answer = self.route(method, parts, given)
            # What has to wait for processes does so while others are served.
            return 200, answer() if callable(answer) else answer
        except (BadRequest, ServiceException, KeyError) as problem:
            return 400, {"error": f"{type(problem).__name__}: {problem}"}
        except Exception as problem:
            traceback.print_exc()
            return 500, {"error": f"{type(problem).__name__}: {problem}"}

    def user(self, account: str, host: str) -> Reply:
        """A user's request, and not one of AWS's API."""
        try:
            with self.lock:
                return answers.answer(self.desk(account), host)
        except BadRequest as problem:
            return 400, [("Content-Type", "text/plain")], f"{problem}\n".encode()

    @staticmethod
    def desk(account: str) -> Desk:
        desk = desks.known(account)
        if desk is None:
            raise BadRequest(f"no such account: {account}")
        desk.world.advance()
        return desk

    def route(self, method: str, parts: list[str], given: Any) -> Any:
        if parts == ["health"]:
            return {"mode": self.mode, "signatures": self.signatures}
        if parts == ["accounts"] and method == "POST":
            if given.get("signatures"):
                self.signatures = True
                accounts.verify_signatures()
            made = accounts.create(given.get("accountId"))
            desks.get(made["accountId"])
            return made
        if len(parts) != 2:
            raise BadRequest(f"no such control call: {method} /standin/{'/'.join(parts)}")
        desk = self.desk(parts[0])
        handler = getattr(self, f"{method.lower()}_{parts[1]}", None)
        if handler is None:
            raise BadRequest(f"no such control call: {method} /standin/ACCOUNT/{parts[1]}")
        return handler(desk, given)

    def do(self, desk: Desk, hook: Hook) -> None:
        """The control calls that a hook makes."""
        for one in hook.do:
            self.route("POST", [desk.world.account, one["call"]], one.get("body", {}))

    def post_fixture(self, desk: Desk, given: dict[str, Any]) -> Any:
        given = dict(given)
        alarms, metrics = given.pop("alarms", []), given.pop("metrics", {})
        desk.metrics.check_source(metrics, counted=bool(given.get("traffic")) or desk.world.traffic is not None)
        if given.get("traffic"):
            self.plane = self.plane or Plane(self.lock)
            self.plane.open(desk.world)
        made = fixture.build(desk.world, given, stateful=self.mode == "stateful")
        # Popped first, so that the newest is the last.
        desk.world.fixtures.pop(made["service"], None)
        desk.world.fixtures[made["service"]] = made

        def there() -> Any:
            desk.history.note(desk.world.now, "fixture", always=True)
            desk.alarms.set(alarms)
            desk.metrics.set(metrics)
            return made

        traffic = desk.world.traffic
        if traffic is None:
            return there()
        traffic.tell()

        def there_and_healthy() -> Any:
            self.wait_for(traffic)
            with self.lock:
                return there()

        return there_and_healthy

    def wait_for(self, traffic: Traffic) -> None:
        """The tasks of a fixture have been there for long: their processes must have come up."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with self.lock:
                if traffic.healthy():
                    return
            time.sleep(0.02)
        raise BadRequest(f"the fixture's tasks do not become healthy; processes that ended: {traffic.exits}")

    def get_traffic(self, desk: Desk, _: Any) -> Any:
        traffic = self.traffic(desk)
        return {"counts": traffic.counts.read(), "exits": traffic.exits, "pid": traffic.plane.pid}

    def delete_traffic(self, desk: Desk, _: Any) -> Any:
        self.traffic(desk).stop()
        return {}

    @staticmethod
    def traffic(desk: Desk) -> Traffic:
        if desk.world.traffic is None:
            raise BadRequest("this account has no traffic")
        return desk.world.traffic

    def post_alarms(self, desk: Desk, given: list[dict[str, Any]]) -> Any:
        desk.alarms.set(given)
        return {"alarms": len(desk.alarms.alarms)}

    def delete_alarms(self, desk: Desk, _: Any) -> Any:
        desk.alarms.alarms.clear()
        return {}

    def post_metrics(self, desk: Desk, given: dict[str, Any]) -> Any:
        desk.metrics.set(given)
        return {}

    def delete_metrics(self, desk: Desk, _: Any) -> Any:
        desk.metrics.clear()
        return {}

    def post_images(self, desk: Desk, given: dict[str, Any]) -> Any:
        region = given.get("region") or desk.world.region
        if given.get("create"):
            fixture.repository(desk.world.account, region, given["repository"], immutable=False)
        return fixture.push(desk.world.account, region, given["repository"], given["tags"])

    def post_keys(self, desk: Desk, _: Any) -> Any:
        return accounts.session(desk.world.account)

    def delete_keys(self, desk: Desk, _: Any) -> Any:
        accounts.keys.end(desk.world.account)
        return {}

    def post_policy(self, desk: Desk, given: dict[str, Any]) -> Any:
        accounts.permit(desk.world.account, given)
        return {}

    def post_knobs(self, desk: Desk, given: dict[str, Any]) -> Any:
        desk.world.knobs.update(given)
        return vars(desk.world.knobs)

    def get_knobs(self, desk: Desk, _: Any) -> Any:
        return vars(desk.world.knobs)

    def post_faults(self, desk: Desk, given: list[dict[str, Any]]) -> Any:
        desk.faults.extend(Fault.read(one) for one in given)
        return {"faults": len(desk.faults)}

    def delete_faults(self, desk: Desk, _: Any) -> Any:
        desk.faults.clear()
        return {}

    def post_hooks(self, desk: Desk, given: list[dict[str, Any]]) -> Any:
        for hook in (read := [Hook.read(one) for one in given]):
            for one in hook.do:
                if not hasattr(self, f"post_{one.get('call')}") or set(one) - {"call", "body"}:
                    raise BadRequest(f"a hook does {{call, body}}, where POST …/ACCOUNT/call exists, not {one}")
        desk.hooks.extend(read)
        return {"hooks": len(desk.hooks)}

    def delete_hooks(self, desk: Desk, _: Any) -> Any:
        desk.hooks.clear()
        return {}

    def post_newer(self, desk: Desk, given: list[dict[str, Any]]) -> Any:
        desk.newer.extend(Newer.read(one) for one in given)
        return {"newer": len(desk.newer)}

    def delete_newer(self, desk: Desk, _: Any) -> Any:
        desk.newer.clear()
        return {}

    def get_calls(self, desk: Desk, _: Any) -> Any:
        return desk.recorder.calls

    def delete_calls(self, desk: Desk, _: Any) -> Any:
        desk.recorder.clear()
        return {}

    def get_now(self, desk: Desk, _: Any) -> Any:
        return {"at": desk.world.now, "cause": "now", **desk.history.seen()}

    def get_history(self, desk: Desk, _: Any) -> Any:
        return desk.history.entries

    def delete_history(self, desk: Desk, _: Any) -> Any:
        desk.history.entries.clear()
        desk.history.note(desk.world.now, "cleared", always=True)
        return {}

    def post_clock(self, desk: Desk, given: dict[str, Any]) -> Any:
        desk.world.offset += float(given["advance"])
        return {"now": desk.world.advance()}

    def post_tasks(self, desk: Desk, given: dict[str, Any]) -> Any:
        return events.to_tasks(desk.world, given)

    def post_weights(self, desk: Desk, given: dict[str, Any]) -> Any:
        events.to_weights(desk.world, given)
        desk.history.note(desk.world.now, "weights by the test", always=True)
        return {"weights": desk.history.seen()["weights"]}
