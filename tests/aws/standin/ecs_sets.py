"""The task-set calls of ECS, in place of moto's.

Each belief about AWS names its source: "model" is the service's API model as botocore ships it, "aws-rules" the
project's own collection of rules, where [V] was read in AWS's documents, [U] reported by users, [I] inferred.
"""

from __future__ import annotations

import copy
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import ECSException, InvalidParameterException, ServiceNotFoundException
from moto.ecs.models import EC2ContainerServiceBackend, TaskSet
from moto.ecs.responses import DESCRIBE_TASK_SETS_TAGS, EC2ContainerServiceResponse

from . import attachments
from .lifecycle import SetSim
from .rules import check_launch_type, check_task_set
from .world import World, worlds

# aws-rules [V]: the words of a service whose controller is another one.
NOT_EXTERNAL = (
    "Amazon ECS only supports task set management on services configured to use external deployment controllers."
)


class TaskSetNotFound(ECSException):
    def __init__(self) -> None:
        super().__init__("TaskSetNotFoundException", "The specified task set was not found.")


def service_of(backend: EC2ContainerServiceBackend, cluster: str, service: str) -> Any:
    """The service, if task sets can be managed on it."""
    found = backend.services.get(f"{backend._get_cluster(cluster).name}:{service.split('/')[-1]}")
    if found is None:
        raise ServiceNotFoundException
    if found.status != "ACTIVE":
        # model: ServiceNotActiveException.
        raise ECSException("ServiceNotActiveException", "Service was not ACTIVE.")
    if found.deployment_controller.get("type") != "EXTERNAL":
        raise InvalidParameterException(NOT_EXTERNAL)
    return found


def set_of(service: Any, wanted: str) -> TaskSet:
    """By ARN or by short id (model: "The short name or full ARN")."""
    for ts in service.task_sets:
        if wanted in (ts.task_set_arn, ts.id):
            return ts
    raise TaskSetNotFound


def percent(scale: dict[str, Any] | None) -> dict[str, Any]:
    # aws-rules [V]: a set that is created without a scale has 0 %.
    if scale is None:
        return {"value": 0.0, "unit": "PERCENT"}
    value = float(scale.get("value", 0))
    if not 0 <= value <= 100:
        raise InvalidParameterException("Scale value must be between 0 and 100.")
    return {"value": value, "unit": scale.get("unit", "PERCENT")}


def reply(ts: TaskSet) -> ActionResult:
    """aws-rules [V]: replies to create and update carry computedDesiredCount 0, the count arrives later."""
    shown = copy.copy(ts)
    shown.computed_desired_count = shown.pending_count = 0
    return ActionResult({"taskSet": shown})


def place(
    world: World, backend: EC2ContainerServiceBackend, service: Any, params: dict[str, Any], instant: bool
) -> TaskSet:
    """Makes a task set from the parameters of CreateTaskSet, checked."""
    scale = percent(params.get("scale"))
    definition = definition_of(backend, params.get("taskDefinition") or "")
    check_launch_type(params, definition)
    attachments.check(backend, params, definition)
    counted = [ts for ts in service.task_sets if world.knobs.drainingCounts or ts.status != "DRAINING"]
    if len(counted) >= world.knobs.taskSetLimit:
        # aws-rules: the message [U], that DRAINING sets count [I]; the other exception is in the model.
        if world.knobs.limitStyle == "limit":
            raise ECSException("LimitExceededException", "The limit for the number of task sets was exceeded.")
        raise InvalidParameterException(
            f"{len(counted)} deployments exist on the service. Unable to create new TaskSet since this exceeds the "
            "maximum limit."
        )
    launch_type = params.get("launchType")
    strategy = params.get("capacityProviderStrategy")
    if not launch_type and not strategy:
        launch_type = "EC2"
    ts = TaskSet(
        service.name,
        service.cluster_name,
        definition.arn,
        backend.account_id,
        backend.region_name,
        external_id=params.get("externalId"),
        network_configuration=params.get("networkConfiguration"),
        load_balancers=params.get("loadBalancers"),
        service_registries=params.get("serviceRegistries"),
        launch_type=launch_type,
        capacity_provider_strategy=strategy,
        platform_version=resolved(params.get("platformVersion"), definition),
        scale=scale,
        client_token=params.get("clientToken"),
        tags=params.get("tags"),
    )
    if "FARGATE" in (definition.requires_compatibilities or []):
        ts.platform_family = "Linux"
    ts.service_arn = service.arn
    ts.cluster_arn = service.cluster_arn
    if not params.get("externalId"):
        # AWS leaves out what was not given; moto shows "".
        ts.external_id = None
    if not hasattr(service, "sims"):
        service.sims = True
        world.services.append(service)
    service.task_sets.append(ts)
    sim = SetSim(world, service, ts, definition)
    world.sets.append(sim)
    sim.begin(instant)
    return ts


def resolved(platform: str | None, definition: Any) -> str | None:
    # aws-rules [U]: platformVersion reads back resolved; the model: only Fargate has one.
    if "FARGATE" not in (definition.requires_compatibilities or []):
        return platform
    return "1.4.0" if platform in (None, "LATEST") else platform


def definition_of(backend: EC2ContainerServiceBackend, wanted: str) -> Any:
    if not wanted:
        raise InvalidParameterException("TaskDefinition can not be blank.")
    definition = backend.describe_task_definition(wanted)
    if definition.status != "ACTIVE":
        # aws-rules: an INACTIVE definition cannot start a new set.
        raise ECSException("ClientException", "TaskDefinition is inactive")
    return definition


