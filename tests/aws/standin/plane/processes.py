"""Tasks as processes: each has a port of its own, is told to end by SIGTERM, and killed after its stop timeout."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from . import behaviour

HERE = "127.0.0.1"
ROOT = Path(__file__).resolve().parents[4]
SAMPLE = ROOT / "examples" / "app"
# A process that opens no port within this is taken for running, and its health checks fail.
BOOT_SECONDS = 20.0


class Process:
    """One task. `listening` is called once it takes connections, `exited` with its code and its last words."""

    def __init__(self, spec: dict[str, Any], listening: Callable[[], None], exited: Callable[[int, str], None]) -> None:
        self.spec = spec
        self.port = free_port()
        self.listening = listening
        self.exited = exited
        self._output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed when the process has ended)
        self._process: asyncio.subprocess.Process | None = None
        self._told = ""
        self.life = asyncio.create_task(self._live())

    async def _live(self) -> None:
        parts = behaviour.parse(self.spec["behaviour"])
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *command(self.spec, self.port, parts),
                cwd=self.spec["directory"] or SAMPLE,
                env=environment(self.spec, self.port),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._output,
                start_new_session=True,
            )
        except OSError as problem:
            self.exited(127, str(problem))
            return
        # Told already, while it was being started.
        told, self._told = self._told, ""
        if told:
            self.end(told)
        others = [asyncio.create_task(self._wait_for_port())]
        for part in parts:
            if part.kind == "exits" and part.after:
                others.append(asyncio.create_task(self._end_later("kill", part.after)))
        code = await process.wait()
        for other in others:
            other.cancel()
        # What it left behind: nothing outlives a container's first process.
        self._signal(signal.SIGKILL)
        self._output.seek(max(0, self._output.seek(0, os.SEEK_END) - 2000))
        said = self._output.read().decode("utf-8", "replace")
        self._output.close()
        # As a container runtime tells a signal.
        self.exited(code if code >= 0 else 128 - code, said)

    async def _wait_for_port(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + BOOT_SECONDS
        while loop.time() < deadline:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(HERE, self.port)
                writer.close()
                break
            await asyncio.sleep(0.03)
        self.listening()

    async def _end_later(self, how: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.end(how)

    def end(self, how: str) -> None:
        """`stop`: SIGTERM, and SIGKILL after the stop timeout; `kill`: at once. A second time changes nothing."""
        if self._process is None or self._process.returncode is not None:
            self._told = how
            return
        if how == "kill":
            self._signal(signal.SIGKILL)
        elif self._told != "stop":
            # Developer guide, "Amazon ECS task lifecycle": SIGTERM, then SIGKILL when stopTimeout is over.
            # Not send_signal: that may take the exit code away from who waits for it.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGTERM)
            self._timer = asyncio.create_task(self._end_later("kill", self.spec["stopTimeout"]))
        self._told = how

    def _signal(self, number: int) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


def free_port() -> int:
    """Below the ports that the machine gives to connections: those come and go between the choice and its use."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HERE, port))
            return port


def command(spec: dict[str, Any], port: int, parts: list[behaviour.Part]) -> list[str]:
    if any(part.kind == "exits" and not part.after for part in parts):
        return ["sh", "-c", "echo 'exits, as the tag of its image says'; sleep 0.2; exit 1"]
    if spec["command"]:
        return [on_port(word, spec["containerPort"], port) for word in spec["command"]]
    # As examples/app/Dockerfile starts it, for one task of several on a small machine: one worker with threads. It
    # keeps connections for longer than the load balancer does, as AWS advises (guide, "Troubleshoot", HTTP 502).
    options = "--workers 1 --threads 32 --keep-alive 75 --graceful-timeout 20 --no-control-socket --log-level error"
    bind = ["--bind", f"{HERE}:{port}", "--worker-tmp-dir", tempfile.gettempdir()]
    return [sys.executable, "-m", "gunicorn", *bind, *options.split(), "standin.plane.sample:app"]


def on_port(word: str, container_port: int, port: int) -> str:
    """All tasks share this machine's ports: where a command or a variable names the container's, it gets its own."""
    word = word.replace("0.0.0.0", HERE)
    return re.sub(rf"(?<![\d.]){container_port}(?![\d.])", str(port), word) if container_port else word


def environment(spec: dict[str, Any], port: int, ours: Mapping[str, str] = os.environ) -> dict[str, str]:
    """As little as possible of this process's own: a container has nothing of the machine's."""
    venv = str(Path(sys.executable).parent)
    return {
        "PATH": f"{venv}:{ours.get('PATH', '/usr/bin:/bin')}",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "STANDIN_BEHAVIOUR": spec["behaviour"],
        "HEALTH_PATH": spec["healthPath"],
        "APP_VERSION": spec["version"],
        **{name: on_port(value, spec["containerPort"], port) for name, value in spec["environment"].items()},
        "PORT": str(port),
    }
