"""A network of the tests' own: loopback, a door with TLS, a proxy and a name server, each in this process."""

from __future__ import annotations

import asyncio
import fcntl
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable

from dnslib import AAAA, QTYPE, RCODE, RR, A, DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSServer

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def loopback_up() -> None:
    """A new network namespace has a loopback that is down."""
    get, put, up = 0x8913, 0x8914, 1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = bytearray(struct.pack("16sH22x", b"lo", 0))
        fcntl.ioctl(any_socket, get, request)
        (flags,) = struct.unpack_from("H", request, 16)
        fcntl.ioctl(any_socket, put, struct.pack("16sH22x", b"lo", flags | up))


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, ssl.SSLError):
        pass
    finally:
        writer.close()


async def join(one: Streams, other: Streams) -> None:
    await asyncio.gather(copy(one[0], other[1]), copy(other[0], one[1]))


class Doors:
    """What listens: it runs in a thread of its own until the tests are over."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.asked: list[str] = []

    def listen(
        self, host: str, port: int, serve: Callable[..., Awaitable[None]], tls: ssl.SSLContext | None = None
    ) -> int:
        starting = asyncio.start_server(serve, host, port, ssl=tls)
        server = asyncio.run_coroutine_threadsafe(starting, self.loop).result(10)
        return server.sockets[0].getsockname()[1]

    def tls(self, host: str, port: int, context: ssl.SSLContext, behind: int) -> int:
        """TLS, and behind it plain the service at that port."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await join((reader, writer), await asyncio.open_connection("127.0.0.1", behind))

        return self.listen(host, port, serve, context)

    def proxy(self, host: str, port: int, target: int) -> int:
        """An HTTP proxy that takes CONNECT alone, and leads everything to that port. `asked` has its lines."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            line = head.split(b"\r\n")[0].decode()
            self.asked.append(line)
            if not line.startswith("CONNECT "):
                writer.write(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
                writer.close()
                return
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await join((reader, writer), await asyncio.open_connection("127.0.0.1", target))

        return self.listen(host, port, serve)


class Names(BaseResolver):
    """Knows these names and no others; notes what it was asked, and how."""

    def __init__(self, addresses: dict[str, list[str]]) -> None:
        self.addresses = addresses
        self.asked: list[tuple[str, str, str]] = []

    def resolve(self, request: DNSRecord, handler: object) -> DNSRecord:
        name = str(request.q.qname).rstrip(".")
        kind = QTYPE[request.q.qtype]
        self.asked.append((getattr(handler, "protocol", ""), kind, name))
        reply = request.reply()
        if name not in self.addresses:
            reply.header.rcode = RCODE.NXDOMAIN
        for address in self.addresses.get(name, []):
            six = ":" in address
            if kind == ("AAAA" if six else "A"):
                reply.add_answer(RR(name, request.q.qtype, rdata=AAAA(address) if six else A(address)))
        if getattr(handler, "protocol", "") == "udp" and len(reply.pack()) > 512:
            # more than a packet takes: ask by TCP
            reply = request.reply()
            reply.header.tc = 1
        return reply

    def serve(self, host: str) -> None:
        for tcp in (False, True):
            DNSServer(self, address=host, port=53, tcp=tcp, logger=Quiet(), handler=Several).start_thread()


class Several(DNSHandler):
    """Answers all questions that come in one connection: dnslib's own has done with the first."""

    def handle(self) -> None:
        if self.server.socket_type != socket.SOCK_STREAM:
            super().handle()
            return
        self.protocol = "tcp"
        stream = self.request.makefile("rb")
        while head := stream.read(2):
            reply = self.get_reply(stream.read(int.from_bytes(head, "big")))
            self.request.sendall(len(reply).to_bytes(2, "big") + reply)


class Quiet:
    """dnslib prints each question otherwise."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None
