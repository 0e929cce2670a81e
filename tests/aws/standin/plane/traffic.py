"""The stand-in's side of the data plane: tells it what each account with traffic looks like, and takes what it reports.

Here, something does run by itself: a thread that does what is due, in accounts with traffic and no others.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from moto.ecr.models import ecr_backends
from moto.elbv2.models import elbv2_backends

from ..attachments import groups_of
from ..knobs import BadRequest
from ..tasks import TaskSim
from ..world import World
from .counts import Counts

# How late a change may reach the data plane.
TICK_SECONDS = 0.02
# Outcomes of the stand-in (knobs.py) that a process has to bring about.
OUTCOMES = {"unhealthy": "never-healthy", "crash": "exits", "timeout": "never-healthy"}


class Traffic:
    """One account's part."""

    def __init__(self, plane: Plane, world: World) -> None:
        self.plane = plane
        self.world = world
        self.counts = Counts()
        # All that was before this time has been counted.
        self.counted_until = 0.0
        # Processes that ended without being told to.
        self.exits: list[dict[str, Any]] = []
        self.balancers: set[str] = set()
        self._told: dict[str, Any] | None = None

    def listen(self) -> int:
        return self.plane.reserve()

    def tell(self) -> None:
        state = self.state()
        if state != self._told:
            self._told = state
            self.plane.send({"order": "state", "account": self.world.account, **state})

    def stop(self) -> None:
        """Nobody listens any more and nothing runs."""
        self.balancers.clear()
        self.plane.send({"order": "state", "account": self.world.account, **self.state(), "tasks": {}})
        self.plane.forget(self)

    def healthy(self) -> bool:
        return all(task.target == "healthy" for task in self.tasks() if task.set.group)

    def take(self, event: dict[str, Any]) -> None:
        """Something that the data plane has seen."""
        kind = event["event"]
        if kind == "counts":
            # The data plane has the machine's clock, the account one that may have been wound on.
            wound = round(self.world.offset)
            self.counts.merge({**row, "second": row["second"] + wound} for row in event["rows"])
            self.counted_until = event["until"] + wound
            return
        task = next((one for one in self.tasks() if one.id == event["task"]), None)
        if task is None:
            return
        now = self.world.now
        if kind == "listening":
            task.run(now)
        elif kind == "health":
            task.judge(now, event["state"], event["why"])
        elif kind == "exited":
            if task.process == "run":
                self.exits.append({"at": now, "task": task.arn, "code": event["code"], "said": event["said"]})
            task.exited(now, event["code"])
        self.world.on_change(now, f"{kind}, seen by the data plane")

    # What the data plane is told

    def tasks(self) -> list[TaskSim]:
        return [task for sim in self.world.sets for task in sim.tasks]

    def state(self) -> dict[str, Any]:
        elb = elbv2_backends[self.world.account][self.world.region]
        balancers = [elb.load_balancers[arn] for arn in self.balancers if arn in elb.load_balancers]
        return {
            "weightSeconds": self.world.knobs.weightSeconds,
            "listeners": [listener_state(b, one) for b in balancers for one in b.listeners.values()],
            "groups": [self.group_state(group) for group in elb.target_groups.values()],
            "tasks": {task.id: self.task_state(task) for task in self.tasks() if task.process},
        }

    def group_state(self, group: Any) -> dict[str, Any]:
        attributes, knobs = group.attributes, self.world.knobs
        sticky = attributes.get("stickiness.enabled") == "true"
        return {
            "arn": group.arn,
            "slowStart": float(attributes.get("slow_start.duration_seconds", 0)),
            # model, TargetGroupAttribute: a day where nothing else is said.
            "sticky": float(attributes.get("stickiness.lb_cookie.duration_seconds", 86400)) if sticky else 0.0,
            "check": {
                "path": group.health_check_path or "/",
                "interval": knobs.checkSeconds or float(group.health_check_interval_seconds),
                "timeout": float(group.health_check_timeout_seconds),
                "healthy": int(group.healthy_threshold_count),
                "unhealthy": int(group.unhealthy_threshold_count),
                "matcher": (group.matcher or {}).get("HttpCode", "200"),
            },
            "targets": [
                {"id": task.id, "state": task.health(True)[0]}
                for task in self.tasks()
                if task.target and task.set.group == group.arn
            ],
        }

    def task_state(self, task: TaskSim) -> dict[str, Any]:
        owner = task.set
        balancers = owner.ts.load_balancers or [{}]
        containers = owner.definition.container_definitions
        container = next((c for c in containers if c["name"] == balancers[0].get("containerName")), containers[0])
        tag = tag_of(self.world, container["image"])
        image = self.world.knobs.image(container["image"])
        own = [*(container.get("entryPoint") or []), *(container.get("command") or [])]
        group = elbv2_backends[self.world.account][self.world.region].target_groups.get(owner.group)
        mappings = container.get("portMappings") or [{}]
        variables = {v["name"]: str(v.get("value", "")) for v in container.get("environment") or []}
        return {
            "state": task.process,
            "command": own or image.get("command"),
            "directory": image.get("directory"),
            "environment": variables,
            "containerPort": int(balancers[0].get("containerPort") or mappings[0].get("containerPort") or 0),
            # Developer guide, "Amazon ECS task definition parameters": 30 seconds where none is given.
            "stopTimeout": float(container.get("stopTimeout") or 30),
            "healthPath": (group.health_check_path if group else None) or "/healthz",
            # The example's image knows its own version: its build's argument is the tag.
            "version": tag,
            "behaviour": f"{tag} {OUTCOMES.get(owner.outcome, owner.outcome)}",
        }


