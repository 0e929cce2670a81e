"""A task with a command of its own: says who it is, and misbehaves when it is asked to."""

from __future__ import annotations

import asyncio
import os
import sys

from aiohttp import web

sick = False
# Requests that were to be answered late.
slowed = 0


async def health(_: web.Request) -> web.Response:
    return web.Response(status=503 if sick else 200)


async def turn(request: web.Request) -> web.Response:
    global sick
    sick = request.match_info["how"] == "sick"
    return web.Response()


async def reset(request: web.Request) -> web.Response:
    assert request.transport
    request.transport.abort()
    return web.Response()


async def half(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "200000"})
    await response.prepare(request)
    await response.write(b"x" * 100_000)
    await asyncio.sleep(0.1)
    assert request.transport
    request.transport.abort()
    return response


async def slow(request: web.Request) -> web.Response:
    global slowed
    slowed += 1
    await asyncio.sleep(float(request.match_info["seconds"]))
    return await who(request)


async def tell_slowed(_: web.Request) -> web.Response:
    return web.json_response({"slowed": slowed})


async def echo(request: web.Request) -> web.Response:
    body = await request.read()
    return web.Response(body=body, headers={"X-Seen": request.headers["X-Forwarded-For"], "X-Host": request.host})


async def who(request: web.Request) -> web.Response:
    return web.json_response({"version": os.environ["APP_VERSION"], "pid": os.getpid(), "path": request.raw_path})


app = web.Application()
app.router.add_get("/health", health)
app.router.add_get("/turn/{how}", turn)
app.router.add_get("/reset", reset)
app.router.add_get("/half", half)
app.router.add_get("/slow/{seconds}", slow)
app.router.add_get("/slowed", tell_slowed)
app.router.add_post("/echo", echo)
app.router.add_get("/{rest:.*}", who)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
