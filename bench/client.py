"""The bench's own load client: raw sockets, many connections, one request on each at a time.

It takes over where bodies must differ from one request to the next, and where `wrk` is not installed. Its own
ceiling is measured against the bare app and printed with the results.

Source: RFC 9112 (message syntax: the servers here always send Content-Length).
"""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any, Final, cast

from bench.child import HOST
from bench.shapes import MARK

TYPE: Final = "application/fhir+json"
_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length: "
_MARK: Final = MARK.encode()
_DIGITS: Final = 10


class Refused(RuntimeError):
    """A request of the bench was not answered with success: the figures would mean nothing."""


@dataclass(slots=True)
class Shot:
    """One request. body: with the mark that is numbered anew each time. version: of the resource an update replaces."""

    method: str
    target: str
    body: bytes = b""
    version: int | None = None

    def line(self) -> str:
        """The shot as a line of a file."""
        return json.dumps(
            {"method": self.method, "target": self.target, "body": self.body.decode(), "version": self.version}
        )


def read_shots(path: Path) -> list[Shot]:
    """The shots in a file."""
    kept = [json.loads(line) for line in path.read_text().splitlines()]
    return [Shot(one["method"], one["target"], one["body"].encode(), one["version"]) for one in kept]


def request_bytes(shot: Shot, token: str, number: int) -> bytes:
    """A whole request."""
    head = f"{shot.method} {shot.target} HTTP/1.1\r\nhost: {HOST}\r\nauthorization: Bearer {token}\r\n"
    if shot.method == "GET":
        return f"{head}\r\n".encode()
    if shot.version is not None:
        head += f'if-match: W/"{shot.version}"\r\n'
    body = shot.body.replace(_MARK, b"bench-%0*d" % (_DIGITS, number))
    return f"{head}content-type: {TYPE}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


class Client:
    """Fires shots over and over; each connection has shots of its own, so an update never meets another's."""

    def __init__(self, shots: Sequence[Shot], port: int, token: str, connections: int) -> None:
        self._port = port
        self._token = token
        self._queues: list[Iterator[Shot]] = [cycle(one) for one in shares(shots, connections)]
        self._number = 0

    @classmethod
    def read(cls, job: dict[str, Any]) -> "Client":
        """The client that a job describes."""
        return cls(read_shots(Path(job["shots"])), job["port"], job["token"], job["connections"])

    def run(self, seconds: float) -> dict[str, Any]:
        """Fire for so many seconds: requests, the seconds they took, and every latency percentile that is shown."""
        latencies, elapsed = _runner()(self._fire(seconds))
        return {"requests": len(latencies), "seconds": elapsed, **percentiles(latencies)}

    async def _fire(self, seconds: float) -> tuple[list[float], float]:
        loop = asyncio.get_running_loop()
        latencies: list[float] = []
        lines = [
            (await loop.create_connection(partial(_Line, self, queue, latencies), HOST, self._port))[1]
            for queue in self._queues
        ]
        start = time.perf_counter()
        done = [line.start(start + seconds) for line in lines]
        await asyncio.gather(*done)
        return latencies, time.perf_counter() - start

    def next_request(self, shot: Shot) -> bytes:
        """The bytes of a shot, numbered anew."""
        self._number += 1
        return request_bytes(shot, self._token, self._number)


def shares(shots: Sequence[Shot], connections: int) -> list[Sequence[Shot]]:
    """The shots of each connection. Updates are dealt out, so that none meets another's; the rest are rotated."""
    if shots[0].version is not None:
        return [shots[at::connections] for at in range(min(connections, len(shots)))]
    starts = [at * len(shots) // connections for at in range(connections)]
    return [[*shots[start:], *shots[:start]] for start in starts]


class _Line(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, client: Client, shots: Iterator[Shot], latencies: list[float]) -> None:
        self._client = client
        self._shots = shots
        self._latencies = latencies
        self._buffer = b""
        self._missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class

    def start(self, end: float) -> "asyncio.Future[None]":
        """Fire until `end`; the future is done when the last answer is here."""
        self._end = end
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._send()
        return self._done

    def _send(self) -> None:
        self._shot = next(self._shots)
        data = self._client.next_request(self._shot)
        self._sent = time.perf_counter()
        self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            self._buffer += data
            head, end, rest = self._buffer.partition(_END)
            if not end:
                return
            self._buffer = b""
            self._judge(head)
            self._missing = _length(head) - len(rest)
        if self._missing == 0 and not self._done.done():
            self._answered()

    def _judge(self, head: bytes) -> None:
        if not head.startswith(b"HTTP/1.1 2") and not self._done.done():
            self._missing = 0
            self._done.set_exception(Refused(f"{self._shot.method} {self._shot.target}: {head[:40]!r}"))
            self._transport.close()

    def _answered(self) -> None:
        now = time.perf_counter()
        self._latencies.append(now - self._sent)
        if self._shot.version is not None:
            self._shot.version += 1
        if now < self._end:
            self._send()
        else:
            self._transport.close()
            self._done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(Refused(f"the server closed the connection: {exc}"))


def _length(head: bytes) -> int:
    lower = head.lower()
    at = lower.find(_LENGTH)
    return int(lower[at + len(_LENGTH) :].partition(b"\r\n")[0]) if at >= 0 else 0


def percentiles(latencies: Sequence[float]) -> dict[str, float]:
    """Latencies in milliseconds at 50, 95 and 99 per cent."""
    ordered = sorted(latencies)
    return {f"p{share}": 1000 * ordered[min(len(ordered) - 1, len(ordered) * share // 100)] for share in (50, 95, 99)}


def _runner() -> Any:
    try:
        import uvloop
    except ImportError:
        return asyncio.run
    return uvloop.run
