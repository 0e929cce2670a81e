"""Starts the stand-in once per mode, and gives each test an account of its own."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from standin.client import control, started

# Its loader keeps the API models, which take long to read.
SESSION = boto3.session.Session()
# It speaks RPC v2 CBOR to CloudWatch, as the program does: botocore prefers JSON.
CBOR_SESSION = boto3.session.Session()


def speak_cbor() -> None:
    loader = CBOR_SESSION._session.get_component("data_loader")
    plain = loader.load_service_model

    @functools.cache
    def load_service_model(name: str, kind: str, **version: Any) -> Any:
        model = plain(name, kind, **version)
        if (name, kind) == ("cloudwatch", "service-2"):
            cbor = "smithy-rpc-v2-cbor"
            model = {**model, "metadata": {**model["metadata"], "protocol": cbor, "protocols": [cbor]}}
        return model

    loader.load_service_model = load_service_model


speak_cbor()


class Account:
    """One account of the stand-in, with clients for it."""

    def __init__(self, url: str, **wanted: Any) -> None:
        self.url = url
        self.made = control(url, "POST", "accounts", wanted)
        self.id = self.made["accountId"]
        self.fixture: dict[str, Any] = {}
        self.clients: dict[str, Any] = {}

    def control(self, method: str, path: str, body: Any = None) -> Any:
        return control(self.url, method, f"{self.id}/{path}", body)

    def build(self, **spec: Any) -> dict[str, Any]:
        self.fixture = self.control("POST", "fixture", spec)
        return self.fixture

    def client(self, service: str, session: Any = SESSION, **other: Any) -> Any:
        values = {
            "endpoint_url": self.url,
            "region_name": self.fixture.get("region", "eu-west-1"),
            "aws_access_key_id": self.made["accessKeyId"],
            "aws_secret_access_key": self.made["secretAccessKey"],
            "aws_session_token": self.made["sessionToken"],
            # A fault must be seen as it is, so nothing is tried again.
            "config": Config(retries={"total_max_attempts": 1}, read_timeout=5),
        }
        return session.client(service, **(values | other))

    def kept(self, service: str) -> Any:
        if service not in self.clients:
            self.clients[service] = self.client(service)
        return self.clients[service]

    def cloudwatch(self, **other: Any) -> Any:
        return self.client("cloudwatch", session=CBOR_SESSION, **other)

    @property
    def ecs(self) -> Any:
        return self.kept("ecs")

    @property
    def elb(self) -> Any:
        return self.kept("elbv2")

    @property
    def where(self) -> dict[str, str]:
        return {"cluster": self.fixture["cluster"], "service": self.fixture["service"]}

    def definition(self, image: str) -> str:
        container = {"name": "web", "image": image, "memory": 128, "portMappings": [{"containerPort": 8080}]}
        made = self.ecs.register_task_definition(
            family="web",
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[container],
        )
        return made["taskDefinition"]["taskDefinitionArn"]

    def green(self, image: str = "web:v2", **changes: Any) -> dict[str, Any]:
        """Creates a task set in the green group."""
        f = self.fixture
        network = {"subnets": f["subnets"], "securityGroups": f["securityGroups"]}
        given: dict[str, Any] = {
            **self.where,
            "externalId": "d1",
            "launchType": "FARGATE",
            "scale": {"value": 100, "unit": "PERCENT"},
            "networkConfiguration": {"awsvpcConfiguration": network},
            "loadBalancers": [
                {"targetGroupArn": f["targetGroups"]["green"], "containerName": "web", "containerPort": 8080}
            ],
        }
        given |= changes
        if "taskDefinition" not in given:
            given["taskDefinition"] = self.definition(image)
        return self.ecs.create_task_set(**{k: v for k, v in given.items() if v is not None})["taskSet"]

    def service(self) -> dict[str, Any]:
        w = self.where
        return self.ecs.describe_services(cluster=w["cluster"], services=[w["service"]])["services"][0]

    def task_set(self, arn: str) -> dict[str, Any] | None:
        return next((ts for ts in self.service()["taskSets"] if ts["taskSetArn"] == arn), None)

    def health(self, colour: str) -> list[tuple[str, str | None]]:
        group = self.fixture["targetGroups"][colour]
        found = self.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return [(one["TargetHealth"]["State"], one["TargetHealth"].get("Reason")) for one in found]

    def forward(self, **weights: int) -> list[dict[str, Any]]:
        groups = [{"TargetGroupArn": self.fixture["targetGroups"][c], "Weight": w} for c, w in weights.items()]
        return [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]

    def events(self) -> str:
        return "\n".join(event["message"] for event in self.service()["events"])

    def stopped(self) -> list[dict[str, Any]]:
        w = self.where
        arns = self.ecs.list_tasks(cluster=w["cluster"], serviceName=w["service"], desiredStatus="STOPPED")["taskArns"]
        return self.ecs.describe_tasks(cluster=w["cluster"], tasks=arns)["tasks"] if arns else []


@pytest.fixture(scope="session")
def stateful() -> Iterator[str]:
    yield from started("stateful")


@pytest.fixture(scope="session")
def plain() -> Iterator[str]:
    yield from started("plain")


@pytest.fixture
def account(stateful: str) -> Account:
    made = Account(stateful)
    made.build()
    return made
