"""Task sets and their tasks over time, hung on moto's own objects."""

from __future__ import annotations

import math
from typing import Any

from moto.moto_api._internal import mock_random

from .tasks import TaskSim
from .world import World, stamp


class SetSim:
    """What happens to one task set. `ts` is moto's TaskSet, which this keeps up to date."""

    def __init__(self, world: World, service: Any, ts: Any, definition: Any) -> None:
        self.world = world
        self.service = service
        self.ts = ts
        self.definition = definition
        images = [container["image"] for container in definition.container_definitions]
        self.outcome, self.times = world.knobs.for_images(images)
        self.tasks: list[TaskSim] = []
        self.failures = 0
        self.changed_at = self.created_at = world.now
        self.gone = False
        self.starting = False
        ts.sim = self
        ts.status = "ACTIVE"
        ts.stabilityStatus = "STABILIZING"
        ts.createdAt = stamp(math.floor(world.now) if world.knobs.wholeSeconds else world.now)
        ts.updatedAt = ts.stabilityStatusAt = stamp(world.now)

    # What can be asked

    @property
    def name(self) -> str:
        return f"(service {self.service.name}, taskSet {self.ts.id})"

    @property
    def desired(self) -> int:
        if self.ts.status == "DRAINING":
            return 0
        # The API model's text on TaskSet.computedDesiredCount: "always rounded up". Rounded first, so that 29 % of 100
        # is 29 in spite of binary fractions.
        return math.ceil(round(self.service.desired_count * float(self.ts.scale["value"]) / 100, 6))

    @property
    def group(self) -> str | None:
        balancers = self.ts.load_balancers
        return balancers[0].get("targetGroupArn") if balancers else None

    @property
    def port(self) -> int:
        return int(self.ts.load_balancers[0].get("containerPort", 80)) if self.group else 0

    @property
    def running(self) -> int:
        return sum(task.last_status == "RUNNING" for task in self.tasks)

    @property
    def pending(self) -> int:
        return sum(task.last_status in ("PROVISIONING", "PENDING", "ACTIVATING") for task in self.tasks)

    def grace_ends(self, task: TaskSim) -> float:
        grace = getattr(self.service, "health_check_grace_period_seconds", None) or 0
        return (task.started_at or self.world.now) + grace

    # What is done to it

    def begin(self, instant: bool = False) -> None:
        """Starts the tasks. `instant` is for fixtures: the set has been there for long."""
        if instant:
            past = self.world.now - 3600
            self.changed_at = self.created_at = past
            self.ts.createdAt = self.ts.updatedAt = stamp(past)
            for _ in range(self.desired):
                task = TaskSim(self)
                task.created_at = past
                self.tasks.append(task)
                task.boot(past)
                task.settle(past)
            self.check(self.world.now)
        else:
            self.rescale()

    def rescale(self) -> None:
        """After the scale or the service's desired count has changed."""
        self.changed_at = self.world.now
        self.ts.updatedAt = stamp(self.world.now)
        self.reconcile(self.world.now)
        self.world.at(self.world.now + self.times.steadySeconds, self.check, "steady?")

    def drain(self) -> None:
        self.ts.status = "DRAINING"
        self.ts.updatedAt = stamp(self.world.now)
        self.reconcile(self.world.now)

    def promote(self) -> None:
        self.ts.status = "PRIMARY"
        self.ts.updatedAt = stamp(self.world.now)

    # What happens to it

    def reconcile(self, now: float) -> None:
        wanted = [task for task in self.tasks if task.desired_status == "RUNNING"]
        missing = self.desired - len(wanted)
        if missing > 0:
            self.start(missing, now)
        elif missing < 0:
            self.stop(wanted[missing:], now)
        self.check(now)
        if self.ts.status == "DRAINING" and not self.gone and all(task.last_status == "STOPPED" for task in self.tasks):
            self.gone = True
            self.world.at(now + self.times.goneSeconds, self.remove, f"{self.ts.id} gone")

    def start(self, count: int, now: float) -> None:
        if self.outcome == "placement":
            # Amazon ECS developer guide, "Amazon ECS service event messages".
            self.event(
                f"{self.name} was unable to place a task because no container instance met all of its requirements. "
                "Reason: No Container Instances were found in your capacity provider.",
                now,
            )
            if not self.starting:
                self.starting = True
                self.world.at(now + max(self.times.restartSeconds, 1), self.again, "placement tried again")
            return
        started = [TaskSim(self) for _ in range(count)]
        self.tasks.extend(started)
        listed = " ".join(f"(task {task.id})" for task in started)
        self.event(f"{self.name} has started {count} tasks: {listed}.", now)
        for task in started:
            task.begin(now)

    def again(self, now: float) -> None:
        self.starting = False
        self.reconcile(now)

    def stop(self, tasks: list[TaskSim], now: float) -> None:
        listed = " ".join(f"(task {task.id})" for task in tasks)
        self.event(f"{self.name} has stopped {len(tasks)} running tasks: {listed}.", now)
        reason = f"Scaling activity initiated by (deployment {self.ts.id})"
        for task in tasks:
            # aws-rules.md: ServiceSchedulerInitiated covers failed health checks and plain scale-in alike.
            task.stop(now, "ServiceSchedulerInitiated", reason)

    def replace(self, task: TaskSim, now: float) -> None:
        """One of its tasks failed: another one follows."""
        self.failures += 1
        if self.failures == 3:
            # Amazon ECS developer guide, "Amazon ECS service event messages": after repeated failures.
            self.event(
                f"{self.name} is unable to consistently start tasks successfully. For more information, see the "
                "Troubleshooting section of the Amazon ECS Developer Guide.",
                now,
            )
        self.trim()
        if not self.starting:
            self.starting = True
            self.world.at(now + self.times.restartSeconds, self.again, f"{self.ts.id} starts another task")
        self.check(now)

    def trim(self) -> None:
        # Stopped tasks stay visible for about an hour (aws-rules.md); a crash loop must not fill the memory either.
        over = [task for task in self.tasks if task.over]
        drop = {id(t) for t in over if t.stopped_at and t.stopped_at < self.world.now - 3600}
        drop |= {id(t) for t in over[:-50]}
        if drop:
            self.tasks = [task for task in self.tasks if id(task) not in drop]

    def check(self, now: float) -> None:
        """STEADY_STATE as the API model's text on TaskSet.stabilityStatus defines it; true of zero tasks."""
        waited = now >= self.changed_at + self.times.steadySeconds - 1e-6
        steady = (
            waited
            and self.outcome != "never-steady"
            and self.ts.status != "DRAINING"
            and self.running == self.desired
            and self.pending == 0
            and all(task.counts_as_healthy(now) for task in self.tasks if task.last_status == "RUNNING")
        )
        status = "STEADY_STATE" if steady else "STABILIZING"
        if status != self.ts.stabilityStatus:
            self.ts.stabilityStatus = status
            self.ts.stabilityStatusAt = stamp(now)
            live = [s for s in self.service.task_sets if s.status != "DRAINING"]
            if steady and all(s.stabilityStatus == "STEADY_STATE" for s in live):
                # Names the service, not the set: "is not about our set" (aws-rules.md).
                self.event(f"(service {self.service.name}) has reached a steady state.", now)
        self.publish()

    def remove(self, now: float) -> None:
        self.service.task_sets[:] = [ts for ts in self.service.task_sets if ts is not self.ts]
        # Its stopped tasks, and targets that linger, can still be asked for; not those of long ago.
        past = [sim for sim in self.world.sets if sim.gone]
        if len(past) > 50:
            self.world.sets.remove(past[0])
        publish_service(self.service)

    def publish(self) -> None:
        self.ts.computed_desired_count = self.desired
        self.ts.running_count = self.running
        self.ts.pending_count = self.pending
        publish_service(self.service)

    def event(self, message: str, now: float) -> None:
        event = {"id": str(mock_random.uuid4()), "createdAt": stamp(now), "message": message}
        # Newest first, at most 100 (API model, Service.events).
        self.service.events.insert(0, event)
        del self.service.events[100:]


def publish_service(service: Any) -> None:
    # The service's own counts are sums over all its sets: useless for judging one of them (aws-rules.md).
    service.running_count = sum(getattr(ts, "running_count", 0) for ts in service.task_sets)
    service.pending_count = sum(getattr(ts, "pending_count", 0) for ts in service.task_sets)
