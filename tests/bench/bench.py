"""Measures ecs-bg against the aws command line; README.md says how to read it."""

from __future__ import annotations

import argparse
import gzip
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from deployments import Sh, ours, sample
from jenkins import DEPLOYMENT, IMAGE, POLL, SAMPLE, SH, around, copied
from measure import Program, costs, pairs
from world import Account, Standin

# The same work, under the names that each pipeline has for it.
SAME = [
    ("register task definition", ["register task definition"], ["register task definition"]),
    ("create task set", ["create task set"], ["create task set"]),
    ("test listener", ["test listener"], ["test listener"]),
    ("swap live and test listener", ["swap live and test listener"], ["swap live listener", "swap test listener"]),
    ("set primary", ["set primary"], ["set primary"]),
]

START, STATUS = "start alone (--version)", "status | ecs describe-services"


def table(rows: list[list[str]], out: Callable[[str], None] = print) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        out("  " + "  ".join(cells).rstrip())
        if number == 0:
            out("  " + "  ".join("-" * width for width in widths))


def program(binary: str, start: float, peak: float) -> None:
    """What the program of a release may weigh and take, and what it does."""
    content = Path(binary).read_bytes()
    packed = len(gzip.compress(content, 9))
    rows = [["the program of a release", "", "at most"]]
    for title, value, most, unit in [
        ("size", len(content) / 1e6, 8, "MB"),
        ("compressed", packed / 1e6, 3.4, "MB"),
        ("start to exit (--version)", start, 6, "ms"),
        ("peak memory of status", peak, 12, "MiB"),
        ("first call on an agent, more than the others", copied(packed) / 1000, 2, "s"),
    ]:
        rows.append([title, f"{value:.2f} {unit}", f"{most} {unit}{'' if value <= most else '  EXCEEDED'}"])
    table(rows)


def single_calls(account: Account, binary: str, aws: str, rounds: int) -> dict[str, tuple[float, float]]:
    """Prints each call of ours beside the other; returns our milliseconds and MiB of each."""
    made = account.made
    status = ["status", "--cluster", made["cluster"], "--service", made["service"]]
    described = ["ecs", "describe-services", "--cluster", made["cluster"], "--services", made["service"]]
    cases = {
        START: (["--version"], ["--version"]),
        "ecr-login | ecr get-login-password": (["ecr-login"], ["ecr", "get-login-password"]),
        STATUS: (status, described),
    }
    measured: dict[str, tuple[float, float]] = {}
    rows = [["one call, start to exit", "ecs-bg", "calls", "aws", "calls", "ratio", "CPU", "", "peak memory", ""]]
    for title, (own, other) in cases.items():
        programs = {"ecs-bg": Program([binary, *own], account.env), "aws": Program([aws, *other], account.env)}
        counts = {name: count(account, program) for name, program in programs.items()}
        times = pairs(programs, rounds)
        spent = costs(programs, 5)
        measured[title] = times["ecs-bg"], spent["ecs-bg"].peak
        rows.append(
            [
                title,
                f"{times['ecs-bg']:.0f} ms",
                str(counts["ecs-bg"]),
                f"{times['aws']:.0f} ms",
                str(counts["aws"]),
                f"{times['aws'] / times['ecs-bg']:.1f}",
                f"{spent['ecs-bg'].cpu:.0f} ms",
                f"{spent['aws'].cpu:.0f} ms",
                f"{spent['ecs-bg'].peak:.1f} MiB",
                f"{spent['aws'].peak:.1f} MiB",
            ]
        )
    table(rows)
    return measured


def count(account: Account, program: Program) -> int:
    before = account.calls()
    program.run()
    return account.calls() - before


def repeated(run: Callable[[], Iterator[Sh]], into: list[list[Sh]]) -> None:
    into.append(list(run()))


def medians(runs: list[list[Sh]]) -> list[Sh]:
    steps = []
    for same in zip(*runs, strict=True):
        work = None if same[0].work is None else median(sh.work or 0 for sh in same)
        steps.append(Sh(same[0].title, work, same[0].waits))
    return steps


def worked(steps: list[Sh], titles: list[str]) -> float:
    return sum(sh.work or 0 for sh in steps if sh.title in titles)


