"""What becomes of tasks that are not well, and how ECS and the load balancer say it."""

from __future__ import annotations

import pytest
from conftest import Account
from standin.client import until


def bad(account: Account, outcome: object, **knobs: object) -> dict:
    account.control("POST", "knobs", {"outcome": {"web:bad": outcome}, **knobs})
    return account.green("web:bad")


def never_steady(account: Account, made: dict) -> None:
    account.control("POST", "clock", {"advance": 5})
    assert account.task_set(made["taskSetArn"])["stabilityStatus"] == "STABILIZING"
    assert account.task_set(account.fixture["taskSetArn"])["stabilityStatus"] == "STEADY_STATE"


def test_a_container_that_exits(account: Account) -> None:
    made = bad(account, "crash")
    task = until(account.stopped)[0]
    assert (task["stopCode"], task["containers"][0]["exitCode"]) == ("EssentialContainerExited", 1)
    assert task["stoppedReason"] == "Essential container in task exited" and task["startedBy"] == made["id"]
    never_steady(account, made)
    assert "is unable to consistently start tasks successfully" in account.events()


def test_an_image_that_cannot_be_pulled(account: Account) -> None:
    made = bad(account, "pull-error")
    task = until(account.stopped)[0]
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("CannotPullContainerError") and "web:bad" in task["stoppedReason"]
    assert "exitCode" not in task["containers"][0]
    never_steady(account, made)


@pytest.mark.parametrize(
    ("outcome", "reason"), [("unhealthy", "Target.ResponseCodeMismatch"), ("timeout", "Target.Timeout")]
)
def test_failing_health_checks(account: Account, outcome: str, reason: str) -> None:
    made = bad(account, outcome)
    until(lambda: ("unhealthy", reason) in account.health("green"))
    assert f"(service web, taskSet {made['id']}) (port 8080) is unhealthy in (target-group" in account.events()
    task = until(account.stopped)[0]
    assert task["stopCode"] == "ServiceSchedulerInitiated"
    assert task["stoppedReason"].startswith("Task failed ELB health checks in (target-group")
    never_steady(account, made)


def test_a_grace_period_hides_failing_health_checks(stateful: str) -> None:
    account = Account(stateful)
    account.build(gracePeriod=60)
    made = bad(account, "unhealthy")
    until(lambda: account.task_set(made["taskSetArn"])["stabilityStatus"] == "STEADY_STATE")
    assert account.health("green") == [("unhealthy", "Target.ResponseCodeMismatch")] * 2
    account.control("POST", "clock", {"advance": 61})
    until(account.stopped)


def test_tasks_that_never_leave_pending(account: Account) -> None:
    made = bad(account, "stuck")
    never_steady(account, made)
    shown = account.task_set(made["taskSetArn"])
    assert (shown["pendingCount"], shown["runningCount"]) == (2, 0)


def test_no_room_for_a_task(account: Account) -> None:
    made = bad(account, "placement")
    never_steady(account, made)
    assert f"(service web, taskSet {made['id']}) was unable to place a task" in account.events()
    assert account.task_set(made["taskSetArn"])["pendingCount"] == 0


@pytest.mark.parametrize(
    ("outcome", "reason"), [("not-in-use", "Target.NotInUse"), ("ip-unusable", "Target.IpUnusable")]
)
def test_targets_that_cannot_be_used(account: Account, outcome: str, reason: str) -> None:
    made = bad(account, outcome)
    until(lambda: account.health("green") == [("unused", reason)] * 2)
    never_steady(account, made)


def test_healthy_but_never_steady(account: Account) -> None:
    made = bad(account, "never-steady")
    until(lambda: account.health("green") == [("healthy", None)] * 2)
    never_steady(account, made)


def test_an_outcome_with_its_own_times(account: Account) -> None:
    made = bad(account, {"outcome": "healthy", "startSeconds": 20})
    account.control("POST", "clock", {"advance": 10})
    assert account.task_set(made["taskSetArn"])["pendingCount"] == 2
    account.control("POST", "clock", {"advance": 11})
    assert account.task_set(made["taskSetArn"])["stabilityStatus"] == "STEADY_STATE"


def test_what_happens_to_tasks_by_themselves(account: Account) -> None:
    blue = account.fixture["taskSetArn"]
    account.control("POST", "tasks", {"taskSet": blue, "action": "unhealthy", "count": 1})
    assert sorted(account.health("blue")) == [("healthy", None), ("unhealthy", "Target.ResponseCodeMismatch")]
    assert account.task_set(blue)["stabilityStatus"] == "STABILIZING"
    account.control("POST", "tasks", {"taskSet": blue, "action": "healthy"})
    assert account.task_set(blue)["stabilityStatus"] == "STEADY_STATE"
    account.control(
        "POST", "tasks", {"taskSet": blue, "action": "stop", "reason": "Host EC2 (instance i-1) terminated."}
    )
    assert account.task_set(blue)["runningCount"] == 0
    assert account.stopped()[0]["stoppedReason"] == "Host EC2 (instance i-1) terminated."
    until(lambda: account.health("blue") == [("healthy", None)] * 2)


def test_real_deregistration_delay(account: Account) -> None:
    account.control("POST", "knobs", {"realDeregistration": True})
    made = account.green()
    until(lambda: account.task_set(made["taskSetArn"])["stabilityStatus"] == "STEADY_STATE")
    account.ecs.delete_task_set(**account.where, taskSet=made["taskSetArn"])
    account.control("POST", "clock", {"advance": 4})
    assert account.task_set(made["taskSetArn"])["status"] == "DRAINING"
    account.control("POST", "clock", {"advance": 1.2})
    assert account.task_set(made["taskSetArn"]) is None
