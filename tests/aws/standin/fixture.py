"""Everything that a test needs to exist before it starts, made in moto's own models."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ecr.models import ecr_backends
from moto.ecs.models import ecs_backends
from moto.elbv2.models import elbv2_backends

from . import ecs_sets
from .balancing import Balancing
from .knobs import BadRequest
from .places import Places
from .world import World

# The value of a variable of the container: nothing may print it.
CANARY = "canary-5e0b71d8"

DEFAULTS: dict[str, Any] = {
    "name": "web",
    "cluster": "prod",
    "region": "eu-west-1",
    "blue": True,
    "desiredCount": 2,
    "revisions": 1,
    "controller": "EXTERNAL",
    "gracePeriod": None,
    "deregistrationDelay": 5,
    "stickinessSeconds": None,
    "targetStickiness": False,
    "test": True,
    "rule": False,
    "authenticate": False,
    "foreignGroup": False,
    "foreignWeight": 100,
    "extraListeners": 0,
    "extraRules": 0,
    "greenAttached": True,
    "bare": False,
    "loadBalancerType": "application",
    "serviceRegistries": False,
    "immutableTags": False,
    "tags": [],
    "containerPort": 8080,
    "networkMode": "awsvpc",
    "ipv6": False,
    "deploymentId": "blue-0",
    "setTags": {},
    "attributes": {},
    "traffic": False,
    "healthPath": "/health",
    "slowStart": 0,
    "places": None,
    "repository": None,
    "tag": "v1",
}


def build(world: World, given: dict[str, Any], stateful: bool) -> dict[str, Any]:
    unknown = set(given) - set(DEFAULTS)
    if unknown:
        raise BadRequest(f"unknown keys in the fixture: {sorted(unknown)}")
    spec = {**DEFAULTS, **given}
    if spec["traffic"] and (not stateful or spec["authenticate"] or spec["loadBalancerType"] != "application"):
        raise BadRequest("traffic is there in the stateful mode, over HTTP, through an application load balancer")
    if spec["places"] and not spec["traffic"]:
        raise BadRequest("a fixture whose places have names already has traffic")
    traffic = world.traffic if spec["traffic"] else None
    account, region, name = world.account, spec["region"], spec["name"]
    world.region = region
    ec2 = ec2_backends[account][region]
    vpc = next(vpc for vpc in ec2.vpcs.values() if vpc.is_default)
    every = [subnet for zone in ec2.subnets.values() for subnet in zone.values()]
    subnets = sorted(subnet.id for subnet in every if subnet.vpc_id == vpc.id)[:2]
    security = ec2.create_security_group(f"{name}-{len(ec2.groups[vpc.id])}", name, vpc.id)
    made = {
        "account": account,
        "canary": CANARY,
        "region": region,
        "cluster": spec["cluster"],
        "service": name,
        "vpc": vpc.id,
        "subnets": subnets,
        "securityGroups": [security.id],
        "taskRoleArn": f"arn:aws:iam::{account}:role/{name}-task",
        "executionRoleArn": f"arn:aws:iam::{account}:role/{name}-execution",
        "repository": spec["repository"] or name,
        "image": f"{account}.dkr.ecr.{region}.amazonaws.com/{spec['repository'] or name}:{spec['tag']}",
        "containerName": name,
        "containerPort": spec["containerPort"],
        "taskSetArn": None,
    }
    elb = elbv2_backends[account][region]
    if spec["places"]:
        made |= Places(elb, spec, made, traffic).build()
    else:
        made |= Balancing(elb, spec, vpc.id, subnets, security.id, traffic).build()
    repository(account, region, made["repository"], spec["immutableTags"])
    push(account, region, made["repository"], [spec["tag"]])
    add_service(world, spec, made)
    if spec["blue"]:
        (stateful_blue if stateful else plain_blue)(world, spec, made)
    return made


def add_service(world: World, spec: dict[str, Any], made: dict[str, Any]) -> None:
    ecs = ecs_backends[world.account][made["region"]]
    if spec["cluster"] not in ecs.clusters:
        ecs.create_cluster(spec["cluster"], None, None, None, None, None)
    definition = None
    for _ in range(spec["revisions"]):
        definition = add_revision(ecs, spec, made)
    service = ecs.create_service(
        spec["cluster"],
        made["service"],
        spec["desiredCount"],
        deployment_controller={"type": spec["controller"]},
        task_definition_str=None if spec["controller"] == "EXTERNAL" else definition.arn,
        tags=[{"key": tag["key"], "value": tag["value"]} for tag in spec["tags"]],
    )
    service.health_check_grace_period_seconds = spec["gracePeriod"]
    service.pending_count = 0
    service.ipv6 = spec["ipv6"]
    if spec["controller"] == "EXTERNAL":
        # These are the task set's on such a service; moto fills them in.
        service.launch_type = service.network_configuration = None
    made["clusterArn"] = service.cluster_arn
    made["serviceArn"] = service.arn
    made["taskDefinitionArn"] = definition.arn if definition else None


def add_revision(ecs: Any, spec: dict[str, Any], made: dict[str, Any]) -> Any:
    return ecs.register_task_definition(
        made["service"],
        [
            {
                "name": made["containerName"],
                "image": made["image"],
                "essential": True,
                "memory": 256,
                "portMappings": [{"containerPort": made["containerPort"], "protocol": "tcp"}],
                "environment": [{"name": "VERSION", "value": "v1"}, {"name": "PASSWORD", "value": CANARY}],
            }
        ],
        network_mode=spec["networkMode"],
        requires_compatibilities=["FARGATE"] if spec["networkMode"] == "awsvpc" else ["EC2"],
        cpu="256",
        memory="512",
        task_role_arn=made["taskRoleArn"],
        execution_role_arn=made["executionRoleArn"],
    )


def blue_params(spec: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    params: dict[str, Any] = {
        "taskDefinition": made["taskDefinitionArn"],
        "externalId": spec["deploymentId"],
        "launchType": "FARGATE",
        "platformVersion": "LATEST",
        "scale": {"value": 100.0, "unit": "PERCENT"},
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": made["subnets"],
                "securityGroups": made["securityGroups"],
                "assignPublicIp": "ENABLED",
            }
        },
        "loadBalancers": [
            {
                "targetGroupArn": made["targetGroups"]["blue"],
                "containerName": made["containerName"],
                "containerPort": made["containerPort"],
            }
        ],
        "tags": [{"key": key, "value": value} for key, value in spec["setTags"].items()],
    }
    if spec["networkMode"] != "awsvpc":
        del params["networkConfiguration"], params["platformVersion"]
        params["launchType"] = "EC2"
    if spec["serviceRegistries"]:
        registry = f"arn:aws:servicediscovery:{made['region']}:{made['account']}:service/srv-{made['service']}"
        params["serviceRegistries"] = [{"registryArn": registry}]
    return params


def stateful_blue(world: World, spec: dict[str, Any], made: dict[str, Any]) -> None:
    if spec["controller"] != "EXTERNAL":
        return
    ecs = ecs_backends[world.account][made["region"]]
    service = ecs_sets.service_of(ecs, spec["cluster"], made["service"])
    ts = ecs_sets.place(world, ecs, service, blue_params(spec, made), instant=True)
    ecs_sets.promote(service, ts)
    made["taskSetArn"] = ts.task_set_arn


def plain_blue(world: World, spec: dict[str, Any], made: dict[str, Any]) -> None:
    """Untouched moto neither links tasks nor registers targets: the targets of blue are put in by hand."""
    if spec["controller"] != "EXTERNAL":
        return
    ecs = ecs_backends[world.account][made["region"]]
    params = blue_params(spec, made)
    ts = ecs.create_task_set(
        made["service"],
        spec["cluster"],
        params["taskDefinition"],
        external_id=params["externalId"],
        network_configuration=params["networkConfiguration"],
        load_balancers=params["loadBalancers"],
        service_registries=params.get("serviceRegistries"),
        launch_type="FARGATE",
        platform_version="LATEST",
        scale=params["scale"],
        tags=params["tags"],
    )
    ecs.update_service_primary_task_set(spec["cluster"], made["service"], ts.task_set_arn)
    made["taskSetArn"] = ts.task_set_arn
    elb = elbv2_backends[world.account][made["region"]]
    for _ in range(spec["desiredCount"]):
        target = {"Id": world.address(), "Port": made["containerPort"]}
        elb.register_targets(made["targetGroups"]["blue"], [target])


def repository(account: str, region: str, name: str, immutable: bool) -> None:
    ecr = ecr_backends[account][region]
    if name not in ecr.repositories:
        ecr.create_repository(name, None, {}, {}, "IMMUTABLE" if immutable else "MUTABLE", [])


def push(account: str, region: str, name: str, tags: list[str]) -> dict[str, Any]:
    """Puts an image under each of the tags, as a push would; the content, and so the digest, follows from the name."""
    ecr = ecr_backends[account][region]
    digests = {}
    for tag in tags:
        config = "sha256:" + hashlib.sha256(f"{name}:{tag}".encode()).hexdigest()
        kind = "application/vnd.docker.distribution.manifest.v2+json"
        manifest = {"schemaVersion": 2, "mediaType": kind, "config": {"digest": config, "size": 1}, "layers": []}
        text = json.dumps(manifest)
        present = [image for image in ecr.repositories[name].images if tag in image.image_tags]
        digest = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
        image = present[0] if present else ecr.put_image(name, text, tag, kind, digest)
        digests[tag] = image.get_image_digest()
    return {"repository": name, "digests": digests}
