"""Times processes from start to exit, and finds their peak memory."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from statistics import median


class Failed(Exception):
    """A measured call failed: its figures would mean nothing."""


@dataclass
class Cost:
    """MiB at the most, and milliseconds of processor time."""

    peak: float
    cpu: float


@dataclass
class Program:
    """A command line and its environment."""

    argv: list[str]
    env: dict[str, str]

    def run(self) -> tuple[float, bytes]:
        """Milliseconds from start to exit, and standard output."""
        began = time.perf_counter()
        done = subprocess.run(self.argv, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        took = (time.perf_counter() - began) * 1000
        if done.returncode != 0:
            said = (done.stderr + done.stdout).decode()
            raise Failed(f"{' '.join(self.argv)} exited with {done.returncode}:\n{said}")
        return took, done.stdout

    def cost(self) -> Cost:
        """Processor time, and peak memory: the kernel's own high-water mark, read until the process is gone.

        A child's rusage would do for the first alone: its memory includes what this process held when it was forked.
        """
        process = subprocess.Popen(
            self.argv, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        highest = 0
        status = f"/proc/{process.pid}/status"
        while True:
            pid, _, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = 0  # reaped here
                return Cost(highest / 1024, (usage.ru_utime + usage.ru_stime) * 1000)
            with open(status, "rb") as file:
                text = file.read()
            # Before the exec it is still this program, under this program's name.
            if text.startswith(b"Name:\tpython") and os.path.basename(self.argv[0]) != "aws":
                continue
            at = text.find(b"VmHWM:")
            if at >= 0:
                highest = max(highest, int(text[at + 6 : text.index(b"kB", at)]))


def pairs(programs: dict[str, Program], rounds: int) -> dict[str, float]:
    """The median time of each, measured in turn so that both see the same machine; the first round is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in programs}
    for number in range(rounds + 1):
        for name, program in programs.items():
            took, _ = program.run()
            if number:
                taken[name].append(took)
    return {name: median(times) for name, times in taken.items()}


def costs(programs: dict[str, Program], rounds: int) -> dict[str, Cost]:
    found = {}
    for name, program in programs.items():
        runs = [program.cost() for _ in range(rounds)]
        found[name] = Cost(median(run.peak for run in runs), median(run.cpu for run in runs))
    return found
