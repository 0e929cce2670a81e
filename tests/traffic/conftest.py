"""The stand-in, once, and for each test a service of its own; figures that tests state are shown at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from service import PROGRAM, Service
from standin.client import started


@pytest.fixture(scope="session")
def standin() -> Iterator[str]:
    assert PROGRAM.exists(), f"{PROGRAM} is missing: cargo build"
    yield from started("stateful", ends_within=10)


@pytest.fixture
def service_with(standin: str) -> Iterator[Callable[..., Service]]:
    made: list[Service] = []

    def make(**fixture: Any) -> Service:
        made.append(Service(standin, **fixture))
        return made[-1]

    yield make
    for service in made:
        service.end()


@pytest.fixture
def service(service_with: Callable[..., Service]) -> Service:
    return service_with()


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """States a figure in a line of its own."""
    return lambda words: record_property("figure", words)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first: the others run beside it."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, words in report.user_properties:
            if name == "figure" and report.when == "call":
                terminalreporter.write_line(f"traffic: {words}")
