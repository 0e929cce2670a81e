"""What AWS refuses of a request for its values alone.

Each rule names its source: "model" is the API model's constraint or its words, as botocore ships it; [U] a message that
users report; [I] inferred: the rule is in the model's words, and how AWS says it is not known.
"""

from __future__ import annotations

import re
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import EcsClientException, ECSException, InvalidParameterException
from moto.sts.exceptions import STSValidationError
from moto.sts.responses import TokenResponse

from .model import violations

plain_assume_role = TokenResponse.assume_role

Params = dict[str, Any]

# model, RegisterTaskDefinition.memory;
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
FARGATE = {
    256: [512, 1024, 2048],
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16384 + 1, 1024),
    4096: range(8192, 30720 + 1, 1024),
    8192: range(16384, 61440 + 1, 4096),
    16384: range(32768, 122880 + 1, 8192),
}

# model: "Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens are allowed."
NAME = re.compile(r"[A-Za-z0-9_-]+")


def by_model(operation: str, params: Params, refused: type[ECSException]) -> None:
    """What the API's model says of values, in the operation's own error, but for tags."""
    for _, what, shape in violations("ecs", operation, params):
        if shape.name in ("TagKey", "TagValue") and "pattern" in what:
            # [U] https://github.com/prefect-archive/prefect-aws/issues/223
            raise InvalidParameterException(
                "Some tags contain invalid characters. Valid characters: UTF-8 letters, spaces, numbers and "
                "_ . / = + - : @."
            )
        # [I] the words are those of AWS's other services.
        of_tags = shape.name in ("Tags", "TagKey", "TagValue")
        raise (InvalidParameterException if of_tags else refused)(f"1 validation error detected: {what}")
    keys = [tag.get("key", "") for tag in params.get("tags") or []]
    if len(set(keys)) < len(keys):
        # model, tags: "each tag key must be unique". [I]
        raise InvalidParameterException("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    for tag in params.get("tags") or []:
        if any((tag.get(part) or "").lower().startswith("aws:") for part in ("key", "value")):
            # model, tags: "Do not use aws:, AWS:, or any upper or lowercase combination … either keys or values". [I]
            raise InvalidParameterException("Tags must not begin with aws:.")


def check_definition(params: Params) -> None:
    by_model("RegisterTaskDefinition", params, EcsClientException)
    family = params.get("family") or ""
    if len(family) > 255:
        raise EcsClientException("Family can not be longer than 255 characters.")  # [I]
    if not NAME.fullmatch(family):
        # [U] https://github.com/aws/amazon-ecs-cli/issues/37
        raise EcsClientException("Family contains invalid characters.")
    containers = params.get("containerDefinitions") or []
    check_size(params, containers)
    if len(params.get("placementConstraints") or []) > 10:
        # model, placementConstraints: "a maximum of 10 constraints for each task". [I]
        raise EcsClientException("Placement constraints can have at most 10 items.")
    storage = (params.get("ephemeralStorage") or {}).get("sizeInGiB")
    if storage is not None and not 21 <= storage <= 200:
        # model, EphemeralStorage.sizeInGiB. [I]
        raise EcsClientException("Ephemeral storage sizeInGiB must be between 21 and 200.")
    if containers and all(container.get("essential") is False for container in containers):
        # model, essential: "All tasks must have at least one essential container." [I]
        raise EcsClientException("At least one essential container must be specified.")
    fargate = "FARGATE" in (params.get("requiresCompatibilities") or [])
    for container in containers:
        check_container(params, container, fargate)


def number(text: str | None, unit: str, what: str) -> int | None:
    """model, cpu and memory: a number, or a number of vCPUs or GB."""
    if text is None:
        return None
    if re.fullmatch(r"\d+", text.strip()):
        return int(text)
    found = re.fullmatch(rf"(\d*\.?\d+)\s*{unit}", text.strip(), re.IGNORECASE)
    if not found:
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
        raise EcsClientException(f"Invalid '{what}' setting for task.")
    return round(float(found[1]) * 1024)


def check_size(params: Params, containers: list[Params]) -> None:
    cpu, memory = number(params.get("cpu"), "vCPU", "cpu"), number(params.get("memory"), "GB", "memory")
    if cpu is not None and not 128 <= cpu <= 196608:
        # model, cpu: "between 128 CPU units (0.125 vCPUs) and 196608 CPU units".
        raise EcsClientException("Invalid 'cpu' setting for task.")
    windows = (params.get("runtimePlatform") or {}).get("operatingSystemFamily", "").startswith("WINDOWS")
    reserved = sum(c.get("memoryReservation") or c.get("memory") or 0 for c in containers)
    if memory is not None and reserved > memory and not windows:
        # model, ContainerDefinition.memory: the total "must be lower than the task memory value". [I]
        raise EcsClientException("The memory that the containers reserve exceeds the memory of the task.")
    if "FARGATE" not in (params.get("requiresCompatibilities") or []):
        return
    if params.get("networkMode") != "awsvpc":
        # model, networkMode: "For Amazon ECS tasks on Fargate, the awsvpc network mode is required." [U]
        raise EcsClientException("Fargate only supports network mode 'awsvpc'.")
    for what, given in (("cpu", cpu), ("memory", memory)):
        if given is None:
            # [U] https://github.com/mongodb/terraform-aws-ecs-task-definition/issues/38
            raise EcsClientException(f"Fargate requires that '{what}' be defined at the task level.")
    if memory not in FARGATE.get(cpu or 0, []):
        # [U] https://github.com/aws-games/cloud-game-development-toolkit/issues/737
        raise EcsClientException(
            f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See the Amazon ECS "
            "documentation for the valid values."
        )
    if sum(c.get("cpu") or 0 for c in containers) > (cpu or 0):
        # model, ContainerDefinition.cpu: the total "be lower than the task-level cpu value". [I]
        raise EcsClientException("The cpu that the containers reserve exceeds the cpu of the task.")


def check_container(params: Params, container: Params, fargate: bool) -> None:
    name = container.get("name") or ""
    if not NAME.fullmatch(name) or len(name) > 255:
        # [U] https://github.com/hashicorp/terraform-provider-aws/issues/5950
        raise EcsClientException("Container.name contains invalid characters.")
    setting = f"Invalid setting for container '{name}'."
    if len((container.get("image") or "").split("@")[0]) > 255:
        # model, image: "up to 255 characters total are allowed". [I]
        raise EcsClientException(f"{setting} Image can not be longer than 255 characters.")
    memory, reservation = container.get("memory") or 0, container.get("memoryReservation") or 0
    if not (params.get("memory") or memory or reservation):
        # [U] https://github.com/cuttlesoft/ecs-deploy.py/issues/17
        raise EcsClientException(f"{setting} At least one of 'memory' or 'memoryReservation' must be specified.")
    if any(0 < given < 4 for given in (memory, reservation)):
        # model, memory: "don't specify less than 4 MiB of memory", 6 with newer daemons. [I]
        raise EcsClientException(f"{setting} The minimum of memory is 4 MiB.")
    if memory and reservation > memory:
        # model, memoryReservation: "memory must be greater than memoryReservation". [I]
        raise EcsClientException(f"{setting} memoryReservation must not be greater than memory.")
    check_ports(params, container)
    check_variables(container)
    logging = container.get("logConfiguration") or {}
    group = (logging.get("options") or {}).get("awslogs-group")
    if logging.get("logDriver") == "awslogs" and group and not re.fullmatch(r"[\.\-_/#A-Za-z0-9]{1,512}", group):
        # model of CloudWatch Logs, LogGroupName. [I]
        raise EcsClientException(f"{setting} awslogs-group is no name of a log group.")
    health = container.get("healthCheck") or {}
    for key, least, most in (("interval", 5, 300), ("timeout", 2, 60), ("retries", 1, 10), ("startPeriod", 0, 300)):
        # model, HealthCheck: "You may specify between …". [I]
        if key in health and not least <= health[key] <= most:
            raise EcsClientException(f"{setting} Health check {key} must be between {least} and {most}.")
    if fargate and (container.get("stopTimeout") or 0) > 120:
        # model, stopTimeout: "the max stop timeout value is 120 seconds". [I]
        raise EcsClientException(f"{setting} stopTimeout must be at most 120.")


def check_ports(params: Params, container: Params) -> None:
    mode = params.get("networkMode") or "bridge"
    mappings = container.get("portMappings") or []
    if mode == "none" and mappings:
        # model, portMappings: "If the network mode … is set to none, then you can't specify port mappings." [I]
        raise EcsClientException("Port mappings cannot be specified when networkMode=none.")
    for mapping in mappings:
        port, host = mapping.get("containerPort"), mapping.get("hostPort") or 0
        if (port is not None and not 1 <= port <= 65535) or not 0 <= host <= 65535:
            raise EcsClientException("A port must be between 0 and 65535.")  # [I]
        if mode in ("awsvpc", "host") and port is not None and host not in (0, port):
            # model, PortMapping.hostPort: "blank or set to the same value as the containerPort". [U]
            raise EcsClientException(
                f"When networkMode={mode}, the host ports and container ports in port mappings must match."
            )
        if "name" in mapping and not re.fullmatch(r"[a-z0-9_][a-z0-9_-]{0,63}", mapping["name"]):
            # model, PortMapping.name: "lowercase letters, numbers, underscores (_), and hyphens (-)". [I]
            raise EcsClientException("The name of a port mapping has invalid characters.")


def check_variables(container: Params) -> None:
    taken: set[str] = set()
    for key in ("environment", "secrets"):
        for item in container.get(key) or []:
            name = item.get("name") or ""
            if not name or "=" in name:
                raise EcsClientException("The name of an environment variable is invalid.")  # [I]
            if key == "secrets" and name in taken:
                # [U] the words of ECS.
                raise EcsClientException(
                    "The secret name must be unique and not shared with any new or existing environment variables set "
                    f"on the container, such as '{name}'."
                )
            taken.add(name)


def check_launch_type(params: Params, definition: Any) -> None:
    """[U] https://github.com/oranmoshai/ecsServiceRestart/issues/2; what a definition is fit for, ECS works out."""
    wanted = params.get("launchType") == "FARGATE"
    if not wanted or "FARGATE" in (definition.requires_compatibilities or []):
        return
    cpu, memory = number(definition.cpu, "vCPU", "cpu"), number(definition.memory, "GB", "memory")
    if definition.network_mode != "awsvpc" or memory not in FARGATE.get(cpu or 0, []):
        raise InvalidParameterException("Task definition does not support launch_type FARGATE.")


def check_task_set(params: Params) -> None:
    value = (params.get("scale") or {}).get("value")
    if value is not None and not 0 <= value <= 100:
        # model, Scale.value: "Accepted values are numbers between 0 and 100." [I]
        raise InvalidParameterException("Scale value must be between 0 and 100.")
    by_model("CreateTaskSet", params, InvalidParameterException)
    strategy = params.get("capacityProviderStrategy") or []
    if params.get("launchType") and strategy:
        # model: "If a launchType is specified, the capacityProviderStrategy parameter must be omitted."
        raise InvalidParameterException(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
        )
    if len(strategy) > 20:
        # model, CreateService.capacityProviderStrategy: "a maximum of 20 capacity providers". [I]
        raise InvalidParameterException("Capacity provider strategy can have at most 20 items.")
    if sum(1 for item in strategy if item.get("base")) > 1:
        # model, base: "Only one capacity provider in a capacity provider strategy can have a base defined." [I]
        raise InvalidParameterException("Only one capacity provider can have a base defined.")
    if len(strategy) > 1 and not any(item.get("weight") for item in strategy):
        # model, weight: several "that all have a weight of 0 … will fail". [I]
        raise InvalidParameterException("At least one capacity provider must have a weight greater than zero.")
    fargate = any(item["capacityProvider"].startswith("FARGATE") for item in strategy)
    elsewhere = params.get("launchType") not in (None, "FARGATE") or (strategy and not fargate)
    if params.get("platformVersion") and elsewhere:
        # [U] https://github.com/aws/amazon-ecs-cli/issues/1040; model: "only for tasks using the Fargate launch type".
        raise InvalidParameterException("The platform version must be null when specifying an EC2 launch type.")
    network = (params.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    for key, most in (("subnets", 16), ("securityGroups", 5)):
        # model, AwsVpcConfiguration: "There's a limit of 16 subnets", "of 5 security groups". [I]
        if len(network.get(key) or []) > most:
            raise InvalidParameterException(f"{key} can have at most {most} items.")
    if len(params.get("serviceRegistries") or []) > 1:
        # model, CreateService.serviceRegistries: "Each service may be associated with one service registry."
        raise InvalidParameterException("Service registries can have at most 1 items.")
    for balancer in params.get("loadBalancers") or []:
        if not 1 <= (balancer.get("containerPort") or 0) <= 65535:
            raise InvalidParameterException("The container port must be between 1 and 65535.")  # [I]


def assume_role(self: TokenResponse) -> ActionResult:
    params = {name: self._get_param(name) for name in ("RoleArn", "RoleSessionName", "ExternalId")}
    found = list(violations("sts", "AssumeRole", params))
    if found:
        # [U] e.g. https://github.com/cloud-custodian/cloud-custodian/issues/2520; STS begins members in lower case.
        said = "; ".join(what.replace(f"'{path}'", f"'{path[0].lower()}{path[1:]}'") for path, what, _ in found)
        raise STSValidationError(f"{len(found)} validation error{'s'[: len(found) > 1]} detected: {said}")
    return plain_assume_role(self)


def install() -> None:
    TokenResponse.assume_role = assume_role  # type: ignore[method-assign]
