"""The load balancer's listeners: each request goes to the target that `routing` names at that moment.

"guide" is AWS's User Guide for Application Load Balancers, by the title of its page.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from . import routing
from .counts import Counts

# What is about one connection, not about the request (RFC 9110, 7.6.1), and what this end answers itself.
OWN = frozenset(
    (
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
# A reply of no more than this is read whole before it is sent on.
SMALL = 65536


class Upstream:
    """The connections to one task."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.under_way = 0
        # What a target sends is sent on as it is; its cookies are the client's.
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        )
        self._retired = False

    def __enter__(self) -> Upstream:
        self.under_way += 1
        return self

    def __exit__(self, *_: Any) -> None:
        self.under_way -= 1
        self._close_when_done()

    def retire(self) -> None:
        """Guide, "Edit target group attributes", deregistration delay: what is under way may end, then connections are
        closed."""
        self._retired = True
        self._close_when_done()

    def _close_when_done(self) -> None:
        if self._retired and not self.under_way and not self.session.closed:
            self._closing = asyncio.ensure_future(self.session.close())


class Account:
    """What one account's load balancers know at the moment."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self.groups: dict[str, routing.Group] = {}
        # By target.
        self.upstreams: dict[str, Upstream] = {}

    def update(self, groups: list[dict[str, Any]]) -> None:
        before, self.groups = self.groups, {}
        for given in groups:
            group = self.groups[given["arn"]] = before.get(given["arn"]) or routing.Group(given["arn"])
            group.update(given, time.monotonic())
            for target in group.targets.values():
                if target.state == "draining" and target.id in self.upstreams:
                    self.upstreams[target.id].retire()

    def gone(self, task: str) -> None:
        self.upstreams.pop(task).retire()


class Listener:
    """One port. Until it is told its rules, it answers 503."""

    def __init__(self) -> None:
        self.account: Account | None = None
        self.balancer = ""
        self.rules: list[routing.Rule] = []
        self.timeout = aiohttp.ClientTimeout(total=None)
        self.port = 0
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        # Guide, "Connection idle timeout": 60 seconds, of clients' connections too. A client that goes takes its
        # request along.
        server = web.Server(
            self.answer,  # type: ignore[arg-type]
            handler_cancellation=True,
            access_log=None,
            keepalive_timeout=60,
        )
        self._server = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    def close(self) -> None:
        if self._server:
            self._server.close()

    def update(self, account: Account, given: dict[str, Any]) -> None:
        self.account, self.balancer = account, given["balancer"]
        self.rules = [routing.Rule.read(rule) for rule in given["rules"]]
        # Guide, "Troubleshoot your Application Load Balancers", HTTP 504: 10 seconds for the connection, then the idle
        # timeout.
        self.timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=given["idle"])

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        host = (request.headers.get("Host") or "").rpartition(":")[0] or request.headers.get("Host") or ""
        rule = routing.rule_for(self.rules, host, request.rel_url.raw_path)
        if self.account is None or rule is None:
            return self.refusal(503, None, chosen=False)
        action = rule.action
        if action["type"] == "fixed-response":
            text, kind = action.get("body") or "", action.get("contentType") or "text/plain"
            return web.Response(status=int(action["status"]), text=text, content_type=kind)
        if action["type"] != "forward":
            return web.Response(status=501, text=f"the data plane knows no action {action['type']}\n")
        return await Exchange(self, self.account, action, request).run()

    def refusal(self, status: int, group: str | None, chosen: bool = True, refused: bool = False) -> web.StreamResponse:
        """The load balancer's own answer."""
        if self.account:
            self.account.counts.add(
                time.time(), self.balancer, group, status, by_target=False, chosen=chosen, refused=refused
            )
        return web.Response(status=status, headers={"Server": "awselb/2.0"})


