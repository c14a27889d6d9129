"""Records put straight into the database, as the write path leaves them once the rules have spoken.

A statement is the same whatever order its records came in; the rules have tests of their own.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from fhir_gateway.demo.entry import Entry, entry
from fhir_gateway.demo.people import FILES
from fhir_gateway.gateway import Gateway
from fhir_gateway.store import records
from fhir_gateway.store.records import Actor, Change, Stored
from mappings import account
from mappings.lens import document
from mappings.registry import TYPES

ACTOR: Final = Actor("council-sync", "stocked")
NOW: Final = 1_760_000_000_000_000


def put(gateway: Gateway, entries: Iterable[Entry]) -> None:
    """Write the entries, each as the first version of its resource."""
    changes = [_change(one) for one in entries]
    gateway.database.write(lambda session: records.write(session, changes, ACTOR))


def people(gateway: Gateway, *names: str) -> None:
    """The demonstration bodies, and some of the people."""
    for name in ("bodies", *names):
        put(gateway, FILES[name])


def arrangement(person: str, **known: Any) -> Entry:
    """How somebody's direct payment is held, if the demonstration does not say."""
    usual: dict[str, Any] = {
        "person_id": person,
        "status": "active",
        "management_option": "direct-payment",
        "start": date(2025, 4, 1),
    }
    return entry(f"{person}-held", account.MAPPING, **usual | known)


def _change(one: Entry) -> Change:
    resource_type, id_ = one.pair
    made = one.resource()
    meta = {**made.get("meta", {}), "versionId": "1", "lastUpdated": "2025-10-09T08:53:20.000Z"}
    tree = document.parse(document.encode({**made, "meta": meta}))
    kind, record = TYPES[resource_type].derive(tree)
    person = TYPES[resource_type].subject_of(tree)
    assert person is None or isinstance(person, str), person
    stored = Stored(resource_type, id_, 1, NOW, document.encode(tree))
    return Change(stored, "PUT", tree, kind, record, person, None)
