"""What AWS refuses for its values alone. The table is the program's, too: tests/rust/rules.rs."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from conftest import Account

TABLE = json.loads((Path(__file__).parent.parent / "rules.json").read_text())


def request(row: dict[str, Any]) -> dict[str, Any]:
    """The base request with a row's changes: paths to values, null takes out."""
    made = copy.deepcopy(TABLE["bases"][row["request"]])
    for path, value in row["set"].items():
        *parents, last = path.split("/")[1:]
        at: Any = made
        for step in parents:
            at = at[int(step) if isinstance(at, list) else step]
        if value is None:
            at.pop(last, None)
        else:
            at[last] = value
    return made


@pytest.fixture(scope="module")
def shared(stateful: str) -> Account:
    account = Account(stateful)
    account.build()
    # What is sent is the table's: botocore's own checks would be before it.
    unchecked = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    account.clients["ecs"] = account.client("ecs", config=unchecked)
    account.clients["sts"] = account.client("sts", config=unchecked)
    return account


def send(account: Account, row: dict[str, Any]) -> Any:
    made = request(row)
    if row["request"] == "RegisterTaskDefinition":
        return account.ecs.register_task_definition(**made)
    for balancer in made["loadBalancers"]:
        balancer["targetGroupArn"] = account.fixture["targetGroups"]["green"]
    return account.ecs.create_task_set(
        **account.where, taskDefinition=account.fixture["taskDefinitionArn"], externalId="d1", **made
    )


@pytest.mark.parametrize("row", TABLE["refused"], ids=lambda row: row["rule"])
def test_what_aws_refuses_is_refused(shared: Account, row: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match=row["aws"]):
        send(shared, row)
    assert len(shared.service()["taskSets"]) == 1


@pytest.mark.parametrize("row", TABLE["taken"], ids=lambda row: row["rule"])
def test_what_aws_takes_is_taken(shared: Account, row: dict[str, Any]) -> None:
    made = send(shared, row)
    if row["request"] == "CreateTaskSet":
        shared.ecs.delete_task_set(**shared.where, taskSet=made["taskSet"]["taskSetArn"])
        shared.control("POST", "clock", {"advance": 60})


# What the model limits and the table has no row for, and why.
ELSEWHERE = {
    "$.tags": "the program adds tags of its own, and counts them: too-many-tags",
}


def limited(shape: Shape, path: str = "$") -> Iterator[str]:
    """The paths of a request to which the model sets a limit."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from limited(member, f"{path}.{name}")
        return
    if set(shape.metadata) & {"min", "max", "pattern"}:
        yield path
    if shape.type_name == "list":
        yield from limited(shape.member, f"{path}[]")


@pytest.mark.parametrize("operation", TABLE["bases"])
def test_every_limit_of_the_model_has_a_row(operation: str) -> None:
    """So a new botocore brings its new limits to the program."""
    rows = {re.sub(r"\[\d+\]", "[]", row["path"]) for row in TABLE["refused"] if row["request"] == operation}
    shape = ServiceModel(Loader().load_service_model("ecs", "service-2")).operation_model(operation).input_shape
    assert [path for path in limited(shape) if path not in rows and path not in ELSEWHERE] == []


def test_fargate_runs_what_fits_there(shared: Account) -> None:
    container = {"name": "web", "image": "web:v2", "memory": 128, "portMappings": [{"containerPort": 8080}]}
    shared.ecs.register_task_definition(family="plain", networkMode="awsvpc", containerDefinitions=[container])
    with pytest.raises(ClientError, match=r"InvalidParameterException.*does not support launch_type FARGATE"):
        shared.green(taskDefinition="plain")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"RoleSessionName": "x" * 70}, "'roleSessionName'.*less than or equal to 64"),
        ({"RoleSessionName": "x"}, "'roleSessionName'.*greater than or equal to 2"),
        ({"RoleSessionName": "team/web"}, "'roleSessionName'.*regular expression pattern"),
        ({"RoleSessionName": "web#46"}, "'roleSessionName'.*regular expression pattern"),
        ({"ExternalId": "a b"}, "'externalId'.*regular expression pattern"),
    ],
)
def test_a_session_is_named_as_sts_takes_it(shared: Account, change: dict[str, str], message: str) -> None:
    good = {"RoleArn": shared.made["roleArn"], "RoleSessionName": "ecs-bg", "ExternalId": "a:b/c"}
    shared.kept("sts").assume_role(**good)
    with pytest.raises(ClientError, match=message) as refused:
        shared.kept("sts").assume_role(**(good | change))
    assert refused.value.response["Error"]["Code"] == "ValidationError"
