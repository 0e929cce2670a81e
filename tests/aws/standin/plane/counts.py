"""What happened to requests, by second: one object in which the data plane counts and from which the stand-in reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# Some hours of a few groups.
LIMIT = 50_000
Row = dict[str, Any]


def add(counts: dict[str, int], name: str, count: int) -> None:
    counts[name] = counts.get(name, 0) + count


class Counts:
    def __init__(self) -> None:
        self._rows: dict[tuple[int, str, str | None], Row] = {}

    def add(
        self,
        at: float,
        balancer: str,
        group: str | None,
        status: int,
        *,
        by_target: bool,
        chosen: bool = True,
        refused: bool = False,
        seconds: float = 0.0,
    ) -> None:
        """One request that was answered. `by_target`: not by the load balancer itself; `chosen`: there was a target;
        `refused`: it took no connection."""
        row = self._row(int(at), balancer, group)
        # CloudWatch metrics of the load balancer, RequestCount: only where a target could be chosen.
        row["requests"] += chosen
        row["connectionErrors"] += refused
        add(row["target" if by_target else "elb"], str(status), 1)
        if by_target:
            # TargetResponseTime: until the target starts to send the response's headers.
            add(row["milliseconds"], str(round(seconds * 1000)), 1)

    def merge(self, rows: Iterable[Row]) -> None:
        for other in rows:
            row = self._row(other["second"], other["balancer"], other["group"])
            for key in ("requests", "connectionErrors"):
                row[key] += other[key]
            for key in ("target", "elb", "milliseconds"):
                for name, count in other[key].items():
                    add(row[key], name, count)

    def read(
        self, since: float = 0, until: float = 1e12, *, balancer: str | None = None, group: str | None = None
    ) -> list[Row]:
        """Rows of `since` ≤ second < `until`, of a load balancer or group where one is named: `{second, balancer,
        group, requests, target: {status: n}, elb: {status: n}, connectionErrors, milliseconds: {ms: n}}`. The group
        is None where the load balancer answered before it had chosen one."""
        found = (
            row
            for row in self._rows.values()
            if since <= row["second"] < until and balancer in (None, row["balancer"]) and group in (None, row["group"])
        )
        return sorted(found, key=lambda row: (row["second"], row["balancer"], row["group"] or ""))

    def take(self) -> list[Row]:
        """What was counted since the last time."""
        rows, self._rows = list(self._rows.values()), {}
        return rows

    def _row(self, second: int, balancer: str, group: str | None) -> Row:
        key = (second, balancer, group)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = {
                "second": second,
                "balancer": balancer,
                "group": group,
                "requests": 0,
                "target": {},
                "elb": {},
                "connectionErrors": 0,
                "milliseconds": {},
            }
            if len(self._rows) > LIMIT:
                del self._rows[next(iter(self._rows))]
        return row
