"""All that is kept for one account."""

from __future__ import annotations

from .alarms import Alarms
from .faults import Fault, Hook
from .history import History
from .metrics import Metrics
from .newer import Newer
from .rates import Rates
from .recorder import Recorder
from .world import worlds


class Desk:
    def __init__(self, account: str) -> None:
        self.world = worlds.get(account)
        self.recorder = Recorder()
        self.alarms = Alarms(self.world)
        self.metrics = Metrics(self.world)
        self.history = History(self.world, self.metrics.model.note)
        self.faults: list[Fault] = []
        self.hooks: list[Hook] = []
        self.newer: list[Newer] = []
        self.rates = Rates()


class Desks:
    def __init__(self) -> None:
        self._desks: dict[str, Desk] = {}

    def get(self, account: str) -> Desk:
        desk = self._desks.get(account)
        if desk is None:
            desk = self._desks[account] = Desk(account)
        return desk

    def known(self, account: str) -> Desk | None:
        return self._desks.get(account)


desks = Desks()
