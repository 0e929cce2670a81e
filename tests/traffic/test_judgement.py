"""What the proofs judge by, decided without a request."""

from __future__ import annotations

import math

import pytest
from binomial import expected_range, probability
from explained import HELD, ITSELF, Failure, explain

GONE = {"bad": 100.0}


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (Failure(99.0, 0.0, "500", "bad"), ITSELF),
        (Failure(99.0, 0.0, "500", "good"), None),
        (Failure(99.0, 0.0, "500"), None),
        # Through the load balancer, the bad version gives nothing but its own 500.
        (Failure(99.0, 0.0, "502", "bad"), None),
        (Failure(101.0, 0.0, "503", None, ("bad", 99.5)), HELD),
        (Failure(102.4, 0.0, "503", None, ("bad", 100.0)), HELD),
        # Its cookie was over; it was there; another version; nothing held it; it was no 503.
        (Failure(102.6, 0.0, "503", None, ("bad", 100.0)), None),
        (Failure(99.0, 0.9, "503", None, ("bad", 98.5)), None),
        (Failure(99.0, 1.0, "503", None, ("bad", 98.5)), HELD),
        (Failure(101.0, 0.0, "503", None, ("good", 99.5)), None),
        (Failure(101.0, 0.0, "503", None, None), None),
        (Failure(101.0, 0.0, "502", None, ("bad", 99.5)), None),
        (Failure(101.0, 0.0, "ServerDisconnectedError", None, ("bad", 99.5)), None),
    ],
)
def test_a_failure_is_explained_or_it_is_lost(failure: Failure, expected: str | None) -> None:
    assert explain(failure, bad={"bad"}, removed=GONE, sticky=2.0) == expected
    if expected == HELD:
        assert explain(failure, bad={"bad"}, removed=GONE) is None


@pytest.mark.parametrize(
    ("requests", "share", "alarm", "expected"),
    [
        # Of ten coins: none or ten heads in 2 of 1,024 times, one or nine in 20 more.
        (10, 0.5, 0.02, (1, 9)),
        (10, 0.5, 0.022, (2, 8)),
        (10, 0.5, 0.001, (0, 10)),
        (2, 0.1, 0.05, (0, 1)),
        (2, 0.9, 0.05, (1, 2)),
    ],
)
def test_a_range_holds_what_chance_gives(requests: int, share: float, alarm: float, expected: tuple[int, int]) -> None:
    assert expected_range(requests, share, alarm) == expected


def test_probabilities_are_those_of_a_binomial_distribution() -> None:
    for count in range(21):
        exact = math.comb(20, count) * 0.3**count * 0.7 ** (20 - count)
        assert probability(20, count, 0.3) == pytest.approx(exact)
    low, high = expected_range(2000, 0.25, 1e-6)
    # Some five standard deviations of 19.4 about 500.
    assert (low, high) == (407, 597)
    assert sum(probability(2000, count, 0.25) for count in range(low, high + 1)) > 1 - 1e-6
