"""Tasks as processes: how they end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from standin.plane.processes import Process

WAITS = "while :; do sleep 0.05; done"
SPEC = {
    "behaviour": "",
    "containerPort": 8080,
    "directory": "/",
    "environment": {},
    "healthPath": "/",
    "stopTimeout": 0.2,
    "version": "v1",
}


async def ended(script: str, *told: str, wait: float = 0.2, **spec: Any) -> tuple[int, str]:
    over = asyncio.get_running_loop().create_future()
    given = {**SPEC, "command": ["sh", "-c", script], **spec}
    process = Process(given, lambda: None, lambda code, said: over.set_result((code, said)))
    await asyncio.sleep(wait)
    for how in told:
        process.end(how)
    return await asyncio.wait_for(over, 5)


@pytest.mark.parametrize(
    ("script", "told", "wait", "code"),
    [
        ("exit 3", [], 0, 3),
        (WAITS, ["stop"], 0.2, 143),
        # Before it was even started.
        (WAITS, ["stop"], 0, 143),
        (f"trap 'exit 7' TERM; {WAITS}", ["stop", "stop"], 0.2, 7),
        # It pays no heed: SIGKILL follows after the stop timeout.
        (f"trap '' TERM; {WAITS}", ["stop"], 0.2, 137),
        (f"trap '' TERM; {WAITS}", ["kill"], 0.2, 137),
    ],
)
def test_how_a_process_ends(script: str, told: list[str], wait: float, code: int) -> None:
    assert asyncio.run(ended(script, *told, wait=wait))[0] == code


def test_its_environment_is_the_containers_and_its_last_words_are_kept() -> None:
    script = 'echo "$GREETING $APP_VERSION $URL ${HOME-none}"; test "$PORT" -gt 1023'
    code, said = asyncio.run(ended(script, environment={"GREETING": "hello", "URL": "http://x:80"}))
    assert (code, said) == (0, "hello v1 http://x:80 none\n")


def test_a_command_that_is_not_there_is_an_exit() -> None:
    code, said = asyncio.run(ended("", command=["/nowhere/at-all"]))
    assert code == 127 and "/nowhere/at-all" in said
