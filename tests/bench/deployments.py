"""One whole deployment, blue to green, both ways: the calls that each pipeline makes, one for each `sh`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any

from jenkins import in_jenkins
from measure import Program
from world import Account

REPORT = Path(__file__).parents[1] / "reports" / "promoted.json"


@dataclass
class Sh:
    """One `sh` of a pipeline: what it is for, and its time; None where that is make, docker or next to nothing."""

    title: str
    work: float | None
    waits: bool = False

    @property
    def cost(self) -> float:
        return in_jenkins(self.work or 0)


def ours(account: Account, binary: str) -> Iterator[Sh]:
    """What Jenkinsfile.example runs: two steps for the image, then blueGreenDeploy."""
    made = account.made
    settings: dict[str, Any] = {
        "cluster": made["cluster"],
        "service": made["service"],
        "region": made["region"],
        "targetGroups": made["targetGroups"],
        "listeners": made["listeners"],
        "deploymentId": "bench-1",
        "image": account.image,
    }

    def call(action: str, **more: Any) -> tuple[float, dict[str, Any]]:
        env = {**account.env, "ECS_BG_PARAMS": json.dumps({**settings, **more})}
        took, output = Program([binary, "--exit-zero", action], env).run()
        answer = json.loads(output)
        if not answer["ok"]:
            raise RuntimeError(f"ecs-bg {action}: {json.dumps(answer['error'])}")
        return took, answer["result"]

    yield Sh("build image (with ecr-login)", call("ecr-login")[0])
    yield Sh("push image (with ecr-login)", call("ecr-login")[0])
    yield Sh("preflight", call("preflight")[0])
    took, definition = call("register-task-definition")
    yield Sh("register task definition", took)
    took, _ = call("create-task-set", taskDefinitionArn=definition["taskDefinitionArn"])
    yield Sh("create task set", took)
    yield Sh("wait until steady and healthy", call("wait-stable")[0], waits=True)
    yield Sh("test listener", call("enable-test-listener")[0])
    took, swapped = call("swap-live")
    yield Sh("swap live and test listener", took)
    yield Sh("set primary", call("set-primary")[0])
    previous = swapped["previous"]["taskSetArn"]
    took, _ = call("delete-task-set", taskSetArn=previous, deploymentId=None, drain=0)
    yield Sh("delete the previous task set", took, waits=True)
    with TemporaryDirectory() as directory:
        report = copy(REPORT, directory)
        yield Sh("draw the report", call("report", report=str(report))[0])


def sample(account: Account, aws: str, directory: Path) -> Iterator[Sh]:
    """The 14 `sh` of the original sample's pipeline: ten calls of `aws`, two of make with docker, two small ones."""
    made = account.made
    blue, green = made["targetGroups"]["blue"], made["targetGroups"]["green"]
    where = ["--cluster", made["clusterArn"], "--service", made["serviceArn"]]

    def call(*arguments: str) -> tuple[float, Any]:
        took, output = Program([aws, *arguments], account.env).run()
        return took, json.loads(output) if output.startswith(b"{") else None

    def file(name: str, content: Any) -> str:
        path = directory / f"{account.id}-{name}.json"
        path.write_text(json.dumps(content))
        return f"file://{path}"

    def listener(which: str, to: str, other: str) -> float:
        weights = [{"TargetGroupArn": to, "Weight": 100}, {"TargetGroupArn": other, "Weight": 0}]
        forward = [{"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}]
        arn = made["listeners"][which]
        request = file(which, {"ListenerArn": arn, "DefaultActions": forward})
        return call("elbv2", "modify-listener", "--listener-arn", arn, "--cli-input-json", request)[0]

    yield Sh("make build-image", None)
    yield Sh("log in to ECR", call("ecr", "get-login-password")[0])
    yield Sh("make push-image", None)
    took, _ = call("ecs", "describe-services", "--cluster", made["clusterArn"], "--services", made["serviceArn"])
    yield Sh("read the PRIMARY task set", took)
    yield Sh("printenv", None)
    yield Sh("make latest_image", None)
    request = file("definition", definition(account))
    took, registered = call("ecs", "register-task-definition", "--cli-input-json", request)
    arn = registered["taskDefinition"]["taskDefinitionArn"]
    yield Sh("register task definition", took)
    took, created = call("ecs", "create-task-set", *where, "--cli-input-json", file("set", task_set(account, arn)))
    yield Sh("create task set", took)
    yield Sh("test listener", listener("test", green, blue))
    yield Sh("swap live listener", listener("live", green, blue))
    yield Sh("swap test listener", listener("test", blue, green))
    promoted = ["--primary-task-set", created["taskSet"]["taskSetArn"]]
    yield Sh("set primary", call("ecs", "update-service-primary-task-set", *where, *promoted)[0])
    took, _ = call("ecs", "delete-task-set", *where, "--task-set", made["taskSetArn"])
    yield Sh("delete the previous task set", took)
    took, _ = call("ecs", "deregister-task-definition", "--task-definition", made["taskDefinitionArn"])
    yield Sh("deregister its task definition", took)


def definition(account: Account) -> dict[str, Any]:
    made = account.made
    return {
        "family": made["service"],
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "taskRoleArn": made["taskRoleArn"],
        "executionRoleArn": made["executionRoleArn"],
        "containerDefinitions": [
            {
                "name": made["containerName"],
                "image": account.image,
                "memory": 256,
                "portMappings": [{"containerPort": made["containerPort"], "protocol": "tcp"}],
            }
        ],
    }


def task_set(account: Account, definition_arn: str) -> dict[str, Any]:
    made = account.made
    return {
        "taskDefinition": definition_arn,
        "launchType": "FARGATE",
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": made["subnets"],
                "securityGroups": made["securityGroups"],
                "assignPublicIp": "DISABLED",
            }
        },
        "loadBalancers": [
            {
                "targetGroupArn": made["targetGroups"]["green"],
                "containerName": made["containerName"],
                "containerPort": made["containerPort"],
            }
        ],
        "scale": {"value": 100, "unit": "PERCENT"},
    }
