"""A canary under load: its share is what its weight says, and a version that fails is found by the numbers it made."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from binomial import expected_range
from explained import ITSELF
from service import Service
from users import Users

Figure = Callable[[str], None]
# Of a share that is out of its range although nothing is wrong: less often than once in a million runs.
ALARM = 1e-7
BY_THE_SECOND = {"errors": True, "period": 1, "every": 1}
# Less than a busy machine gets done.
FEW = {"errors": {"minRequests": 20}, "period": 1, "every": 1}


def observed_share(service: Service, weight: int, rate: int, seconds: int) -> tuple[int, int, tuple[int, int]]:
    """Requests of both versions, those of the new one, and the range where these may be."""
    service.bring_up("new")
    with Users(service, rate) as users:
        moved = service.do("shift-weights", deploymentId="new", weight=weight).result["movedAt"]
        since = time.time() + 2
        look = {"since": moved, "weight": weight, "gates": FEW, "for": f"{seconds + 2}s"}
        looked = service.do("check-gates", deploymentId="new", **look).result
        over = time.time()
        seen = users.end()
    assert looked["verdict"] == "pass", looked
    assert seen.failed == 0, seen.file["failures"][:5]
    versions = seen.between(since, over)
    # CloudWatch has told the gate of these, but for some at either end.
    low, high = expected_range(versions.total() // 2, weight / 100, ALARM)
    assert low <= looked["share"] / 100 * (versions.total() // 2) <= high, looked
    return versions.total(), versions["new"], expected_range(versions.total(), weight / 100, ALARM)


def in_range(service: Service, figure: Figure, weight: int, rate: int, seconds: int) -> None:
    requests, new, (low, high) = observed_share(service, weight, rate, seconds)
    figure(
        f"a canary of {weight} % served {new} of {requests} requests; {low} to {high} expected, a false alarm in 10^7"
    )
    # And there were enough of them for that to say something.
    assert 0 < low <= new <= high < requests


def test_a_canarys_share_is_that_of_its_weight_and_its_gate_passes_on_real_numbers(
    service: Service, figure: Figure
) -> None:
    in_range(service, figure, weight=25, rate=150, seconds=10)


@pytest.mark.soak
@pytest.mark.parametrize("weight", [1, 5, 50, 95])
def test_any_weight_of_a_canary_is_met(weight: int, service: Service, figure: Figure) -> None:
    in_range(service, figure, weight, rate=200, seconds=60)


def test_a_canary_that_fails_a_fifth_of_its_requests_is_stopped_within_seconds(
    service: Service, figure: Figure
) -> None:
    service.bring_up("bad", "v2-errors-20")
    with Users(service, rate=100) as users:
        time.sleep(1)
        moved = service.do("shift-weights", deploymentId="bad", weight=25).result["movedAt"]
        shifted = time.monotonic()
        look = {"since": moved, "weight": 25, "gates": BY_THE_SECOND, "for": "110s"}
        stopped = service.run("check-gates", deploymentId="bad", **look)
        found = time.monotonic() - shifted
        service.do("rollback", deploymentId="bad")
        over = time.monotonic() - shifted
        back = time.time()
        time.sleep(2)
        seen = users.end()
    assert (stopped.code, stopped.json["error"]["code"]) == (6, "gate-failed"), stopped
    assert {gate["gate"]: gate["verdict"] for gate in stopped.result["gates"]} == {"state": "pass", "errors": "fail"}
    # Nothing failed but what it answered itself, and nobody gets there any more.
    assert list(seen.explained(bad={"v2-errors-20"})) == [ITSELF]
    assert set(seen.between(back, time.time())) == {"v1"} and service.weights() == [(100, 0)]
    figure(
        f"a canary of 25 % that fails 20 % was stopped after {found:.0f} s and away after {over:.0f} s: "
        f"{seen.failed} of {seen.requests} requests failed, each answered by itself"
    )
    assert found < 100
