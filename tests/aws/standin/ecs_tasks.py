"""ListTasks, DescribeTasks, and the service calls of ECS that moto leaves out or gets wrong."""

from __future__ import annotations

import copy
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.ecs.exceptions import ECSException, InvalidParameterException
from moto.ecs.responses import DESCRIBE_TASKS_TAGS, EC2ContainerServiceResponse

from .ecs_sets import rescale, service_of
from .rules import check_definition
from .tasks import TaskSim, instance_arn
from .world import stamp, worlds

plain_create_service = EC2ContainerServiceResponse.create_service
plain_describe_services = EC2ContainerServiceResponse.describe_services
plain_register = EC2ContainerServiceResponse.register_task_definition

SERVICE_TASK_SET_TAGS = "DescribeServicesResponse.services.Service.taskSets.TaskSet.tags"


def sim_tasks(self: EC2ContainerServiceResponse, cluster: str) -> list[TaskSim]:
    arn = self.ecs_backend._get_cluster(cluster).arn
    world = worlds.get(self.current_account)
    return [task for sim in world.sets if sim.service.cluster_arn == arn for task in sim.tasks]


def page(self: EC2ContainerServiceResponse, key: str, found: list[str]) -> ActionResult:
    # aws-rules: pages of at most 100. The token is the index of the next one.
    size = min(int(self._get_param("maxResults") or 100), 100)
    size = min(size, worlds.get(self.current_account).knobs.pageSize or size)
    start = int(self._get_param("nextToken") or 0)
    result: dict[str, Any] = {key: found[start : start + size]}
    if start + size < len(found):
        result["nextToken"] = str(start + size)
    return ActionResult(result)


def list_tasks(self: EC2ContainerServiceResponse) -> ActionResult:
    cluster = self._get_param("cluster", "default")
    service, family = self._get_param("serviceName"), self._get_param("family")
    started_by, wanted = self._get_param("startedBy"), self._get_param("desiredStatus")
    others = [service, family, wanted, self._get_param("containerInstance"), self._get_param("launchType")]
    if started_by and any(others) and worlds.get(self.current_account).knobs.strictStartedBy:
        # model, ListTasks.startedBy: "When you specify startedBy as the filter, it must be the only filter that you
        # use." The field sees it accepted with desiredStatus [U]; the knob strictStartedBy decides.
        raise InvalidParameterException("startedBy must be the only filter.")
    if service:
        service_name = service.split("/")[-1]
        if f"{self.ecs_backend._get_cluster(cluster).name}:{service_name}" not in self.ecs_backend.services:
            raise ECSException("ServiceNotFoundException", "Service not found.")
    # model: the default of desiredStatus is RUNNING.
    status = wanted or "RUNNING"
    found = []
    for task in sim_tasks(self, cluster):
        if task.desired_status != status:
            continue
        if service and task.set.service.name != service.split("/")[-1]:
            continue
        if family and task.set.definition.family != family:
            continue
        if started_by and task.set.ts.id != started_by:
            continue
        found.append(task.arn)
    if not service:
        # Tasks that a test started with RunTask.
        for task in self.ecs_backend.list_tasks(cluster, None, None, started_by, None, status):
            if not family or task.task_definition_arn.split("/")[-1].rsplit(":", 1)[0] == family:
                found.append(task.task_arn)
    return page(self, "taskArns", found)


def describe_tasks(self: EC2ContainerServiceResponse) -> ActionResult:
    cluster, wanted = self._get_param("cluster", "default"), self._get_param("tasks", [])
    if not wanted:
        # aws-rules: at most 100, an empty list is an error.
        raise InvalidParameterException("Tasks cannot be empty.")
    if len(wanted) > 100:
        raise InvalidParameterException("Tasks can have at most 100 items.")
    ids = [name.split("/")[-1] for name in wanted]
    asked = set(ids)
    by_id: dict[str, Any] = {task.id: task.view() for task in sim_tasks(self, cluster) if task.id in asked}
    for tasks in self.ecs_backend.tasks.values():
        by_id |= {task.id: task for task in tasks.values()}
    if "TAGS" in self._get_param("include", []):
        self._include_in_response(DESCRIBE_TASKS_TAGS)
    else:
        self._exclude_from_response(DESCRIBE_TASKS_TAGS)
    missing = [{"arn": name, "reason": "MISSING"} for name, id in zip(wanted, ids, strict=True) if id not in by_id]
    return ActionResult({"tasks": [by_id[id] for id in ids if id in by_id], "failures": missing})


def describe_services(self: EC2ContainerServiceResponse) -> ActionResult:
    if len(self._get_param("services", [])) > 10:
        raise InvalidParameterException("Services can have at most 10 items.")
    if not self._get_param("services", []):
        raise InvalidParameterException("Services cannot be empty.")
    # aws-rules [V/U]: only DescribeTaskSets returns the tags of task sets.
    self._exclude_from_response(SERVICE_TASK_SET_TAGS)
    world = worlds.get(self.current_account)
    result = plain_describe_services(self)
    hidden = world.now - world.knobs.staleSeconds
    if world.knobs.staleSeconds:
        # aws-rules, trap 21: what is read may be older than what was just written.
        result.result["services"] = [as_of(service, hidden) for service in result.result["services"]]  # type: ignore[index]
    return result


def as_of(service: Any, hidden: float) -> Any:
    shown = copy.copy(service)
    shown.task_sets = [ts for ts in service.task_sets if not hasattr(ts, "sim") or ts.sim.created_at <= hidden]
    return shown