def actions(own: list[Sh], other: list[Sh]) -> None:
    rows = [["the same work", "ecs-bg", "aws", "ratio"]]
    for title, ours_titles, sample_titles in SAME:
        mine, theirs = worked(own, ours_titles), worked(other, sample_titles)
        rows.append([title, f"{mine:.0f} ms", f"{theirs:.0f} ms", f"{theirs / mine:.1f}"])
    table(rows)


def listing(title: str, steps: list[Sh]) -> None:
    rows = [[f"{title}: {len(steps)} sh", "its process", "in Jenkins"]]
    for sh in steps:
        # a wait is for the tasks, not for the orchestration: only what its `sh` costs at the least is counted
        cost = SH if sh.waits else sh.cost
        work = "not measured" if sh.work is None else f"{sh.work:.0f} ms" + (" waiting" if sh.waits else "")
        rows.append([sh.title, work, f"{cost:.0f} ms"])
    table(rows)


def total(steps: list[Sh]) -> float:
    return sum(SH if sh.waits else sh.cost for sh in steps) / 1000


def pipelines(own: list[Sh], other: list[Sh]) -> None:
    listing("Jenkinsfile.example", own)
    print()
    listing("the original sample", other)
    waited = sum((sh.work or 0) for sh in own if sh.waits) / 1000
    beside = [around(DEPLOYMENT, IMAGE) / 1000, around(SAMPLE) / 1000]
    all_of = [total(own) + beside[0], total(other) + beside[1]]
    rows = [
        ["a whole deployment", "this", "sample", "ratio"],
        ["sh steps", str(len(own)), str(len(other)), f"{len(other) / len(own):.1f}"],
        ["sh", f"{total(own):.1f} s", f"{total(other):.1f} s", f"{total(other) / total(own):.1f}"],
        ["steps around them", f"{beside[0]:.1f} s", f"{beside[1]:.1f} s", f"{beside[1] / beside[0]:.1f}"],
        ["orchestration", f"{all_of[0]:.1f} s", f"{all_of[1]:.1f} s", f"{all_of[1] / all_of[0]:.1f}"],
        ["orchestration and waits", f"{all_of[0] + waited:.1f} s", "never waits", ""],
    ]
    print()
    table(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--aws", required=True)
    parser.add_argument("--standin", required=True)
    parser.add_argument("--rounds", type=int, default=11, help="of each single call")
    parser.add_argument("--deployments", type=int, default=5, help="whole deployments, each way")
    given = parser.parse_args()

    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        # docker's own time is the same for both
        docker = directory / "docker"
        docker.write_text("#!/bin/sh\ncat >/dev/null\n")
        docker.chmod(0o755)
        standin = Standin(given.standin)
        try:
            measure(standin, given, directory)
        finally:
            standin.close()


def measure(standin: Standin, given: argparse.Namespace, directory: Path) -> None:
    version = Program([given.aws, "--version"], dict(os.environ)).run()[1].decode().split()[0]
    print(f"{os.path.relpath(given.binary)} against {version};")
    print(f"the same stand-in for AWS; medians of {given.rounds} rounds, taken in turn, the first one not counted.\n")
    calls = single_calls(Account(standin, str(directory)), given.binary, given.aws, given.rounds)
    print()
    program(given.binary, calls[START][0], calls[STATUS][1])
    own: list[list[Sh]] = []
    other: list[list[Sh]] = []
    for _ in range(given.deployments + 1):
        repeated(lambda: ours(Account(standin, str(directory)), given.binary), own)
        repeated(lambda: sample(Account(standin, str(directory)), given.aws, directory), other)
    mine, theirs = medians(own[1:]), medians(other[1:])
    print(f"\nWhole deployments, {given.deployments} each way, in turn; the service's tasks start at once.\n")
    actions(mine, theirs)
    print(f"\nIn Jenkins a sh costs at least {SH:.0f} ms; {POLL:.0f} ms of work in it are free (constants).\n")
    pipelines(mine, theirs)
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    print(f"\nLoad average {load:.1f} on {cores} cores.")
    if load > cores + 1:
        print("The machine was busy with something else: do not quote these figures.")


if __name__ == "__main__":
    main()