def listener_state(balancer: Any, listener: Any) -> dict[str, Any]:
    default = [rule for rule in listener.rules.values() if rule.is_default]
    others = sorted((r for r in listener.rules.values() if not r.is_default), key=lambda rule: int(rule.priority))
    return {
        "port": int(listener.port),
        "balancer": balancer.arn,
        "idle": float(balancer.attrs.get("idle_timeout.timeout_seconds", 60)),
        "rules": [
            {"conditions": rule.conditions, "actions": [action_state(action) for action in rule.actions]}
            for rule in [*others, *default]
        ],
    }


def action_state(action: Any) -> dict[str, Any]:
    if action.type == "forward":
        sticky = (action.data.get("ForwardConfig") or {}).get("TargetGroupStickinessConfig") or {}
        on = str(sticky.get("Enabled")).lower() == "true"
        seconds = float(sticky.get("DurationSeconds") or 0) if on else 0.0
        return {"type": "forward", "groups": [dict(g) for g in groups_of(action.data)], "sticky": seconds}
    fixed = action.data.get("FixedResponseConfig") or {}
    return {
        "type": action.type,
        "status": fixed.get("StatusCode"),
        "contentType": fixed.get("ContentType"),
        "body": fixed.get("MessageBody"),
    }


def tag_of(world: World, image: str) -> str:
    """The image's tag; of one that is named by its digest, the tag that it was pushed under."""
    name, _, digest = image.partition("@")
    last = name.rpartition("/")[2]
    if digest:
        repository = ecr_backends[world.account][world.region].repositories.get(last)
        images = repository.images if repository else []
        tags = [tag for image in images if image.get_image_digest() == digest for tag in image.image_tags]
        return str(tags[-1]) if tags else digest
    return last.partition(":")[2] or "latest"


class Plane:
    """The process, and the thread that keeps it and the accounts in step."""

    def __init__(self, lock: threading.RLock) -> None:
        self.lock = lock
        self.accounts: dict[str, Traffic] = {}
        self._events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._ports: queue.SimpleQueue[int] = queue.SimpleQueue()
        # Its input closes when this process ends, however it ends; that is what ends it.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "standin.plane"],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        for target in (self._read, self._tick):
            threading.Thread(target=target, daemon=True).start()

    def open(self, world: World) -> Traffic:
        if world.traffic is None:
            world.traffic = self.accounts[world.account] = Traffic(self, world)
        return world.traffic

    def forget(self, traffic: Traffic) -> None:
        del self.accounts[traffic.world.account]
        traffic.world.traffic = None

    def reserve(self) -> int:
        self.send({"order": "reserve"})
        try:
            return self._ports.get(timeout=10)
        except queue.Empty:
            raise BadRequest("the data plane does not answer") from None

    def send(self, order: dict[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            event = json.loads(line)
            if event["event"] == "reserved":
                self._ports.put(event["port"])
            else:
                self._events.put(event)

    def _tick(self) -> None:
        while True:
            time.sleep(TICK_SECONDS)
            if (code := self._process.poll()) is not None:
                sys.stderr.write(f"standin: the data plane has ended with {code}\n")
                return
            with self.lock:
                for traffic in self.accounts.values():
                    traffic.world.advance()
                while not self._events.empty():
                    event = self._events.get()
                    if traffic := self.accounts.get(event["account"]):
                        traffic.take(event)
                for traffic in self.accounts.values():
                    traffic.tell()
