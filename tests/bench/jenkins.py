"""What a pipeline's steps take on a real Jenkins, and how many of each there are around the `sh`."""

from __future__ import annotations

import json
from pathlib import Path

# Milliseconds, mean of ten: Jenkins 2.568.1 with Java 25, a controller with nothing else to do on two busy cores,
# default durability. `checkout` is not here: it is the same for both.
COST = {
    "echo": 33.0,
    "libraryResource": 27.0,
    "withEnv": 103.0,
    "stage": 140.0,
    "node": 204.0,
    "writeFile": 57.0,
    "archiveArtifacts": 69.0,
}
# A `sh` that does nothing: Jenkins looks every 250 ms whether its process has ended. What it does within these is free.
SH = 300.0
POLL = 250.0

# Bytes in a second, of a `writeFile` whose text comes from a `libraryResource`, through the controller to the agent.
THROUGH = 4_000_000.0

# Of blueGreenDeploy where nobody is asked and nothing bakes, as the tests of vars/ count them; then the two image
# steps in their own node.
DEPLOYMENT: dict[str, int] = json.loads((Path(__file__).parent / "steps.json").read_text())
IMAGE = {"node": 1, "libraryResource": 4, "withEnv": 2}

# Of the original sample: one node, and its stages but for the two that wait for a person. What else it has is left out.
SAMPLE = {"node": 1, "stage": 10}


def in_jenkins(work: float) -> float:
    """What a `sh` costs whose process works for so long."""
    return max(SH, work + SH - POLL)


def around(*counts: dict[str, int]) -> float:
    """What the steps other than `sh` cost."""
    return sum(COST.get(step, 0.0) * number for steps in counts for step, number in steps.items())


def copied(size: int) -> float:
    """Milliseconds that an agent's first call takes more than the others: the packed program travels as Base64."""
    return size * 4 / 3 / THROUGH * 1000 + COST["writeFile"] + SH
