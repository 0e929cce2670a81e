"""How often a share may come out of how many requests, by chance alone."""

from __future__ import annotations

import math


def expected_range(requests: int, share: float, alarm: float) -> tuple[int, int]:
    """The counts, both included, outside of which one is with a probability of `alarm` at most: half of it at each
    end. Exact, of a binomial distribution."""
    return lowest(requests, share, alarm / 2), requests - lowest(requests, 1 - share, alarm / 2)


def lowest(requests: int, share: float, alarm: float) -> int:
    below, count = 0.0, 0
    while (below := below + probability(requests, count, share)) <= alarm:
        count += 1
    return count


def probability(requests: int, count: int, share: float) -> float:
    ways = math.lgamma(requests + 1) - math.lgamma(count + 1) - math.lgamma(requests - count + 1)
    return math.exp(ways + count * math.log(share) + (requests - count) * math.log1p(-share))