class Exchange:
    """One request that is forwarded, and its reply."""

    def __init__(self, listener: Listener, account: Account, action: dict[str, Any], request: web.BaseRequest) -> None:
        self.listener = listener
        self.account = account
        self.action = action
        self.request = request
        self.group = ""

    async def run(self) -> web.StreamResponse:
        cookies = self.request.cookies if "AWSALB" in self.request.headers.get("Cookie", "") else {}
        wanted = routing.unseal(cookies.get(routing.GROUP_COOKIE), time.time())
        arn = routing.choose_group(self.action, wanted)
        group = self.account.groups.get(arn) if arn else None
        if group is None:
            return self.listener.refusal(503, arn, chosen=False)
        self.group = group.arn
        target = group.choose(routing.unseal(cookies.get(routing.TARGET_COOKIE), time.time()), time.monotonic())
        if target is None:
            # Guide, "Troubleshoot", HTTP 503. It does not go over to another group ("Weighted target groups").
            return self.listener.refusal(503, group.arn, chosen=False)
        upstream = self.account.upstreams.get(target.id)
        if upstream is None:
            # Its process is gone already.
            return self.listener.refusal(502, group.arn, refused=True)
        with upstream:
            return await self.forward(upstream, self.stickiness(group, target))

    def stickiness(self, group: routing.Group, target: routing.Target) -> CIMultiDict[str]:
        """The cookies. Their time begins anew with each reply (guide, "Sticky sessions")."""
        headers: CIMultiDict[str] = CIMultiDict()
        for name, what, seconds in (
            (routing.GROUP_COOKIE, group.arn, self.action["sticky"]),
            (routing.TARGET_COOKIE, target.id, group.sticky),
        ):
            if seconds:
                # The same page: "has its own expiry of 7 days, which is non-configurable".
                value = routing.seal(what, time.time() + seconds)
                headers.add("Set-Cookie", f"{name}={value}; Max-Age=604800; Path=/")
                headers.add("Set-Cookie", f"{name}CORS={value}; Max-Age=604800; Path=/; SameSite=None; Secure")
        return headers

    async def forward(self, upstream: Upstream, cookies: CIMultiDict[str]) -> web.StreamResponse:
        request = self.request
        began = time.monotonic()
        try:
            async with upstream.session.request(
                request.method,
                URL(f"http://127.0.0.1:{upstream.port}{request.raw_path}", encoded=True),
                headers=self.headers(),
                data=request.content if request.body_exists else None,
                allow_redirects=False,
                timeout=self.listener.timeout,
            ) as reply:
                seconds = time.monotonic() - began
                response = await self.relay(reply, cookies)
        except TimeoutError as late:
            refused = isinstance(late, aiohttp.ConnectionTimeoutError)
            return self.listener.refusal(504, self.group, refused=refused)
        except aiohttp.ClientError as broken:
            # Guide, "Troubleshoot", HTTP 502: a connection that is refused, reset or closed while a reply is awaited.
            return self.listener.refusal(502, self.group, refused=isinstance(broken, aiohttp.ClientConnectorError))
        except asyncio.CancelledError:
            # The same page, HTTP 460: the client has closed the connection.
            self.listener.refusal(460, self.group)
            raise
        self.account.counts.add(
            time.time(), self.listener.balancer, self.group, reply.status, by_target=True, seconds=seconds
        )
        return response

    def headers(self) -> CIMultiDict[str]:
        """The request's own, and X-Forwarded-… as in the guide's "HTTP headers"."""
        request = self.request
        named = {name.strip().lower() for name in request.headers.get("Connection", "").split(",")}
        headers = CIMultiDict((n, v) for n, v in request.headers.items() if n.lower() not in OWN | named)
        before = headers.get("X-Forwarded-For")
        client = request.remote or "127.0.0.1"
        headers["X-Forwarded-For"] = f"{before}, {client}" if before else client
        headers["X-Forwarded-Proto"] = "http"
        headers["X-Forwarded-Port"] = str(self.listener.port)
        return headers

    async def relay(self, reply: aiohttp.ClientResponse, cookies: CIMultiDict[str]) -> web.StreamResponse:
        headers = CIMultiDict((n, v) for n, v in reply.headers.items() if n.lower() not in OWN)
        headers.extend(cookies)
        small = reply.content_length is not None and reply.content_length <= SMALL
        if small and self.request.method != "HEAD" and reply.status not in (204, 304):
            headers.popall("Content-Length", None)
            return web.Response(status=reply.status, reason=reply.reason, headers=headers, body=await reply.read())
        response = web.StreamResponse(status=reply.status, reason=reply.reason, headers=headers)
        await response.prepare(self.request)
        try:
            async for chunk in reply.content.iter_any():
                await response.write(chunk)
        except (aiohttp.ClientError, TimeoutError):
            # The headers are out: all that is left is to show the client that this is not the end.
            if self.request.transport:
                self.request.transport.abort()
        return response
