"""One task of a task set, and its target in the load balancer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.moto_api._internal import mock_random

from .world import stamp

if TYPE_CHECKING:
    from .lifecycle import SetSim

# Reason codes and descriptions: API model, TargetHealth.Reason, and the texts that the console and the API show.
HEALTH = {
    "registering": ("initial", "Elb.RegistrationInProgress", "Target registration is in progress"),
    "initial": ("initial", "Elb.InitialHealthChecking", "Initial health checks in progress"),
    "healthy": ("healthy", None, None),
    "unhealthy": ("unhealthy", "Target.ResponseCodeMismatch", "Health checks failed with these codes: [{code}]"),
    "timeout": ("unhealthy", "Target.Timeout", "Request timed out"),
    "failed": ("unhealthy", "Target.FailedHealthChecks", "Health checks failed"),
    "draining": ("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress"),
    "not-in-use": (
        "unused",
        "Target.NotInUse",
        "Target is in an Availability Zone that is not enabled for the load balancer",
    ),
    "ip-unusable": (
        "unused",
        "Target.IpUnusable",
        "The IP address is in use by a load balancer and cannot be used as a target",
    ),
}
# model, TargetAdministrativeOverrideStateEnum and -ReasonEnum. That the first is always shown, and in these words, many
# users' listings of describe-target-health have; the other words are [I].
OVERRIDES = {
    "no_override": ("AdministrativeOverride.NoOverride", "No override is currently active on target"),
    "zonal_shift_active": ("AdministrativeOverride.ZonalShiftActive", "Zonal shift is active on target"),
    "zonal_shift_delegated_to_dns": (
        "AdministrativeOverride.ZonalShiftDelegatedToDns",
        "Zonal shift is delegated to DNS",
    ),
}
SICK = ("unhealthy", "timeout", "failed")
UNATTACHED = (
    "unused",
    "Target.NotInUse",
    "Target group is not configured to receive traffic from the load balancer",
)


class TaskSim:
    def __init__(self, owner: SetSim) -> None:
        self.set = owner
        self.id = mock_random.get_random_hex(32)
        service = owner.service
        self.arn = f"arn:aws:ecs:{owner.ts.region_name}:{owner.world.account}:task/{service.cluster_name}/{self.id}"
        self.awsvpc = owner.definition.network_mode == "awsvpc"
        # aws-rules: a target is the address of the network interface, or an instance with a host port.
        # Developer guide, "Amazon ECS task networking options": a task in an IPv6-only subnet has "a primary
        # private IPv4 or IPv6 address".
        self.ipv6 = self.awsvpc and getattr(service, "ipv6", False)
        network = owner.world.address6 if self.ipv6 else owner.world.address
        self.address = network() if self.awsvpc else owner.world.instance
        self.port = owner.port if self.awsvpc or not owner.group else owner.world.host_port()
        self.last_status = "PROVISIONING"
        self.desired_status = "RUNNING"
        self.created_at = owner.world.now
        self.started_at: float | None = None
        self.stopping_at: float | None = None
        self.stopped_at: float | None = None
        self.stop_code: str | None = None
        self.stopped_reason: str | None = None
        self.exit_code: int | None = None
        self.container_reason: str | None = None
        self.target: str | None = None
        self.override, self.anomaly, self.mitigation = "no_override", "normal", "no"
        self.forced = False
        # Where tasks are processes: what its own is to do, `run`, `stop` or `kill`; None: it has none.
        self.process: str | None = None
        # What its health checks got instead of what they expect.
        self.code = "500"

    @property
    def over(self) -> bool:
        return self.last_status == "STOPPED" and self.target is None

    def counts_as_healthy(self, now: float) -> bool:
        if self.target in (None, "healthy"):
            return True
        # API documentation of DescribeTaskSets and CreateService: bad load-balancer health is ignored within the
        # service's grace period, so STEADY_STATE can be reached in spite of it.
        return self.target in SICK and now < self.set.grace_ends(self)

    # Its life

    def begin(self, now: float) -> None:
        times = self.set.times
        self.last_status = "PENDING"
        if self.set.outcome == "pull-error":
            self.set.world.at(now + times.startSeconds, self.fail_to_pull, "image cannot be pulled")
        elif self.set.outcome != "stuck":
            self.set.world.at(now + times.startSeconds, self.boot, "task runs")

    def boot(self, now: float) -> None:
        """A process is taken for running once it takes connections: the data plane says so."""
        if self.set.world.traffic is None:
            self.run(now)
        elif self.desired_status == "RUNNING":
            self.process = "run"

    def run(self, now: float) -> None:
        if self.last_status == "STOPPED" or self.desired_status == "STOPPED":
            return
        self.last_status = "RUNNING"
        self.started_at = now
        if self.set.group:
            self.target = "initial"
            self.set.event(f"{self.set.name} registered 1 targets in (target-group {self.set.group})", now)
        world, times = self.set.world, self.set.times
        if world.traffic is None:
            if self.set.outcome == "crash":
                world.at(now + times.crashSeconds, self.crash, "container exits")
            world.at(now + times.healthySeconds, self.settle, "health checks are through")
        self.set.check(now)

    def settle(self, now: float) -> None:
        """The load balancer has made up its mind."""
        if self.target != "initial" or self.forced:
            return
        outcome = self.set.outcome
        if outcome in ("unhealthy", "timeout"):
            self.sicken(now, outcome)
        elif outcome in ("not-in-use", "ip-unusable"):
            self.target = outcome
        elif outcome != "crash" or self.set.times.crashSeconds > self.set.times.healthySeconds:
            self.target = "healthy"
        self.set.check(now)

    def judge(self, now: float, state: str, code: str) -> None:
        """Real health checks have changed their mind. `code`: the status that was not expected."""
        if self.target in (None, "draining") or self.forced:
            return
        if self.set.outcome in ("not-in-use", "ip-unusable"):
            self.target = self.set.outcome
        elif state == "healthy":
            self.target = "healthy"
        else:
            self.code = code or self.code
            self.sicken(now, state)
        self.set.check(now)

    def heal(self, now: float) -> None:
        if self.target and self.target != "draining":
            self.target, self.forced = "healthy", True
            self.set.check(now)

    def sicken(self, now: float, kind: str = "unhealthy", reason: str | None = None) -> None:
        if self.target is None or self.target == "draining":
            return
        self.target = kind
        why = reason or self.health(True)[2]
        # Amazon ECS developer guide, "Amazon ECS service event messages".
        self.set.event(
            f"{self.set.name} (port {self.port}) is unhealthy in (target-group {self.set.group}) "
            f"due to (reason {why}).",
            now,
        )
        # Within the grace period ECS ignores it; afterwards it replaces the task.
        later = max(now + self.set.times.replaceSeconds, self.set.grace_ends(self))
        self.set.world.at(later, self.unhealthy_too_long, "unhealthy task is replaced")
        self.set.check(now)

    def unhealthy_too_long(self, now: float) -> None:
        if self.target in SICK and self.desired_status == "RUNNING":
            reason = f"Task failed ELB health checks in (target-group {self.set.group})"
            self.stop(now, "ServiceSchedulerInitiated", reason)
            self.set.replace(self, now)

    def crash(self, now: float, exit_code: int = 1, reason: str = "Essential container in task exited") -> None:
        if self.last_status == "STOPPED" or self.desired_status == "STOPPED":
            return
        self.exit_code = exit_code
        self.desired_status = "STOPPED"
        self.stop_code, self.stopped_reason = "EssentialContainerExited", reason
        if self.process:
            self.process = "kill"
        self.finish(now)
        self.deregister(now)
        self.set.replace(self, now)

    def fail_to_pull(self, now: float) -> None:
        if self.desired_status == "STOPPED":
            return
        image = self.set.definition.container_definitions[0]["image"]
        # Amazon ECS developer guide, "CannotPullContainer task errors".
        why = (
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
            f"failed to resolve ref {image}: {image}: not found"
        )
        self.desired_status = "STOPPED"
        self.stop_code, self.stopped_reason, self.container_reason = "TaskFailedToStart", why, why
        self.finish(now)
        self.set.replace(self, now)

    def stop(self, now: float, code: str, reason: str) -> None:
        """Takes it out of the load balancer first, then stops it."""
        if self.desired_status == "STOPPED":
            return
        self.desired_status = "STOPPED"
        self.stop_code, self.stopped_reason = code, reason
        self.stopping_at = now
        if self.last_status != "RUNNING":
            if self.process:
                self.process = "kill"
            self.finish(now)
            return
        self.last_status = "DEACTIVATING"
        self.exit_code = 0
        if self.target:
            self.set.event(f"{self.set.name} has begun draining connections on 1 tasks.", now)
            self.set.event(f"{self.set.name} deregistered 1 targets in (target-group {self.set.group})", now)
            self.deregister(now)
        else:
            self.set.world.at(now + self.set.times.goneSeconds, self.end, "task has stopped")

    def deregister(self, now: float) -> None:
        if not self.target:
            return
        self.target = "draining"
        drain = self.set.times.drainSeconds
        if self.set.times.realDeregistration:
            drain = deregistration_delay(self.set)
        self.set.world.at(now + drain, self.end, "task has stopped")
        # The target may stand as draining for longer than the task that it was (aws-rules.md, trap 26).
        self.set.world.at(now + drain + self.set.times.lingerSeconds, self.leave, "target has left")

    def leave(self, now: float) -> None:
        self.target = None
        self.set.reconcile(now)

    def end(self, now: float) -> None:
        """A process is told to end first: `exited` says when it has."""
        if self.process is None:
            self.finish(now)
        elif self.process == "run":
            self.process = "stop"

    def exited(self, now: float, code: int) -> None:
        asked = self.process != "run"
        self.process = None
        if not asked:
            self.crash(now, code)
            return
        if self.last_status != "STOPPED":
            self.exit_code = code
            self.finish(now)

    def finish(self, now: float) -> None:
        if self.last_status != "STOPPED":
            self.last_status = "STOPPED"
            self.stopping_at = self.stopping_at or now
            self.stopped_at = now
        if self.set.ts.status == "DRAINING":
            self.set.reconcile(now)
        else:
            self.set.check(now)

    # What ECS and the load balancer say of it

    def health(self, attached: bool) -> tuple[str, str | None, str | None]:
        if not attached and self.target != "draining":
            return UNATTACHED
        state, reason, description = HEALTH[self.target or "draining"]
        return state, reason, description and description.format(code=self.code)

    def shown(self) -> dict[str, Any]:
        """What a target shows besides its health, by the names of the API."""
        reason, description = OVERRIDES[self.override]
        return {
            "administrative_override": {"State": self.override, "Reason": reason, "Description": description},
            "anomaly_detection": {"Result": self.anomaly, "MitigationInEffect": self.mitigation},
        }

    def view(self) -> dict[str, Any]:
        owner, definition = self.set, self.set.definition
        attachment = str(self.id[:8] + "-0000-4000-8000-" + self.id[8:20])
        network = (owner.ts.network_configuration or {}).get("awsvpcConfiguration", {})
        containers = []
        for container in definition.container_definitions:
            one: dict[str, Any] = {
                "containerArn": self.arn.replace(":task/", ":container/") + f"/{attachment}",
                "taskArn": self.arn,
                "name": container["name"],
                "image": container["image"],
                "lastStatus": "RUNNING" if self.last_status == "DEACTIVATING" else self.last_status,
                "healthStatus": "UNKNOWN",
                "networkBindings": [],
                "networkInterfaces": [],
            }
            if self.awsvpc:
                # model, NetworkInterface: the names are not alike.
                name = "ipv6Address" if self.ipv6 else "privateIpv4Address"
                one["networkInterfaces"] = [{"attachmentId": attachment, name: self.address}]
            elif owner.group and container["name"] == owner.ts.load_balancers[0].get("containerName"):
                binding = {"bindIP": "0.0.0.0", "containerPort": owner.port, "hostPort": self.port, "protocol": "tcp"}
                one["networkBindings"] = [binding]
            if self.last_status == "STOPPED" and self.exit_code is not None:
                one["exitCode"] = self.exit_code
            if self.container_reason:
                one["reason"] = self.container_reason
            containers.append(one)
        details = {
            "subnetId": (network.get("subnets") or ["subnet-0"])[0],
            "networkInterfaceId": f"eni-{self.id[:17]}",
            "macAddress": "0a:00:00:00:00:01",
        }
        if not self.ipv6:
            # model, Attachment.details: "and the private IPv4 address"; an IPv6 one is not among what it lists.
            details["privateIPv4Address"] = self.address
        task: dict[str, Any] = {
            "taskArn": self.arn,
            "clusterArn": owner.service.cluster_arn,
            "taskDefinitionArn": definition.arn,
            "group": f"service:{owner.service.name}",
            # aws-rules.md: tasks of a set have startedBy = its id.
            "startedBy": owner.ts.id,
            "lastStatus": self.last_status,
            "desiredStatus": self.desired_status,
            "launchType": owner.ts.launch_type,
            "platformVersion": owner.ts.platform_version,
            "createdAt": stamp(self.created_at),
            "startedAt": self.started_at and stamp(self.started_at),
            "stoppingAt": self.stopping_at and stamp(self.stopping_at),
            "stoppedAt": self.stopped_at and stamp(self.stopped_at),
            "stopCode": self.stop_code,
            "stoppedReason": self.stopped_reason,
            "cpu": definition.cpu,
            "memory": definition.memory,
            "connectivity": "CONNECTED",
            "healthStatus": "UNKNOWN",
            "version": 1,
            "containers": containers,
            "attachments": [
                {
                    "id": attachment,
                    "type": "ElasticNetworkInterface",
                    "status": "DELETED" if self.last_status == "STOPPED" else "ATTACHED",
                    "details": [{"name": name, "value": value} for name, value in details.items()],
                }
            ],
            "tags": [],
        }
        if not self.awsvpc:
            task["attachments"] = []
            service = owner.service
            task["containerInstanceArn"] = instance_arn(service._backend, service.cluster_name, self.address)
        return {key: value for key, value in task.items() if value is not None}


def instance_arn(backend: Any, cluster: str, instance: str) -> str:
    number = f"{instance.removeprefix('i-'):0>32}"
    return f"arn:aws:ecs:{backend.region_name}:{backend.account_id}:container-instance/{cluster}/{number}"


def deregistration_delay(owner: SetSim) -> float:
    from moto.elbv2.models import elbv2_backends

    backend = elbv2_backends[owner.world.account][owner.ts.region_name]
    group = backend.target_groups.get(owner.group)
    return float(group.attributes["deregistration_delay.timeout_seconds"]) if group else 0.0
