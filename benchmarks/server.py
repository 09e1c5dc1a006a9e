"""
A server that is never what is measured: two routes, answers made in advance, a process of its own.

    python -m benchmarks.server [--bulk]

prints its port, serves until its standard input ends, then prints what an answer took it.  The
second route, many tasks at once, is there with `--bulk` only.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import define

from benchmarks import ROOT, lives, wire

_LINE = b"GET /mj/task/"
_ID_ENDS = len(_LINE) + lives.DIGITS
_BULK_LINE = b"POST /mj/task/list-by-condition"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_ID = re.compile(rb"\d{%d}" % lives.DIGITS)
#: How often a task's progress moves in its life; the last answer is the one after its end.
_LEVELS = 8
_ABSENT = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

#: A body, cut where the id goes.
Around = tuple[bytes, bytes, bytes]


@define
class Server:
    """A server in another process, for as long as `serving` lasts."""

    url: str
    #: CPU seconds it took for one answer, told when it has ended.
    per_answer: float = 0.0


@contextmanager
def serving(*, bulk: bool = False) -> Iterator[Server]:
    """Run a server beside the benchmark; `bulk`: it answers for many tasks at once, too."""
    command = [sys.executable, "-m", "benchmarks.server", *(["--bulk"] if bulk else [])]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        server = Server(f"http://127.0.0.1:{int(process.stdout.readline())}")
        try:
            yield server
        finally:
            process.stdin.close()
            server.per_answer = float(process.stdout.readline())


class _Connection(asyncio.Protocol):
    """Answers one request after the other; clients here never send the next one early."""

    #: Answers given on all connections.
    given = 0

    def __init__(self, bodies: list[Around], *, bulk: bool) -> None:
        self._bodies = bodies
        self._bulk = bulk
        self._heads = [_head(sum(map(len, body)) + 2 * lives.DIGITS) for body in bodies]
        self._transport: asyncio.WriteTransport | None = None
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if _whole(self._heard):
            request, self._heard = self._heard, b""
            assert self._transport is not None
            self._transport.write(self._answer(request))
            _Connection.given += 1

    def _answer(self, request: bytes) -> bytes:
        if request.startswith(_LINE):
            task_id = request[len(_LINE) : _ID_ENDS]
            level = _level(task_id)
            return self._heads[level] + self._row(task_id, level)
        if self._bulk and request.startswith(_BULK_LINE):
            ids = _ID.findall(request, request.index(b"\r\n\r\n"))
            body = b"[%b]" % b",".join([self._row(task_id, _level(task_id)) for task_id in ids])
            return _head(len(body)) + body
        return _ABSENT

    def _row(self, task_id: bytes, level: int) -> bytes:
        first, middle, tail = self._bodies[level]
        return b"".join((first, task_id, middle, task_id, tail))


def _whole(request: bytes) -> bool:
    """Whether a request has come to its end."""
    if request.startswith(b"GET"):
        return request.endswith(b"\r\n\r\n")
    head, _, body = request.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return length is not None and len(body) >= int(length[1])


def _level(task_id: bytes) -> int:
    return min(_LEVELS, int(lives.share_lived(task_id) * _LEVELS))


def _bodies() -> list[Around]:
    """Make the body for each level, cut where the id goes (it is told twice)."""
    spoken = [("SUBMITTED", "0%")]
    spoken += [("IN_PROGRESS", f"{100 * level // _LEVELS}%") for level in range(1, _LEVELS)]
    spoken += [("SUCCESS", "100%")]
    return [_around(status, progress) for status, progress in spoken]


def _around(status: str, progress: str) -> Around:
    mark = "#" * lives.DIGITS
    first, middle, tail = wire.body(mark, status, progress).split(mark.encode())
    return first, middle, tail


def _head(length: int) -> bytes:
    return (
        "HTTP/1.1 200 OK\r\n"
        "Content-Type: application/json; charset=utf-8\r\n"
        "X-Oneapi-Request-Id: 20260115081243141592653abcdefgh\r\n"
        "Date: Thu, 15 Jan 2026 08:12:43 GMT\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


async def _serve(*, bulk: bool) -> None:
    bodies, stopped = _bodies(), asyncio.Event()
    loop = asyncio.get_running_loop()
    # Whoever started us holds the other end: we never outlive it.
    loop.add_reader(sys.stdin.fileno(), stopped.set)
    server = await loop.create_server(
        lambda: _Connection(bodies, bulk=bulk), "127.0.0.1", 0, backlog=20_000
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    began = time.process_time()
    await stopped.wait()
    server.close()
    print((time.process_time() - began) / max(1, _Connection.given), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(bulk="--bulk" in sys.argv[1:]))
