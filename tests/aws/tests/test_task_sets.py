"""Task sets over time, and what ECS refuses."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from conftest import Account
from standin.client import until


def test_a_set_becomes_steady_with_its_targets(account: Account) -> None:
    account.control("POST", "knobs", {"healthySeconds": 60})
    made = account.green()
    # The reply does not have the count yet.
    assert made["computedDesiredCount"] == 0 and made["status"] == "ACTIVE"
    first = account.task_set(made["taskSetArn"])
    assert (first["stabilityStatus"], first["computedDesiredCount"]) == ("STABILIZING", 2)
    until(lambda: account.health("green") == [("initial", "Elb.InitialHealthChecking")] * 2)
    account.control("POST", "clock", {"advance": 60})
    until(lambda: account.task_set(made["taskSetArn"])["stabilityStatus"] == "STEADY_STATE")
    assert account.health("green") == [("healthy", None)] * 2
    assert account.task_set(made["taskSetArn"])["runningCount"] == 2
    assert account.service()["runningCount"] == 4
    assert f"(service web, taskSet {made['id']}) has started 2 tasks" in account.events()


def test_tasks_name_their_set_and_their_address(account: Account) -> None:
    made = account.green()
    until(lambda: account.task_set(made["taskSetArn"])["runningCount"] == 2)
    tasks = account.ecs.list_tasks(cluster="prod", startedBy=made["id"])["taskArns"]
    described = account.ecs.describe_tasks(cluster="prod", tasks=tasks)["tasks"]
    addresses = {d["value"] for t in described for d in t["attachments"][0]["details"] if "IPv4" in d["name"]}
    group = account.fixture["targetGroups"]["green"]
    targets = account.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    assert addresses == {target["Target"]["Id"] for target in targets}
    with pytest.raises(ClientError, match="only filter"):
        account.ecs.list_tasks(cluster="prod", startedBy=made["id"], desiredStatus="STOPPED")


@pytest.mark.parametrize(("percent", "count"), [(1, 1), (10, 1), (50, 2), (51, 2), (100, 3), (0, 0), (None, 0)])
def test_the_count_is_rounded_up_and_no_scale_is_zero(stateful: str, percent: float | None, count: int) -> None:
    account = Account(stateful)
    account.build(desiredCount=3, blue=False)
    made = account.green(scale=None if percent is None else {"value": percent, "unit": "PERCENT"})
    assert account.task_set(made["taskSetArn"])["computedDesiredCount"] == count
    # True of zero tasks, too.
    until(lambda: account.task_set(made["taskSetArn"])["stabilityStatus"] == "STEADY_STATE")
    assert account.task_set(made["taskSetArn"])["runningCount"] == count


def test_scaling_starts_and_stops_tasks(account: Account) -> None:
    made = account.green(scale={"value": 50, "unit": "PERCENT"})
    until(lambda: account.task_set(made["taskSetArn"])["runningCount"] == 1)
    where = {**account.where, "taskSet": made["taskSetArn"]}
    reply = account.ecs.update_task_set(**where, scale={"value": 100, "unit": "PERCENT"})["taskSet"]
    assert reply["computedDesiredCount"] == 0
    until(lambda: account.task_set(made["taskSetArn"])["runningCount"] == 2)
    account.ecs.update_task_set(**where, scale={"value": 0, "unit": "PERCENT"})
    until(lambda: account.task_set(made["taskSetArn"])["runningCount"] == 0)
    until(lambda: account.stopped()[0]["stopCode"] == "ServiceSchedulerInitiated")


def test_every_set_follows_the_services_desired_count(account: Account) -> None:
    made = account.green()
    account.ecs.update_service(**account.where, desiredCount=3)
    assert [ts["computedDesiredCount"] for ts in account.service()["taskSets"]] == [3, 3]
    until(lambda: account.task_set(made["taskSetArn"])["runningCount"] == 3)


def test_primary_moves_and_moves_back(account: Account) -> None:
    made = account.green()
    old = account.fixture["taskSetArn"]
    account.ecs.update_service_primary_task_set(**account.where, primaryTaskSet=made["taskSetArn"])
    assert account.task_set(old)["status"] == "ACTIVE" and account.task_set(made["taskSetArn"])["status"] == "PRIMARY"
    assert account.service()["taskDefinition"] == made["taskDefinition"]
    account.ecs.update_service_primary_task_set(**account.where, primaryTaskSet=old)
    assert account.task_set(old)["status"] == "PRIMARY"


def test_a_deleted_set_drains_and_goes(account: Account) -> None:
    made = account.green()
    until(lambda: ("healthy", None) in account.health("green"))
    where = {**account.where, "taskSet": made["taskSetArn"]}
    assert account.ecs.delete_task_set(**where)["taskSet"]["status"] == "DRAINING"
    assert account.health("green") == [("draining", "Target.DeregistrationInProgress")] * 2
    with pytest.raises(ClientError, match="DRAINING"):
        account.ecs.update_service_primary_task_set(**account.where, primaryTaskSet=made["taskSetArn"])
    until(lambda: account.task_set(made["taskSetArn"]) is None)
    assert account.health("green") == []
    with pytest.raises(ClientError) as missing:
        account.ecs.delete_task_set(**where)
    assert missing.value.response["Error"]["Code"] == "TaskSetNotFoundException"


def test_primary_is_not_deleted(account: Account) -> None:
    where = {**account.where, "taskSet": account.fixture["taskSetArn"]}
    with pytest.raises(ClientError, match="Primary TaskSet cannot be deleted"):
        account.ecs.delete_task_set(**where)


def test_a_running_set_may_have_to_be_at_zero_first(account: Account) -> None:
    account.control("POST", "knobs", {"deleteStyle": "at-zero"})
    made = account.green()
    where = {**account.where, "taskSet": made["taskSetArn"]}
    with pytest.raises(ClientError, match="scaled above 0"):
        account.ecs.delete_task_set(**where)
    account.ecs.update_task_set(**where, scale={"value": 0, "unit": "PERCENT"})
    until(lambda: account.task_set(made["taskSetArn"])["stabilityStatus"] == "STEADY_STATE")
    account.ecs.delete_task_set(**where)
    until(lambda: account.task_set(made["taskSetArn"]) is None)


def test_targets_may_linger_after_their_set(account: Account) -> None:
    account.control("POST", "knobs", {"lingerSeconds": 30})
    made = account.green()
    until(lambda: account.task_set(made["taskSetArn"])["stabilityStatus"] == "STEADY_STATE")
    account.ecs.delete_task_set(**account.where, taskSet=made["taskSetArn"])
    until(lambda: account.task_set(made["taskSetArn"]) is None)
    assert account.health("green") == [("draining", "Target.DeregistrationInProgress")] * 2
    account.control("POST", "clock", {"advance": 31})
    assert account.health("green") == []


def test_five_sets_at_most(account: Account) -> None:
    definition = account.definition("web:v2")
    for _ in range(4):
        account.green(taskDefinition=definition)
    with pytest.raises(ClientError, match=r"5 deployments exist on the service\. Unable to create new TaskSet"):
        account.green(taskDefinition=definition)
    account.control("POST", "knobs", {"limitStyle": "limit"})
    with pytest.raises(ClientError, match="LimitExceededException"):
        account.green(taskDefinition=definition)


def test_a_token_is_replayed_even_for_a_dead_set(account: Account) -> None:
    definition = account.definition("web:v2")
    made = account.green(taskDefinition=definition, clientToken="t1")
    assert account.green(taskDefinition=definition, clientToken="t1")["id"] == made["id"]
    assert len(account.service()["taskSets"]) == 2
    account.ecs.delete_task_set(**account.where, taskSet=made["taskSetArn"])
    until(lambda: account.task_set(made["taskSetArn"]) is None)
    assert account.green(taskDefinition=definition, clientToken="t1")["id"] == made["id"]
    assert len(account.service()["taskSets"]) == 1
    with pytest.raises(ClientError, match="36 ASCII"):
        account.green(taskDefinition=definition, clientToken="x" * 37)


def test_the_group_must_hang_on_a_load_balancer(stateful: str) -> None:
    account = Account(stateful)
    account.build(test=False, greenAttached=False)
    with pytest.raises(ClientError, match="does not have an associated load balancer"):
        account.green()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"taskDefinition": "web:99"}, "Unable to describe task definition"),
        ({"capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]}, "both a launch type and capacity provider"),
        ({"scale": {"value": 101, "unit": "PERCENT"}}, "between 0 and 100"),
        ({"networkConfiguration": None}, "Network Configuration must be provided"),
        ({"service": "nope"}, "ServiceNotFoundException"),
        ({"cluster": "nope"}, "ClusterNotFoundException"),
    ],
)
def test_create_is_refused(account: Account, change: dict, message: str) -> None:
    with pytest.raises(ClientError, match=message):
        account.green(**change)
    assert len(account.service()["taskSets"]) == 1


def test_an_inactive_definition_starts_nothing(account: Account) -> None:
    definition = account.definition("web:v2")
    account.ecs.deregister_task_definition(taskDefinition=definition)
    with pytest.raises(ClientError, match="TaskDefinition is inactive"):
        account.green(taskDefinition=definition)
    shown = account.ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]
    assert shown["revision"] == 1


def test_container_and_port_must_exist(account: Account) -> None:
    group = account.fixture["targetGroups"]["green"]
    for name, port, message in (("other", 8080, "container other does not exist"), ("web", 9, "container port 9")):
        balancer = {"targetGroupArn": group, "containerName": name, "containerPort": port}
        with pytest.raises(ClientError, match=message):
            account.green(loadBalancers=[balancer])


def test_only_external_services_have_task_sets(stateful: str) -> None:
    account = Account(stateful)
    account.build(controller="ECS")
    with pytest.raises(ClientError, match="configured to use external deployment controllers"):
        account.green()


def test_task_sets_are_described_by_id_only(account: Account) -> None:
    made = account.green(tags=[{"key": "ecs-bg:deployment", "value": "d1"}])
    with pytest.raises(ClientError, match="TaskSets cannot be empty"):
        account.ecs.describe_task_sets(**account.where)
    found = account.ecs.describe_task_sets(**account.where, taskSets=[made["id"], "ecs-svc/1"], include=["TAGS"])
    assert found["taskSets"][0]["tags"] == [{"key": "ecs-bg:deployment", "value": "d1"}]
    assert found["failures"] == [{"arn": "ecs-svc/1", "reason": "MISSING"}]
    assert all("tags" not in ts for ts in account.service()["taskSets"])


def test_a_missing_service_is_a_failure(account: Account) -> None:
    found = account.ecs.describe_services(cluster="prod", services=["nope"])
    assert found["services"] == [] and found["failures"][0]["reason"] == "MISSING"


def test_the_controller_can_change_under_way(account: Account) -> None:
    account.ecs.update_service(**account.where, deploymentController={"type": "ECS"})
    with pytest.raises(ClientError, match="external deployment controllers"):
        account.green()


def test_an_external_service_is_created_without_a_version(account: Account) -> None:
    new = {"cluster": "prod", "desiredCount": 1, "deploymentController": {"type": "EXTERNAL"}}
    with pytest.raises(ClientError, match="taskDefinition cannot be specified"):
        account.ecs.create_service(serviceName="other", taskDefinition="web", **new)
    account.ecs.create_service(serviceName="other", healthCheckGracePeriodSeconds=60, **new)
    made = account.ecs.describe_services(cluster="prod", services=["other"])["services"][0]
    assert made["healthCheckGracePeriodSeconds"] == 60 and "launchType" not in made


def test_tasks_without_a_network_interface(stateful: str) -> None:
    account = Account(stateful)
    account.build(networkMode="bridge")
    where = account.where
    arns = account.ecs.list_tasks(cluster=where["cluster"], serviceName=where["service"])["taskArns"]
    tasks = account.ecs.describe_tasks(cluster=where["cluster"], tasks=arns)["tasks"]
    hosts = {task["containerInstanceArn"] for task in tasks}
    found = account.ecs.describe_container_instances(cluster=where["cluster"], containerInstances=list(hosts))
    ports = {binding["hostPort"] for task in tasks for binding in task["containers"][0]["networkBindings"]}
    group = account.fixture["targetGroups"]["blue"]
    targets = account.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    assert {target["Target"]["Id"] for target in targets} == {found["containerInstances"][0]["ec2InstanceId"]}
    assert {target["Target"]["Port"] for target in targets} == ports and len(ports) == 2


def test_what_is_read_may_be_older(account: Account) -> None:
    account.control("POST", "knobs", {"staleSeconds": 10})
    made = account.green()
    assert account.task_set(made["taskSetArn"]) is None
    account.control("POST", "clock", {"advance": 10})
    assert account.task_set(made["taskSetArn"])["stabilityStatus"] == "STEADY_STATE"


def test_two_sets_may_be_of_the_same_age(account: Account) -> None:
    account.control("POST", "knobs", {"wholeSeconds": True})
    assert account.green()["createdAt"].microsecond == 0


def test_every_image_has_its_own_outcome_from_the_start(account: Account) -> None:
    account.control("POST", "knobs", {"outcome": {"web:bad": "stuck"}})
    good = account.green("web:v2")
    until(lambda: account.task_set(good["taskSetArn"])["stabilityStatus"] == "STEADY_STATE")
