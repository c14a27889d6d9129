"""The bare ASGI app: answers with bytes it was given, and does nothing else.

What it reaches on the same server and core is the ceiling that any Python gateway stands under.

Source: asgi.readthedocs.io, HTTP message format.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer recorded from the gateway: status, headers and the exact body."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


class Bare:
    """Serves recorded answers by method and address; POST and PUT fall back on the last answer of the method."""

    def __init__(self, answers: Mapping[tuple[str, str], Answer]) -> None:
        self._messages = {f"{method} {target}".encode(): _messages(one) for (method, target), one in answers.items()}
        self._of_method = {method: _messages(one) for (method, _), one in answers.items()}

    @classmethod
    def read(cls, path: str) -> "Bare":
        """The app with the answers in a file."""
        kept = [json.loads(line) for line in Path(path).read_text().splitlines()]
        return cls(
            {
                (one["method"], one["target"]): Answer(
                    one["status"], [(name, value) for name, value in one["headers"]], b64decode(one["body"])
                )
                for one in kept
            }
        )

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await _lifespan(receive, send)
            return
        query = scope["query_string"]
        method = scope["method"]
        key = method.encode() + b" " + scope["raw_path"] + (b"?" + query if query else b"")
        while method != "GET" and (await receive()).get("more_body"):
            pass
        start, body = self._messages.get(key) or self._of_method[method]
        await send(start)
        await send(body)


def kept(method: str, target: str, answer: Answer) -> str:
    """A line of the file that `Bare.read` reads."""
    body = b64encode(answer.body).decode()
    return json.dumps(
        {"method": method, "target": target, "status": answer.status, "headers": answer.headers, "body": body}
    )


def _messages(answer: Answer) -> tuple[Message, Message]:
    headers: Headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers]
    return (
        {"type": "http.response.start", "status": answer.status, "headers": headers},
        {"type": "http.response.body", "body": answer.body},
    )


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
