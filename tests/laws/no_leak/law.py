"""One request of one actor, and what the law says of the answer.

Source: security.md section 4, the no-leak law (oracles A, B and C).
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.fhir_gateway.api import Api, path_of
from tests.laws.no_leak.actors import Actor
from tests.laws.no_leak.canary import marks_in
from tests.laws.no_leak.route import Request

Json = Any
UNPAID: Final = 401
CHANGING: Final = frozenset({"x-request-id", "date"})  # headers that differ between any two answers
STAMPS: Final = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "(id)"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(Z|\+00:00)"), "(time)"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, all of it."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def text(self) -> str:
        """Status line, headers and body in one."""
        return f"{self.status}\n{json.dumps(dict(self.headers))}\n{self.body}"

    @property
    def matches(self) -> list[str] | None:
        """Places of the matches of a searchset, None for any other answer."""
        found = self.resources
        return None if found is None else list(found)

    @property
    def resources(self) -> dict[str, Json] | None:
        """The matches of a searchset by their places, None for any other answer."""
        bundle = self._bundle()
        if bundle is None or bundle.get("type") != "searchset":
            return None
        matches = (one for one in bundle.get("entry", ()) if one["search"]["mode"] == "match")
        return {path_of(one["fullUrl"]): one.get("resource") for one in matches}

    @property
    def included(self) -> list[str]:
        """Places of what a searchset brings along."""
        entries = (self._bundle() or {}).get("entry", ())
        return [path_of(one["fullUrl"]) for one in entries if one.get("search", {}).get("mode") == "include"]

    @property
    def total(self) -> int | None:
        """The total a searchset tells."""
        bundle = self._bundle()
        return None if bundle is None or bundle.get("type") != "searchset" else bundle.get("total")

    def _bundle(self) -> Json:
        if not self.body.startswith('{"resourceType":"Bundle"'):
            return None
        return json.loads(self.body)


def ask(api: Api, request: Request) -> Answer:
    """The answer to a request."""
    reply = api.request(request.method, request.path, request.body, **request.headers)
    return Answer(reply.status_code, dict(reply.headers), reply.text)


def told(request: Request) -> frozenset[str]:
    """The canaries that the asker put into the request: they may come back."""
    sent = request.body if isinstance(request.body, str) else json.dumps(request.body, default=str)
    return marks_in(" ".join((request.path, sent, *request.headers.values())))


def leaked(answer: Answer, request: Request, allowed: frozenset[str], every: Iterable[str]) -> frozenset[str]:
    """The canaries of an answer that nobody showed the asker and that the oracle does not allow."""
    return (marks_in(answer.text) & frozenset(every)) - allowed - told(request)


def blanked(answer: Answer, *names: str) -> str:
    """The answer without what differs between any two: ids of requests, times, and the names given."""
    headers = {name: one for name, one in answer.headers.items() if name not in CHANGING and name != "content-length"}
    text = Answer(answer.status, headers, answer.body).text
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, "(named)")
    for stamp, blank in STAMPS:
        text = stamp.sub(blank, text)
    return text


def refused(actor: Actor, answer: Answer) -> bool:
    """Whether an actor whose token rests on nothing any more was turned away."""
    return not actor.ended or answer.status == UNPAID