plain_container_instances = EC2ContainerServiceResponse.describe_container_instances


def describe_container_instances(self: EC2ContainerServiceResponse) -> ActionResult:
    """The one instance on which tasks of other network modes than awsvpc run."""
    wanted = self._get_param("containerInstances", [])
    instance, cluster = worlds.get(self.current_account).instance, self._get_param("cluster", "default")
    arn = instance_arn(self.ecs_backend, cluster.split("/")[-1], instance)
    if wanted and all(name.split("/")[-1] == arn.split("/")[-1] for name in wanted):
        shown = {"containerInstanceArn": arn, "ec2InstanceId": instance, "status": "ACTIVE", "agentConnected": True}
        return ActionResult({"containerInstances": [shown], "failures": []})
    return plain_container_instances(self)


# What CreateService and UpdateService keep, and moto forgets.
KEPT = ("healthCheckGracePeriodSeconds", "enableExecuteCommand", "enableECSManagedTags")


def create_service(self: EC2ContainerServiceResponse) -> ActionResult:
    controller = (self._get_param("deploymentController") or {}).get("type")
    if controller == "EXTERNAL":
        # aws-rules [U]: CreateService must omit them; REPLICA only [V].
        for field in ("loadBalancers", "taskDefinition", "networkConfiguration", "launchType", "platformVersion"):
            if self._get_param(field):
                raise InvalidParameterException(
                    f"{field} cannot be specified for a service with an EXTERNAL deployment controller."
                )
        if self._get_param("schedulingStrategy") == "DAEMON":
            raise InvalidParameterException("The DAEMON scheduling strategy does not support the EXTERNAL controller.")
    result = plain_create_service(self)
    service = result.result["service"]  # type: ignore[index]
    if controller == "EXTERNAL":
        # These are the task set's on such a service; moto fills them in.
        service.launch_type = service.network_configuration = None
    service.created_at = stamp(worlds.get(self.current_account).now)
    for field in KEPT:
        if self._get_param(field) is not None:
            setattr(service, camelcase_to_underscores(field), self._get_param(field))
    return result


def update_service(self: EC2ContainerServiceResponse) -> ActionResult:
    backend, params = self.ecs_backend, dict(self._get_params())
    service = backend._get_service(params.get("cluster") or "default", params["service"])
    external = service.deployment_controller.get("type") == "EXTERNAL"
    if external:
        service_of(backend, params.get("cluster") or "default", params["service"])
        for field in ("taskDefinition", "loadBalancers", "networkConfiguration", "platformVersion"):
            # aws-rules [U]: an EXTERNAL service takes the desired count, the grace period and settings.
            if params.get(field):
                raise InvalidParameterException(
                    f"{field} cannot be updated on a service with an EXTERNAL deployment controller."
                )
    controller = params.get("deploymentController")
    if controller and controller.get("type") != service.deployment_controller.get("type"):
        # aws-rules [V], since July 2025: needs a PRIMARY, refused with several task sets.
        if len(service.task_sets) != 1 or service.task_sets[0].status != "PRIMARY":
            raise InvalidParameterException(
                "The deployment controller can only be changed on a service with one task set, the PRIMARY one."
            )
        service.deployment_controller = controller
    if params.get("desiredCount") is not None:
        service.desired_count = params["desiredCount"]
    for field in KEPT:
        if params.get(field) is not None:
            setattr(service, camelcase_to_underscores(field), params[field])
    rescale(service)
    return ActionResult({"service": service})


def register_task_definition(self: EC2ContainerServiceResponse) -> ActionResult:
    check_definition(dict(self._get_params()))
    result = plain_register(self)
    definition = result.result["taskDefinition"]  # type: ignore[index]
    # AWS returns what was not sent, which is why a fingerprint is kept in a tag (aws-rules).
    definition.registered_at = stamp(worlds.get(self.current_account).now)
    return result


def list_task_definitions(self: EC2ContainerServiceResponse) -> ActionResult:
    family, status = self._get_param("familyPrefix"), self._get_param("status") or "ACTIVE"
    found = self.ecs_backend.list_task_definitions(family, status)
    # aws-rules: familyPrefix is the full family name; sorted by family and revision.
    found.sort(key=lambda arn: (arn.rsplit(":", 1)[0], int(arn.rsplit(":", 1)[1])))
    if self._get_param("sort") == "DESC":
        found.reverse()
    return page(self, "taskDefinitionArns", found)


def describe_task_definition(self: EC2ContainerServiceResponse) -> ActionResult:
    wanted = self._get_param("taskDefinition").split("/")[-1]
    backend = self.ecs_backend
    if ":" not in wanted:
        # aws-rules: by family alone it is the newest ACTIVE revision; moto gives the newest.
        active = [d for d in backend.task_definitions.get(wanted, {}).values() if d.status == "ACTIVE"]
        if not active:
            raise ECSException("ClientException", "Unable to describe task definition.")
        definition = max(active, key=lambda d: d.revision)
    else:
        definition = backend.describe_task_definition(wanted)
    result = {"taskDefinition": definition}
    if "TAGS" in self._get_param("include", []):
        result["tags"] = definition.tags
    return ActionResult(result)


def install() -> None:
    for handler in (
        list_tasks,
        describe_tasks,
        describe_services,
        describe_container_instances,
        create_service,
        update_service,
        register_task_definition,
        list_task_definitions,
        describe_task_definition,
    ):
        setattr(EC2ContainerServiceResponse, handler.__name__, handler)
