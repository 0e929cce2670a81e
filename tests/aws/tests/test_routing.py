"""Where the data plane sends a request, decided without one."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from standin.plane import behaviour, routing
from standin.plane.behaviour import Part
from standin.plane.counts import Counts
from standin.plane.health import Verdict, matches
from standin.plane.processes import on_port


def group(*states: str, slow: float = 0, at: float = 0.0) -> routing.Group:
    made = routing.Group("g")
    update(made, *states, slow=slow, at=at)
    return made


def update(made: routing.Group, *states: str, slow: float = 0, at: float = 0.0) -> None:
    targets = [{"id": f"t{n}", "state": state} for n, state in enumerate(states)]
    made.update({"slowStart": slow, "sticky": 0, "targets": targets}, at)


def chosen(made: routing.Group, at: float, times: int = 100) -> dict[str, int]:
    found = (made.choose(None, at) for _ in range(times))
    return dict(Counter(target.id if target else "none" for target in found))


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["healthy", "healthy"], {"t0": 50, "t1": 50}),
        (["healthy", "unhealthy"], {"t0": 100}),
        (["healthy", "initial", "draining"], {"t0": 100}),
        # It fails open.
        (["unhealthy", "unhealthy"], {"t0": 50, "t1": 50}),
        (["unhealthy", "initial"], {"t0": 50, "t1": 50}),
        (["unhealthy", "draining", "unused"], {"t0": 100}),
        (["draining", "unused"], {"none": 100}),
        ([], {"none": 100}),
    ],
)
def test_which_targets_get_requests(states: list[str], expected: dict[str, int]) -> None:
    assert chosen(group(*states), 1.0) == expected


def test_a_client_stays_with_its_target_while_that_is_eligible() -> None:
    made = group("healthy", "healthy")
    assert {made.choose("t1", 0).id for _ in range(9)} == {"t1"}
    update(made, "healthy", "unhealthy")
    assert made.choose("t1", 0).id == "t0"
    assert made.choose("gone", 0).id == "t0"


def test_slow_start_is_linear_and_ends() -> None:
    made = group("healthy", "initial", slow=10)
    update(made, "healthy", "healthy", slow=10, at=100)
    shares = [chosen(made, 100 + seconds, 1000)["t1"] for seconds in (1, 5, 9, 10)]
    # Of a target that takes x of what its neighbour takes: x / (1 + x).
    assert shares == [pytest.approx(expected, abs=5) for expected in (91, 333, 474, 500)]


def test_slow_start_is_entered_beside_a_settled_target_only() -> None:
    assert chosen(group("healthy", "healthy", slow=10, at=100), 100.1) == {"t0": 50, "t1": 50}
    made = group("healthy", "initial", slow=10)
    update(made, "healthy", "healthy", slow=10, at=100)
    # It becomes unhealthy on the way, and begins anew.
    update(made, "healthy", "unhealthy", slow=10, at=108)
    update(made, "healthy", "healthy", slow=10, at=109)
    assert chosen(made, 110, 1000)["t1"] == pytest.approx(91, abs=5)


@pytest.mark.parametrize(
    ("weights", "wanted", "draw", "expected"),
    [
        ({"a": 100, "b": 0}, None, 0.999, "a"),
        ({"a": 0, "b": 100}, None, 0.0, "b"),
        ({"a": 90, "b": 10}, None, 0.89, "a"),
        ({"a": 90, "b": 10}, None, 0.91, "b"),
        ({"a": 1}, None, 0.5, "a"),
        ({"a": 0, "b": 0}, None, 0.5, None),
        # A client keeps to its group whatever the weight, as long as the group is in the forward.
        ({"a": 100, "b": 0}, "b", 0.5, "b"),
        ({"a": 100, "b": 0}, "c", 0.5, "a"),
    ],
)
def test_which_group_gets_a_request(
    weights: dict[str, int], wanted: str | None, draw: float, expected: str | None
) -> None:
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
    assert routing.choose_group({"sticky": 5, "groups": groups}, wanted, lambda: draw) == expected
    if wanted is None or wanted not in weights:
        assert routing.choose_group({"sticky": 0, "groups": groups}, wanted, lambda: draw) == expected


def test_a_cookie_ends_and_nonsense_is_no_cookie() -> None:
    sealed = routing.seal("g", 100.0)
    assert (routing.unseal(sealed, 99.0), routing.unseal(sealed, 100.0)) == ("g", None)
    for value in (None, "", "x", "W10", "ä", sealed[:-2], routing.seal(1, 9e9)):  # type: ignore[arg-type]
        assert routing.unseal(value, 0.0) is None


PATH, HOST = "path-pattern", "host-header"


@pytest.mark.parametrize(
    ("conditions", "host", "path", "meets"),
    [
        ([], "any", "/", True),
        ([{"Field": PATH, "Values": ["/*"]}], "any", "/a/b", True),
        ([{"Field": PATH, "PathPatternConfig": {"Values": ["/a", "/b?"]}}], "any", "/bc", True),
        ([{"Field": PATH, "Values": ["/a"]}], "any", "/A", False),
        ([{"Field": PATH, "Values": ["/a.c"]}], "any", "/abc", False),
        ([{"Field": HOST, "Values": ["*.Example.com"]}], "www.example.com", "/", True),
        ([{"Field": HOST, "Values": ["example.com"]}], "example.com.evil", "/", False),
        ([{"Field": HOST, "Values": ["a"]}, {"Field": PATH, "Values": ["/x"]}], "a", "/y", False),
        ([{"Field": "source-ip", "SourceIpConfig": {"Values": ["0.0.0.0/0"]}}], "any", "/", False),
    ],
)
def test_when_a_rule_is_met(conditions: list[dict[str, Any]], host: str, path: str, meets: bool) -> None:
    assert routing.Rule.read({"conditions": conditions, "actions": [{}]}).meets(host, path) is meets


def test_the_first_check_that_passes_is_enough_then_thresholds_hold() -> None:
    verdict = Verdict()
    seen = []
    for passed in (False, True, False, False, True, True, True):
        verdict.count(passed, healthy=3, unhealthy=2)
        seen.append(verdict.state)
    assert seen == ["initial", "healthy", "healthy", "unhealthy", "unhealthy", "unhealthy", "healthy"]
    assert [matches("200-204,301", code) for code in (200, 204, 205, 301)] == [True, True, False, True]


@pytest.mark.parametrize(
    ("tag", "parts"),
    [
        ("v2", []),
        ("never-healthy", [Part("never-healthy")]),
        ("abc123-exits", [Part("exits")]),
        ("v2-slow-300ms", [Part("slow", 300)]),
        ("errors-20", [Part("errors", 20)]),
        ("errors-20-after-5s", [Part("errors", 20, 5)]),
        ("slow-50ms.errors-100-after-1s", [Part("slow", 50), Part("errors", 100, 1)]),
        ("terrors-20", []),
        ("exitsign", []),
        ("errors-2000x", []),
    ],
)
def test_what_a_tag_says(tag: str, parts: list[Part]) -> None:
    assert behaviour.parse(tag) == parts


def test_a_command_gets_the_port_of_its_task() -> None:
    words = ["0.0.0.0:8080", "8080", "--port=8080", "18080", "80801", "1.8080"]
    expected = ["127.0.0.1:5", "5", "--port=5", "18080", "80801", "1.8080"]
    assert [on_port(word, 8080, 5) for word in words] == expected


def test_counts_are_by_second_and_add_up() -> None:
    here, there = Counts(), Counts()
    for at, status, by_target in ((10.2, 200, True), (10.9, 500, True), (11.0, 502, False)):
        here.add(at, "lb", "g", status, by_target=by_target, refused=not by_target, seconds=0.0123)
    here.add(11.5, "lb", None, 503, by_target=False, chosen=False)
    for _ in range(2):
        there.merge(here.take())
    there.merge([{**there.read(group="g")[0], "second": 12}])
    rows = there.read(10, 12)
    assert [(row["second"], row["group"], row["requests"]) for row in rows] == [
        (10, "g", 2),
        (11, None, 0),
        (11, "g", 1),
    ]
    assert rows[0]["target"] == {"200": 1, "500": 1} and rows[0]["milliseconds"] == {"12": 2}
    assert rows[2]["elb"] == {"502": 1} and rows[2]["connectionErrors"] == 1
    assert len(there.read(group="g")) == 3 and there.read(balancer="other") == []
