"""The load generator, against a server that notes who asks."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from standin.client import HOME, until


class Server(ThreadingHTTPServer):
    """Gives each new client a cookie, which is its name, and fails every fifth request of it. `gather`: it answers
    nobody until so many wait."""

    daemon_threads = True
    gather = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.asked: Counter[str] = Counter()
        self.waiting = self.most_waiting = 0
        self.url = f"http://localhost:{self.server_port}/"

    def arrived(self, client: str) -> tuple[str, int]:
        with self.lock:
            self.waiting += 1
            self.most_waiting = max(self.most_waiting, self.waiting)
            client = client or f"name={len(self.asked)}"
            self.asked[client] += 1
            return client, self.asked[client]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        client, times = self.server.arrived(self.headers.get("Cookie", ""))
        until(lambda: self.server.most_waiting >= self.server.gather)
        # Whoever would send one more has time for it.
        time.sleep(0.05 if self.server.gather else 0)
        with self.server.lock:
            self.server.waiting -= 1
        self.send_response(503 if times % 5 == 0 else 200)
        self.send_header("Set-Cookie", client)
        self.send_header("X-App-Version", client)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


def started(server: Server, out: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "standin.load", server.url, "--json", str(out), *options]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=HOME, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def sent(server: Server, out: Path, *options: str) -> dict[str, Any]:
    process = started(server, out, *options)
    said, errors = process.communicate(timeout=60)
    assert said.startswith("load: "), errors
    return json.loads(out.read_text())


@pytest.mark.parametrize(
    "tell",
    [
        lambda process: process.send_signal(signal.SIGTERM),
        lambda process: process.send_signal(signal.SIGINT),
        lambda process: process.stdin.close(),
    ],
    ids=["SIGTERM", "SIGINT", "end of input"],
)
def test_it_ends_with_its_result_when_it_is_told_to(
    tell: Callable[[subprocess.Popen[str]], None], server: Server, tmp_path: Path
) -> None:
    process = started(server, tmp_path / "out", "--seconds", "0", "--rate", "20")
    assert process.stdin and process.stdout and process.stderr
    until(lambda: server.asked.total() > 0)
    tell(process)
    # While its input is open, as that of a child mostly is.
    code = process.wait(30)
    assert process.stderr.read() == "" and process.stdout.read().startswith("load: ")
    result = json.loads((tmp_path / "out").read_text())
    assert result["requests"] == server.asked.total() and code == (1 if result["failed"] else 0)


def test_a_bound_holds_requests_back_and_none_is_left_out(server: Server, tmp_path: Path) -> None:
    server.gather = 3
    result = sent(server, tmp_path / "out", "--rate", "1000", "--seconds", "0.03", "--at-once", "3")
    assert (result["requests"], server.most_waiting) == (30, 3)


def test_without_clients_nobody_keeps_a_cookie(server: Server, tmp_path: Path) -> None:
    result = sent(server, tmp_path / "out", "--rate", "100", "--seconds", "0.2", "--at-once", "1")
    assert server.asked == {f"name={n}": 1 for n in range(20)} and result["failures"] == []


def test_clients_keep_cookies_and_failures_tell_who_answered_them_before(server: Server, tmp_path: Path) -> None:
    options = ("--rate", "100", "--seconds", "0.24", "--at-once", "1", "--clients", "2", "--failures", "3")
    result = sent(server, tmp_path / "out", *options)
    assert server.asked == {"name=0": 12, "name=1": 12} and result["failed"] == 4
    assert [failure["last"]["version"] for failure in result["failures"]] == ["name=0", "name=1", "name=0"]
    assert all(failure["last"]["at"] <= failure["at"] and failure["seconds"] >= 0 for failure in result["failures"])
