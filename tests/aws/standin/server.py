"""The WSGI server: control calls, then faults, hooks and the recorder around moto."""

from __future__ import annotations

import functools
import io
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import ThreadedWSGIServer

from . import cloudwatch, recorder
from .accounts import keys
from .control import Control
from .desk import Desk, desks
from .faults import Fault, Hook, caller_is_gone, cut
from .recorder import Call
from .wire import Reply


class Handler(MotoRequestHandler):
    # As AWS does; werkzeug still closes each connection after its reply.
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_request(self, *_: Any, **__: Any) -> None:
        """Calls are recorded; standard error is for what goes wrong."""

    def log_error(self, *_: Any, **__: Any) -> None:
        """Cut connections are ordered by tests."""


class Server(ThreadedWSGIServer):
    request_queue_size = 512
    daemon_threads = True
    block_on_close = False


class Dispatcher(DomainDispatcherApplication):
    """moto lists its own directory for each call; which of its parts serves a host does not change."""

    @functools.cache  # noqa: B019 (there is one of these in a process)
    def get_backend_for_host(self, host: str | None) -> Any:
        return super().get_backend_for_host(host)


class Application:
    def __init__(self, mode: str) -> None:
        # One lock for all of moto and all worlds: moto's own state is not made for threads.
        self.lock = threading.RLock()
        self.moto = Dispatcher(create_backend_app)
        self.control = Control(mode, self.lock)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        path = environ.get("PATH_INFO", "")
        if path.startswith("/standin/"):
            status, answer = self.control.answer(environ["REQUEST_METHOD"], path, body)
            reply: Reply | None = (status, [("Content-Type", "application/json")], json.dumps(answer).encode())
        elif account := environ.get("HTTP_X_STANDIN_ACCOUNT"):
            reply = self.control.user(account, environ["HTTP_HOST"])
        else:
            reply = self.serve(environ, body)
        if reply is None:
            # The connection is cut already; werkzeug takes this as the caller having gone away.
            raise ConnectionAbortedError
        status, headers, payload = reply
        headers = [(name, value) for name, value in headers if name.lower() not in ("content-length", "connection")]
        start_response(f"{status} .", [*headers, ("Content-Length", str(len(payload)))])
        return [payload]

    def serve(self, environ: dict[str, Any], body: bytes) -> Reply | None:
        call = recorder.read(environ, body)
        connection = environ["werkzeug.socket"]
        with self.lock:
            account = keys.account_of(call.key)
            desk = desks.get(account or "unknown")
            entry = desk.recorder.add(call, time.time())
            hooks = [hook for hook in desk.hooks if hook.hits(call)]
            # Each one counts each call, whichever is the one to strike.
            struck = [fault for fault in desk.faults if fault.hits(call)]
            fault = struck[0] if struck else None
        entry["fault"] = fault.kind if fault else None
        for hook in hooks:
            if hook.when == "before":
                self.reached(desk, hook)
                # Killed before it was applied: what a dead caller had sent must not be applied after all.
                if caller_is_gone(connection):
                    cut(connection, reset=False)
                    return None
        reply = self.faulty(environ, call, desk, entry, fault)
        for hook in hooks:
            if hook.when == "after":
                self.reached(desk, hook)
        return reply

    def reached(self, desk: Desk, hook: Hook) -> None:
        with self.lock:
            self.control.do(desk, hook)
        hook.hold()

    def faulty(
        self, environ: dict[str, Any], call: Call, desk: Desk, entry: dict[str, Any], fault: Fault | None
    ) -> Reply | None:
        connection = environ["werkzeug.socket"]
        if fault is None:
            return self.apply(environ, call, desk, entry)
        if fault.kind in ("refused", "reset-before"):
            cut(connection, reset=fault.kind == "reset-before")
            return None
        if fault.kind in ("delay", "delay-before"):
            if fault.kind == "delay-before":
                time.sleep(fault.seconds)
            reply = self.apply(environ, call, desk, entry)
            if fault.kind == "delay":
                time.sleep(fault.seconds)
            return reply
        if fault.kind in ("lost-reply", "truncate"):
            _, headers, payload = self.apply(environ, call, desk, entry)
            if fault.kind == "truncate":
                head = "".join(f"{n}: {v}\r\n" for n, v in headers if n.lower() not in ("content-length", "connection"))
                sent = f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(payload)}\r\n\r\n".encode()
                connection.sendall(sent + payload[: len(payload) // 2])
            cut(connection, reset=False)
            return None
        if fault.applied:
            self.apply(environ, call, desk, entry)
        status, headers, payload = fault.answer(call)
        entry["status"], entry["error"] = status, recorder.error_code(status, payload)
        return status, headers, payload

    def apply(self, environ: dict[str, Any], call: Call, desk: Desk, entry: dict[str, Any]) -> Reply:
        """The call itself."""
        with self.lock:
            now = desk.world.advance()
            account = desk.world.account
            if refusal := self.control.refusal(call, desk, now):
                status, headers, payload = refusal
            else:
                if account != "unknown":
                    # moto would look through all accounts for the key at every call.
                    environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
                own = cloudwatch.answer(environ, call, desk, now)
                status, headers, payload = own or self.run_moto(environ)
                entry["applied"] = status < 400
                for addition in desk.newer:
                    payload = addition.added(call, status, payload)
            if call.mutating:
                desk.history.note(desk.world.now, call.operation, always=True, by=call.by)
        entry["status"], entry["error"] = status, recorder.error_code(status, payload)
        return status, headers, payload

    def run_moto(self, environ: dict[str, Any]) -> Reply:
        seen: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            seen["status"], seen["headers"] = int(status.split(" ", 1)[0]), headers

        try:
            payload = b"".join(self.moto(environ, start))
        except Exception:
            # What moto cannot do must be seen as such, not taken for AWS's answer.
            traceback.print_exc()
            return 500, [("Content-Type", "text/html")], b"<html><body>moto failed</body></html>"
        return seen["status"], seen["headers"], payload


def serve(mode: str, port: int) -> None:
    application = Application(mode)
    server = Server("127.0.0.1", port, application, handler=Handler)

    def end(*_: Any) -> None:
        os._exit(0)

    def end_with_stdin() -> None:
        while os.read(0, 4096):
            pass
        end()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    threading.Thread(target=end_with_stdin, daemon=True).start()
    real = server.server_address[1]
    sys.stdout.write(json.dumps({"port": real, "url": f"http://127.0.0.1:{real}"}) + "\n")
    sys.stdout.flush()
    server.serve_forever()
