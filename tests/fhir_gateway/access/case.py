"""Janice's case of the demonstration with ties of our own making, and whoever asks about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, delete, insert

from auth import clients, tokens
from auth.clients import Registration
from fhir_gateway.demo.people import FILES
from fhir_gateway.interactions.context import clock
from fhir_gateway.store.tables import TIE
from tests.auth.builders import key, public
from tests.fhir_gateway import stocked
from tests.fhir_gateway.access.logged_in import logged_in
from tests.fhir_gateway.api import Api

ICB: Final = "exampleshire-icb"
OLD_ICB: Final = "sampleshire-icb"
COUNCIL: Final = "exampleshire-council"
PROVIDER: Final = "steady-physio"
HOLDER: Final = "clear-accounts"
AUDITOR: Final = "harbour-care"
STRANGER: Final = "exampleshire-education"
COORDINATOR: Final = "PractitionerRole/coordinator-mira"
FIRST, LAST = date(1900, 1, 1), date(9999, 12, 31)
FOREVER: Final = 2**60
LEFT_ON: Final = date(2025, 5, 31)  # the last day of the ICB the case was transferred from
PERSON: Final = "janice"

TIES: Final = (
    ("self", "Patient/janice", FIRST, LAST),
    ("representative", "RelatedPerson/speaks", FIRST, LAST),
    ("nominee", "RelatedPerson/holds", FIRST, LAST),
    ("coordinator", COORDINATOR, FIRST, LAST),
    ("responsible", f"Organization/{ICB}", date(2025, 6, 1), LAST),
    ("responsible", f"Organization/{OLD_ICB}", FIRST, LEFT_ON),
    ("funder", f"Organization/{COUNCIL}", date(2025, 4, 1), LAST),
    ("provider", f"Organization/{PROVIDER}", FIRST, LAST),
    ("holder", f"Organization/{HOLDER}", FIRST, LAST),
    ("engagement", f"Organization/{AUDITOR}", date(2025, 4, 1), date(2025, 9, 30)),
)


def stock(api: Api) -> None:
    """The case, another one that no actor is tied to, and the ties."""
    stocked.people(api.gateway, "janice", "dylan")
    api.write(_tie)


def _tie(conn: Connection) -> None:
    conn.execute(delete(TIE))
    conn.execute(insert(TIE), [tie(*one) for one in TIES])


def tie(kind: str, who: str, start: date = FIRST, end: date = LAST, **known: Any) -> dict[str, Any]:
    """A row of the ties."""
    usual = {"person": PERSON, "source": "Task/source", "since": 0, "until": FOREVER}
    return {**usual, "kind": kind, "who": who, "start": start, "end": end, **known}


@contextmanager
def holding(api: Api, **known: Any) -> Iterator[None]:
    """While one more tie holds."""
    row = tie(**known)
    api.write(lambda conn: conn.execute(insert(TIE).values(row)))
    try:
        yield
    finally:
        same = [TIE.c[name] == row[name] for name in ("person", "kind", "who", "start")]
        api.write(lambda conn: conn.execute(delete(TIE).where(*same)))


def system(api: Api, role: str, organisation: str | None, scope: str = "system/*.cruds") -> Api:
    """The same application, asked by a system of a body."""
    client_id = f"{role}-{organisation}"

    def issued(conn: Connection) -> str:
        if clients.find(conn, client_id) is None:
            keys = public(key("ec"))
            made = Registration(
                client_id=client_id,
                name=client_id,
                scope="system/*.cruds",
                jwks=keys,
                role=role,
                organisation=organisation,
            )
            clients.add(conn, made, clock())
        return tokens.issue(conn, client_id, scope, clock()).access_token

    return replace(api, token=api.write(issued), client_id=client_id)


def icb(api: Api, scope: str = "system/*.cruds") -> Api:
    return system(api, "icb", ICB, scope)


def council(api: Api, scope: str = "system/*.cruds") -> Api:
    return system(api, "council", COUNCIL, scope)


def janice(api: Api, scope: str = "patient/*.cruds") -> Api:
    return logged_in(api, "person", "Patient/janice", patient="janice", scope=scope)


def nominee(api: Api, scope: str = "patient/*.cruds") -> Api:
    return logged_in(api, "nominee", "RelatedPerson/holds", patient="janice", scope=scope)


def coordinator(api: Api, scope: str = "user/*.cruds") -> Api:
    return logged_in(api, "coordinator", COORDINATOR, organisation=ICB, scope=scope)


def of_kind(*kinds: str) -> set[str]:
    """Ids of the case's records of some kinds."""
    return {one.id for one in FILES["janice"] if one.mapping.kind in kinds}


def having(kind: str, **known: Any) -> set[str]:
    """Ids of the case's records of one kind with these values in their fields."""
    of = (one for one in FILES["janice"] if one.mapping.kind == kind)
    return {one.id for one in of if all(getattr(one.record, name) == value for name, value in known.items())}
