"""The stacks: lint, what they must and must not own, and the role's policy."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import EXAMPLES, RESOURCES, template

INFRA, APP = "1-InfraStack.yaml", "2-AppStack.yaml"

# CloudFormation's word for what the policy file calls by a placeholder.
PLACEHOLDER = {
    "AWS::Partition": "{partition}",
    "AWS::Region": "{region}",
    "AWS::AccountId": "{account}",
    "Name": "{service}",
    "Family": "{family}",
    "TaskRole": "{task-role}",
    "ExecutionRole": "{execution-role}",
    "Cluster": "{cluster}",
    "Repository": "{repository}",
    "LiveListener": "{live-listener}",
    "TestListener": "{test-listener}",
}


def test_cfn_lint_has_nothing_to_say():
    stacks = sorted(str(p) for p in (EXAMPLES / "infrastructure").glob("*.yaml"))
    done = subprocess.run([Path(sys.executable).with_name("cfn-lint"), *stacks], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_no_yaml_aliases():
    # CloudFormation refuses them; cfn-lint's parser does not.
    for path in (EXAMPLES / "infrastructure").glob("*.yaml"):
        assert not re.search(r"(?m):\s+[&*][A-Za-z]", path.read_text()), path


def test_the_stacks_own_the_service_and_no_version_of_it():
    kinds = [r["Type"] for name in (INFRA, APP) for r in template(name)["Resources"].values()]
    assert "AWS::ECS::Service" in kinds
    assert not {"AWS::ECS::TaskSet", "AWS::ECS::PrimaryTaskSet", "AWS::ECS::TaskDefinition"} & set(kinds)
    service = template(APP)["Resources"]["Service"]["Properties"]
    assert service["DeploymentController"] == {"Type": "EXTERNAL"}
    # What ECS refuses on a service with an external controller.
    assert not {"TaskDefinition", "LoadBalancers", "NetworkConfiguration", "LaunchType", "PlatformVersion",
                "ServiceRegistries"} & set(service)


@pytest.mark.parametrize("listener, weights", [("LiveListener", [100, 0]), ("TestListener", [0, 100])])
def test_both_groups_stand_in_both_forwards(listener, weights):
    [action] = template(INFRA)["Resources"][listener]["Properties"]["DefaultActions"]
    groups = action["ForwardConfig"]["TargetGroups"]
    assert [g["TargetGroupArn"] for g in groups] == [{"Ref": "BlueTargetGroup"}, {"Ref": "GreenTargetGroup"}]
    assert [g["Weight"] for g in groups] == weights


def test_blue_and_green_differ_in_the_name_alone():
    resources = template(INFRA)["Resources"]
    blue, green = (dict(resources[c + "TargetGroup"]["Properties"]) for c in ("Blue", "Green"))
    assert blue.pop("Name") != green.pop("Name")
    assert blue == green


def test_image_tags_are_immutable():
    assert template(INFRA)["Resources"]["Repository"]["Properties"]["ImageTagMutability"] == "IMMUTABLE"


def test_the_stack_policy_protects_the_listeners_by_their_names():
    policy = json.loads((EXAMPLES / "infrastructure/stack-policy.json").read_text())
    [denied] = [s for s in policy["Statement"] if s["Effect"] == "Deny"]
    listeners = {n for n, r in template(INFRA)["Resources"].items() if r["Type"].endswith("::Listener")}
    assert {r.removeprefix("LogicalResourceId/") for r in denied["Resource"]} == listeners


def test_imports_name_exports():
    outputs = template(INFRA)["Outputs"].values()
    exports = {o["Export"]["Name"]["Fn::Sub"].split("-", 1)[1] for o in outputs if "Export" in o}
    text = (EXAMPLES / "infrastructure" / APP).read_text()
    imports = set(re.findall(r"ImportValue: !Sub '\$\{InfraStack\}-(\w+)'", text))
    assert imports and imports <= exports


def with_placeholders(value):
    """A value of the template, written as the policy file writes it."""
    if isinstance(value, list):
        return [with_placeholders(v) for v in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Fn::Sub"}:
        text = value["Fn::Sub"] if isinstance(value["Fn::Sub"], str) else value["Fn::Sub"][0]
        return re.sub(r"\$\{([^}]+)\}", lambda m: PLACEHOLDER[m[1]], text)
    assert not any(k.startswith("Fn::") or k == "Ref" for k in value), value
    return {k: with_placeholders(v) for k, v in value.items()}


def test_the_role_is_the_policy_of_the_resources():
    [policy] = template(APP)["Resources"]["DeployRole"]["Properties"]["Policies"]
    shipped = json.loads((RESOURCES / "iam/deploy.json").read_text())
    assert with_placeholders(policy["PolicyDocument"]) == shipped


def test_listeners_are_named_by_the_part_of_the_arn_after_listener():
    # `{live-listener}` is app/NAME/ID/ID: the same words make a listener's ARN and its rules'.
    text = (EXAMPLES / "infrastructure" / APP).read_text()
    assert text.count("- ':listener/'") == 4


def statements(name):
    return json.loads((RESOURCES / "iam" / name).read_text())["Statement"]


def actions(statement):
    return [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]


def test_read_only_is_the_reading_part_of_deploy():
    reading = statements("read-only.json")
    assert reading == statements("deploy.json")[: len(reading)]
    for statement in reading:
        for action in actions(statement):
            assert re.match(r"\w+:(Describe|List|GetMetricData)", action), action


def test_a_star_stands_only_where_aws_offers_nothing_narrower():
    # Service Authorization Reference: these take no resource.
    unscoped = {
        "ecs:DescribeTaskDefinition", "ecs:DeregisterTaskDefinition",
        "ecs:ListTasks",  # narrowed by its condition on the cluster
        "ecr:GetAuthorizationToken",
        # of alarms one could name some; composite ones are read by * alone
        "cloudwatch:GetMetricData",
    }
    for statement in statements("deploy.json"):
        assert not any("*" in a for a in actions(statement))
        if statement["Resource"] == "*":
            for action in actions(statement):
                reads = action.startswith(("elasticloadbalancing:Describe", "cloudwatch:Describe"))
                assert action in unscoped or reads, action
