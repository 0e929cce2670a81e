"""A canary that is aborted, at each of its steps: by SIGTERM, as Jenkins does, or SIGKILL, as when its agent dies."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from explained import ITSELF
from service import Ended, Service, ended, until
from users import Users

# Healthy, and wrong: it fails some of its requests.
BAD = "v2-errors-20"


@dataclass(frozen=True)
class Step:
    """A call of the program, and that of its own calls which it is aborted at."""

    name: str
    action: str
    at: str
    params: dict[str, Any] = field(default_factory=dict)
    nth: int = 1


LOOK = {"gates": {"errors": True, "period": 1, "every": 1}, "for": "2s"}
STEPS = [
    Step("create", "create-task-set", "CreateTaskSet"),
    Step("wait", "wait-stable", "DescribeServices", nth=2),
    Step("test", "enable-test-listener", "ModifyListener"),
    Step("shift", "shift-weights", "ModifyListener", {"weight": 10}),
    Step("look", "check-gates", "DescribeServices", {"weight": 10, **LOOK}),
    Step("shift-further", "shift-weights", "ModifyListener", {"weight": 50}),
    Step("look-further", "check-gates", "GetMetricData", {"weight": 50, **LOOK, "for": "60s"}),
    Step("swap", "swap-live", "ModifyListener"),
    Step("swap-second", "swap-live", "ModifyListener", nth=2),
    Step("bake", "check-gates", "DescribeServices", LOOK),
    Step("primary", "set-primary", "UpdateServicePrimaryTaskSet"),
]
NAMES = [step.name for step in STEPS]


def reach(service: Service, goal: Step) -> None:
    """All that comes before a step is done. A bad version's looks are not waited for: nobody looks."""
    for step in STEPS:
        # One call may be aborted at several of its own.
        if (step.action, step.params) == (goal.action, goal.params):
            return
        if step.action != "check-gates":
            service.do(step.action, **params(service, step))


def params(service: Service, step: Step) -> dict[str, Any]:
    own = dict(step.params)
    if step.action == "create-task-set":
        image = f"{service.fixture['image'].rpartition(':')[0]}:{BAD}"
        service.control("POST", "images", {"repository": service.fixture["repository"], "tags": [BAD]})
        own["taskDefinitionArn"] = service.do("register-task-definition", image=image).result["taskDefinitionArn"]
    if step.action == "check-gates":
        own["since"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 10))
    return {"deploymentId": "new", **own}


def abort(service: Service, step: Step, when: str, how: signal.Signals) -> Ended:
    held = Path(service.home.name) / "held"
    given = params(service, step)
    service.control("POST", "hooks", [{"operation": step.at, "nth": step.nth, "when": when, "file": str(held)}])
    process = service.start(step.action, **given)
    until(held.exists, what=f"{step.action} calls {step.at}")
    process.send_signal(how)
    if how == signal.SIGKILL:
        process.wait(10)
    held.with_name("held.go").touch()
    return ended(step.action, process)


@pytest.fixture
def service(service_with: Callable[..., Service]) -> Service:
    """With two live listeners, so that an abort can come between them; the test listener is where the last swap left
    it: each step has something to write."""
    made = service_with(extraListeners=1)
    blue = [{"Type": "forward", "TargetGroupArn": made.fixture["targetGroups"]["blue"]}]
    made.elb.modify_listener(ListenerArn=made.fixture["listenerArns"]["test"], DefaultActions=blue)
    return made


def lose_nothing(service: Service, name: str, when: str, how: signal.Signals) -> None:
    step = next(step for step in STEPS if step.name == name)
    with Users(service, rate=50) as users:
        reach(service, step)
        aborted = abort(service, step, when, how)
        time.sleep(0.5)
        service.do("rollback", deploymentId="new")
        until(lambda: service.versions() == ["blue-0"], what="the version is gone")
        back = time.time()
        time.sleep(2)
        seen = users.end()
    assert aborted.code == (143 if how == signal.SIGTERM else -signal.SIGKILL), aborted
    exposed = {ITSELF} if NAMES.index(name) >= NAMES.index("shift") else set()
    assert set(seen.explained(bad={BAD})) <= exposed
    assert set(seen.between(back, time.time())) == {"v1"} and set(service.weights()) == {(100, 0)}


@pytest.mark.parametrize(
    ("name", "when", "how"),
    [
        ("shift", "after", signal.SIGTERM),
        ("look-further", "before", signal.SIGTERM),
        ("swap", "after", signal.SIGKILL),
        ("primary", "after", signal.SIGKILL),
    ],
)
def test_an_abort_loses_nothing_and_neither_does_the_rollback_after_it(
    name: str, when: str, how: signal.Signals, service: Service
) -> None:
    lose_nothing(service, name, when, how)


@pytest.mark.soak
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", NAMES)
def test_at_no_step_does_an_abort_lose_anything(name: str, when: str, how: signal.Signals, service: Service) -> None:
    lose_nothing(service, name, when, how)