def create_task_set(self: EC2ContainerServiceResponse) -> ActionResult:
    backend, world = self.ecs_backend, worlds.get(self.current_account)
    params = dict(self._get_params())
    # Not where a fixture makes one: what AWS says may be hostile, too.
    check_task_set(params)
    cluster = params.get("cluster") or "default"
    service = service_of(backend, cluster, params["service"])
    token = params.get("clientToken")
    key = (backend.region_name, service.cluster_name, token or "")
    if token:
        if len(token) > 36 or not all(33 <= ord(c) <= 126 for c in token):
            # aws-rules [V]: at most 36 ASCII characters from 33 to 126.
            raise InvalidParameterException("clientToken must be at most 36 ASCII characters in the range of 33-126.")
        known = world.tokens.get(key)
        # aws-rules: scope is the cluster [V]; a token may replay a set that was deleted since [I].
        if known and (world.knobs.deadTokens == "replay" or any(ts.id == known.id for ts in service.task_sets)):
            return ActionResult({"taskSet": known})
    ts = place(world, backend, service, params, instant=False)
    if token:
        first = copy.copy(ts)
        first.computed_desired_count = first.running_count = first.pending_count = 0
        world.tokens[key] = first
    return reply(ts)


def update_task_set(self: EC2ContainerServiceResponse) -> ActionResult:
    service = service_of(self.ecs_backend, self._get_param("cluster", "default"), self._get_param("service"))
    ts = set_of(service, self._get_param("taskSet"))
    if ts.status == "DRAINING":
        raise InvalidParameterException("The TaskSet is DRAINING and cannot be updated.")
    ts.scale = percent(self._get_param("scale"))
    ts.sim.rescale()
    return reply(ts)


def rescale(service: Any) -> None:
    """After the service's desired count has changed: every set recomputes from it at once (aws-rules)."""
    for ts in service.task_sets:
        if hasattr(ts, "sim") and ts.status != "DRAINING":
            ts.sim.rescale()


def update_service_primary_task_set(self: EC2ContainerServiceResponse) -> ActionResult:
    service = service_of(self.ecs_backend, self._get_param("cluster", "default"), self._get_param("service"))
    ts = set_of(service, self._get_param("primaryTaskSet"))
    if ts.status == "DRAINING":
        raise InvalidParameterException("The TaskSet is DRAINING and cannot be made PRIMARY.")
    promote(service, ts)
    return ActionResult({"taskSet": ts})


def promote(service: Any, ts: TaskSet) -> None:
    # aws-rules [U]: a new PRIMARY turns the old one ACTIVE. A set with no running task is accepted [V].
    for other in service.task_sets:
        if other.status == "PRIMARY" and other is not ts:
            other.status = "ACTIVE"
    ts.sim.promote()
    # aws-rules: until then the service's own taskDefinition and loadBalancers show the old set.
    service.task_definition = ts.task_definition
    service.load_balancers = ts.load_balancers


def delete_task_set(self: EC2ContainerServiceResponse) -> ActionResult:
    world = worlds.get(self.current_account)
    service = service_of(self.ecs_backend, self._get_param("cluster", "default"), self._get_param("service"))
    ts = set_of(service, self._get_param("taskSet"))
    force = bool(self._get_param("force", False))
    if ts.status == "PRIMARY" and not force:
        raise InvalidParameterException("Primary TaskSet cannot be deleted")
    # aws-rules: a running ACTIVE set is deleted by a plain call [U]; the model suggests that it must be at zero.
    at_zero = float(ts.scale["value"]) == 0 and all(task.last_status == "STOPPED" for task in ts.sim.tasks)
    if world.knobs.deleteStyle == "at-zero" and not (force or at_zero or ts.status == "DRAINING"):
        raise InvalidParameterException("The TaskSet cannot be deleted while it is scaled above 0.")
    if ts.status != "DRAINING":
        ts.sim.drain()
    return ActionResult({"taskSet": ts})


def describe_task_sets(self: EC2ContainerServiceResponse) -> ActionResult:
    service = service_of(self.ecs_backend, self._get_param("cluster", "default"), self._get_param("service"))
    wanted = self._get_param("taskSets", [])
    if not wanted:
        # aws-rules [V/U]: without ids it fails.
        raise InvalidParameterException("TaskSets cannot be empty.")
    found = [ts for ts in service.task_sets if ts.task_set_arn in wanted or ts.id in wanted]
    # aws-rules: an unknown id gives an empty list or `failures`, never TaskSetNotFoundException.
    failures = []
    if worlds.get(self.current_account).knobs.missingTaskSets == "failures":
        known = {name for ts in found for name in (ts.task_set_arn, ts.id)}
        failures = [{"arn": name, "reason": "MISSING"} for name in wanted if name not in known]
    if "TAGS" in self._get_param("include", []):
        self._include_in_response(DESCRIBE_TASK_SETS_TAGS)
    else:
        self._exclude_from_response(DESCRIBE_TASK_SETS_TAGS)
    return ActionResult({"taskSets": found, "failures": failures})


def install() -> None:
    for handler in (
        create_task_set,
        update_task_set,
        update_service_primary_task_set,
        delete_task_set,
        describe_task_sets,
    ):
        setattr(EC2ContainerServiceResponse, handler.__name__, handler)
