"""Every file parses, and the files agree with each other."""

import json
import re

import jsonschema
import pytest
import yaml
from conftest import EXAMPLES, RESOURCES, ROOT

JSON_FILES = sorted(EXAMPLES.rglob("*.json")) + sorted(RESOURCES.rglob("*.json"))
YAML_FILES = sorted(EXAMPLES.glob("deploy/*.yml"))


@pytest.mark.parametrize("path", JSON_FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_json_parses(path):
    json.loads(path.read_text())


@pytest.mark.parametrize("path", YAML_FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_yaml_parses_to_a_mapping(path):
    assert isinstance(yaml.safe_load(path.read_text()), dict)


def load(name):
    return json.loads((EXAMPLES / "deploy" / name).read_text())


def config():
    merged = {}
    for name in ("ecs.yml", "prod.yml"):
        merged.update(yaml.safe_load((EXAMPLES / "deploy" / name).read_text()))
    return merged


def makefile_env():
    lines = (EXAMPLES / "Makefile.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_templates_name_the_configured_container_and_port():
    settings, task, task_set = config(), load("taskdef.json"), load("taskset.json")
    container = task["containerDefinitions"][0]
    balancer = task_set["loadBalancers"][0]
    assert container["name"] == balancer["containerName"] == settings["containerName"]
    assert container["portMappings"][0]["containerPort"] == balancer["containerPort"] == settings["containerPort"]
    assert task["family"] == settings["family"]


def test_the_task_set_template_leaves_the_colour_to_the_tool():
    assert "targetGroupArn" not in load("taskset.json")["loadBalancers"][0]


def test_port_is_the_same_in_the_image_the_configuration_and_the_stack():
    port = config()["containerPort"]
    dockerfile = (EXAMPLES / "app/Dockerfile").read_text()
    assert f"EXPOSE {port}\n" in dockerfile and f"0.0.0.0:{port}" in dockerfile
    infra = (EXAMPLES / "infrastructure/1-InfraStack.yaml").read_text()
    assert set(re.findall(r"(?m)^\s+Port: (\d+)$", infra)) == {str(port)}
    assert makefile_env()["APP_PORT"] == str(port)


def test_both_ways_of_configuring_say_the_same():
    env, settings = makefile_env(), config()

    def value(name):
        return env[name].replace("AWS_ACCOUNT_NUMBER", settings["accountId"]).replace("REGION", env["REGION"])

    assert value("REGION") == settings["region"]
    assert value("REPO_NAME") == settings["repository"]
    assert value("LOG_GROUP") == settings["logGroup"]
    assert value("BLUE_TARGET_GROUP_ARN") == settings["targetGroups"]["blue"]
    assert value("GREEN_TARGET_GROUP_ARN") == settings["targetGroups"]["green"]
    assert value("LIVE_LISTENER_ARN") == settings["listeners"]["live"]
    assert value("TEST_LISTENER_ARN") == settings["listeners"]["test"]
    assert value("TASK_ROLE_ARN") == settings["taskRoleArn"]
    assert value("EXECUTION_ROLE_ARN") == settings["executionRoleArn"]
    assert value("TASK_SUBNETS").split(",") == settings["subnets"]
    assert value("TASK_SECURITY_GROUPS").split(",") == settings["securityGroups"]
    assert value("CLUSTER_ARN").endswith("/" + settings["cluster"])
    assert value("SERVICE_ARN").endswith("/" + settings["service"])
    assert (EXAMPLES / env["TEMPLATE_BASE_PATH"] / env["TASK_DEF_TEMPLATE"]).is_file()
    assert (EXAMPLES / env["TEMPLATE_BASE_PATH"] / env["TASK_SET_TEMPLATE_FILE"]).is_file()


def test_nothing_is_called_latest():
    for path in (EXAMPLES / "Makefile", EXAMPLES / "deploy/taskdef.json", EXAMPLES / "deploy/ecs.yml"):
        assert ":latest" not in path.read_text(), path


def test_output_schema_is_a_schema_and_knows_good_from_bad():
    schema = json.loads((RESOURCES / "output.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    arn = "arn:aws:ecs:eu-west-1:111122223333:task-set/web/web/ecs-svc/1"
    good = {
        "schemaVersion": 1, "version": "0.1.0", "action": "delete-task-set", "ok": True, "changed": True,
        "dryRun": False, "account": "111122223333", "region": "eu-west-1", "warnings": [],
        "result": {"taskSetArn": arn, "deploymentId": "d1", "taskDefinitionArn": None, "deletion": "gone",
                   "drainSeconds": 30, "waitedSeconds": 41.5},
    }
    usage = {**good, "action": None, "ok": False, "changed": False, "account": None, "region": None,
             "result": {"observed": None},
             "error": {"kind": "usage", "code": "unknown-key", "message": "m", "hint": None, "retryable": False,
                       "requestId": None}}
    for document in (good, usage):
        assert not list(validator.iter_errors(document))
    for broken in (
        {**good, "extra": 1},
        {**good, "result": {}},
        {**good, "error": usage["error"]},
        {**good, "action": "delete"},
        {**usage, "result": {}},
        {**usage, "error": {**usage["error"], "kind": "bad"}},
        {k: v for k, v in usage.items() if k != "error"},
    ):
        assert list(validator.iter_errors(broken))
