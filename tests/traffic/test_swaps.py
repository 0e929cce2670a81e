"""Swaps and rollbacks while users ask: no request is lost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from service import Service, until
from users import Seen, Users

Make = Callable[..., Service]
Figure = Callable[[str], None]
# For how long a client is held to its group, where it is: shorter than `drain`.
STICKY = 1


@dataclass
class Rounds:
    """Deployments one after the other. In turn, one stays and the version before it is deleted; one is rolled back."""

    service: Service
    live: str = "blue-0"
    swaps: int = 0
    rollbacks: int = 0
    # Since when each version is deleted.
    removed: dict[str, float] = field(default_factory=dict)

    def run(self, count: int) -> None:
        for n in range(count):
            new = f"r{n}"
            self.service.bring_up(new)
            if n % 4 > 1:
                self.service.do("shift-weights", deploymentId=new, weight=20)
            self.service.do("swap-live", deploymentId=new)
            until(lambda new=new: self.service.answering() == new, what=f"{new} serves")
            self.swaps += 1
            if n % 2:
                self.roll_back(new)
            else:
                self.keep(new)

    def keep(self, new: str) -> None:
        old, self.live = self.live, new
        self.service.do("set-primary", deploymentId=new)
        self.delete(old)

    def roll_back(self, new: str) -> None:
        self.removed[new] = time.time()
        kept = self.service.do("rollback", deploymentId=new).result["deletion"] == "kept"
        self.rollbacks += 1
        if kept:
            # Clients hold on to its group: it is deleted by hand, when their time is over.
            self.delete(new)

    def delete(self, version: str) -> None:
        # Its users know the first one by its image's tag.
        self.removed["v1" if version == "blue-0" else version] = time.time()
        self.service.do("delete-task-set", deploymentId=version)

    def settle(self) -> None:
        until(lambda: self.service.versions() == [self.live], what="only the live version is left")

    def words(self, seen: Seen, lost: Counter[str]) -> str:
        told = f"{self.swaps} swaps, {self.rollbacks} rollbacks: {seen.failed} of {seen.requests} requests failed"
        return told + "".join(f"; {why}: {count}" for why, count in sorted(lost.items()))


@pytest.mark.long
def test_ten_swaps_and_rollbacks_under_200_requests_a_second_lose_none_of_10_000(
    service: Service, figure: Figure
) -> None:
    rounds = Rounds(service)
    with Users(service, rate=200) as users:
        time.sleep(1)
        rounds.run(10)
        until(lambda: service.requests() >= 10_100, what="there were so many requests", seconds=300, pause=0.5)
        seen = users.end()
    rounds.settle()
    figure(f"under {seen.rate:.0f} requests a second {rounds.words(seen, Counter())}")
    assert seen.failed == 0, seen.file["failures"][:5]
    assert seen.requests >= 10_000 and seen.file["statuses"] == {"200": seen.requests}
    # All of it was served by those who were to serve it.
    assert set(seen.file["versions"]) == {"v1", *(f"r{n}" for n in range(10))}
    assert list(seen.file["bySecond"][-1]["versions"]) == [rounds.live]


SHAPES: dict[str, dict[str, Any]] = {
    "one listener": {},
    "three listeners": {"extraListeners": 2},
    "rules": {"rule": True, "extraRules": 1},
    "clients held to their group": {"stickinessSeconds": STICKY},
    "clients held to their target": {"stickinessSeconds": STICKY, "targetStickiness": True, "desiredCount": 2},
}


def lose_nothing(service: Service, shape: str, rounds: Rounds, count: int, figure: Figure) -> None:
    sticky = STICKY if "stickinessSeconds" in SHAPES[shape] else 0
    with Users(service, rate=50, clients=15 if sticky else 0) as users:
        time.sleep(1)
        rounds.run(count)
        time.sleep(1)
        seen = users.end()
    rounds.settle()
    lost = seen.explained(removed=rounds.removed, sticky=sticky)
    figure(f"{shape}: {rounds.words(seen, lost)}")
    assert sticky or not lost
    # Whoever is held and asks all the time may miss a version.
    served = {"v1", *(f"r{n}" for n in range(count))}
    assert {rounds.live} < set(seen.file["versions"]) <= served if sticky else set(seen.file["versions"]) == served


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "one listener"])
def test_whatever_its_listeners_are_a_swap_and_a_rollback_lose_nothing(
    shape: str, service_with: Make, figure: Figure
) -> None:
    service = service_with(**SHAPES[shape])
    lose_nothing(service, shape, Rounds(service), 2, figure)


@pytest.mark.soak
@pytest.mark.parametrize("shape", SHAPES)
def test_two_hundred_deployments_lose_nothing(shape: str, service_with: Make, figure: Figure) -> None:
    service = service_with(**SHAPES[shape])
    lose_nothing(service, shape, Rounds(service), 200, figure)


@pytest.mark.soak
def test_auto_scaling_of_the_live_version_loses_nothing(service: Service) -> None:
    with Users(service, rate=100) as users:
        for count in (3, 1, 2, 1):
            service.control("POST", "tasks", {"taskSet": "blue-0", "action": "scale", "count": count})
            until(lambda count=count: service.healthy("blue") == count, what="it has scaled")
            time.sleep(1)
        seen = users.end()
    assert seen.failed == 0, seen.file["failures"][:5]
