"""The law of writes: what an actor may not see cannot be touched, and the refusal does not say that it is there.

Each request comes in two forms, of a record that is hidden and of an id that nobody has: both leave the database as
it was, or the second would do the same, and both are answered alike.

Source: security.md section 4, the no-leak law (oracle C); security requirements S38, S40, S41.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, func, select

from fhir_gateway.store.tables import CHANGE, HISTORY, RESOURCES, ROWS, SEARCH_VALUE, TIE
from mappings.lens import document
from tests.fhir_gateway.api import Api
from tests.laws.no_leak import law
from tests.laws.no_leak.law import Answer
from tests.laws.no_leak.oracle import Oracle
from tests.laws.no_leak.route import Request, Route
from tests.laws.no_leak.world import Record, World

Json = Any
Make = Callable[[str], Request]
VERSION: Final = 'W/"1"'
NOBODY: Final = "zq99998"
KEPT: Final = (*RESOURCES.values(), *ROWS.values(), SEARCH_VALUE, HISTORY, CHANGE, TIE)
REFUSED: Final = 400


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request, given the id it is about. name: for people to read."""

    name: str
    make: Make


def size(conn: Connection) -> tuple[Any, ...]:
    """What every change of a record changes: cheap to ask."""
    counts = [conn.execute(select(func.count()).select_from(one)).scalar_one() for one in (HISTORY, TIE, SEARCH_VALUE)]
    return (*counts, conn.execute(select(func.max(CHANGE.c.seq))).scalar_one())


def content(conn: Connection) -> str:
    """A hash of everything the database holds of people."""
    digest = hashlib.sha256()
    for table in KEPT:
        rows = sorted(repr(tuple(row)) for row in conn.execute(select(table)))
        digest.update(repr((table.name, rows)).encode())
    return digest.hexdigest()


def attempts(aim: Record) -> Iterator[Attempt]:
    """Every verb at a record, alone, in a batch and in a transaction."""
    put, delete, patch = partial(_put, aim), partial(_asked, aim, "DELETE"), partial(_asked, aim, "PATCH")
    yield Attempt("update", put)
    yield Attempt("update if-match", partial(_headed, put, {"If-Match": VERSION}))
    yield Attempt("update if-none-match", partial(_headed, put, {"If-None-Match": "*"}))
    yield Attempt("delete", delete)
    yield Attempt("delete if-match", partial(_headed, delete, {"If-Match": VERSION}))
    yield Attempt("patch", patch)
    for kind in ("batch", "transaction"):
        yield Attempt(f"{kind} update", partial(_bundled, kind, put))
        yield Attempt(f"{kind} delete", partial(_bundled, kind, delete))


def _put(aim: Record, id_: str) -> Request:
    body = {name: value for name, value in aim.tree.items() if name != "meta"}
    return Request("PUT", f"{aim.type}/{id_}", {**body, "id": id_})


def _asked(aim: Record, method: str, id_: str) -> Request:
    return Request(method, f"{aim.type}/{id_}", [] if method == "PATCH" else None)


def _headed(make: Make, headers: dict[str, str], id_: str) -> Request:
    return replace(make(id_), headers=headers)


def _bundled(kind: str, make: Make, id_: str) -> Request:
    alone = make(id_)
    entry = {"request": {"method": alone.method, "url": alone.path}} | ({"resource": alone.body} if alone.body else {})
    return Request("POST", "/fhir", {"resourceType": "Bundle", "type": kind, "entry": [entry]})


def operations(found: Iterable[Route], world: World, aim: Record) -> Iterator[Attempt]:
    """The operations that change something, at a record."""
    for route in (one for one in found if one.writes and one.type == aim.type):
        request = route.make(world, aim)
        if aim.id in request.path:
            yield Attempt(route.name, partial(_of_id, request, aim.id))


def _of_id(request: Request, old: str, id_: str) -> Request:
    return replace(request, path=request.path.replace(old, id_))


def conditions(aim: Record, own: Json) -> Iterator[Attempt]:
    """A create on condition that no record has an identifier of another. own: what is created."""
    known = aim.tree.get("identifier", [])
    found = [one for one in (known if isinstance(known, list) else [known]) if {"system", "value"} <= one.keys()]
    for one in found[:1]:
        yield Attempt("create if-none-exist", partial(_conditional, aim, own, one))


def _conditional(aim: Record, own: Json, identifier: Json, id_: str) -> Request:
    value = identifier["value"] if id_ == aim.id else NOBODY
    return Request("POST", own["resourceType"], own, {"If-None-Exist": f"identifier={identifier['system']}|{value}"})


def naming(seen: Record, aim: Record) -> Iterator[Attempt]:
    """A new record like one the actor sees, that names a record they may not see instead."""
    for place in sorted({node for _, node, _ in document.walk(seen.tree) if _is_place(node, aim.type)}):
        yield Attempt(f"create naming {aim.type}", partial(_naming, seen, aim, place))


def _naming(seen: Record, aim: Record, place: str, id_: str) -> Request:
    text = document.encode({name: value for name, value in seen.tree.items() if name not in ("meta", "id")}).decode()
    return Request("POST", seen.type, document.parse(text.replace(f'"{place}"', f'"{aim.type}/{id_}"').encode()))


def copied(oracle: Oracle, asked: Api, record: Record) -> list[str]:
    """What is wrong when an actor makes a record like one that they see in part, and so may not make."""
    body = {name: value for name, value in record.tree.items() if name not in ("id", "meta")}
    answer = law.ask(asked, Request("POST", record.type, body))
    if answer.status >= REFUSED:
        return []
    made = oracle.world.slugs.get(record.place, record.place)
    return [f"{oracle.actor.name} ({oracle.actor.role}): copy of {made} accepted: {answer.status}"]


def _is_place(node: Json, type_: str) -> bool:
    return isinstance(node, str) and node.startswith(f"{type_}/")


def judged(oracle: Oracle, asked: Api, aim: Record, attempt: Attempt) -> tuple[list[str], int]:
    """What is wrong with the answers to one attempt at a hidden record, and how many of the two were accepted."""
    unknown = law.ask(asked, attempt.make(NOBODY))
    before = asked.write(size)
    request = attempt.make(aim.id)
    answer = law.ask(asked, request)
    found = []
    if answer.status >= REFUSED and asked.write(size) != before:
        found.append("refused, and something changed")
    if law.blanked(answer, aim.id, NOBODY) != law.blanked(unknown, aim.id, NOBODY):
        found.append(f"{_short(answer)}; of an unknown id {_short(unknown)}")
    found += [f"told {mark}" for mark in law.leaked(answer, request, oracle.marks, oracle.world.spots)]
    where = (
        f"{oracle.actor.name} ({oracle.actor.role}): {attempt.name} at {oracle.world.slugs.get(aim.place, aim.place)}"
    )
    return [f"{where}: {one}" for one in found], sum(one.status < REFUSED for one in (answer, unknown))


def _short(answer: Answer) -> str:
    issues = json.loads(answer.body).get("issue", ()) if answer.body.startswith("{") else ()
    return f"{answer.status} {[one.get('diagnostics') for one in issues][:2]}"
