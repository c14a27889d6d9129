"""A record read back from its columns is the record that was written: all kinds, both databases.

Source: design decision 1 (the typed record is stored beside the text, in columns).
"""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fhir_gateway.phb.case_file import Filed
from fhir_gateway.store import records as store
from fhir_gateway.store.database import Database, Session
from fhir_gateway.store.facts import Facts, FactsOfMany
from fhir_gateway.store.migrate import upgrade
from fhir_gateway.store.records import Actor, Change, Stored
from mappings.lens import document
from mappings.lens.mapping import Mapping
from mappings.registry import TYPES
from tests import databases
from tests.laws.strategies import records

MAPPINGS: Final = tuple(one for kind in TYPES.values() for one in kind.mappings)
EXAMPLES: Final = {"sqlite": 15, "postgresql": 5}
PERSON: Final = "pat"


@pytest.fixture(scope="module", params=databases.KINDS)
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    with databases.fresh(str(request.param), upgrade) as url:
        database = Database(url)
        with database.reading() as session:
            yield session
        database.close()


@pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda one: one.kind)
def test_a_record_comes_back_from_its_columns(session: Session, mapping: Mapping[Any]) -> None:
    @settings(
        max_examples=EXAMPLES[session.dialect],
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(data=st.data())
    def law(data: st.DataObject) -> None:
        record = data.draw(records(mapping))
        tree = {**mapping.to_fhir(record), "id": "x", "meta": {"lastUpdated": "2026-01-01T00:00:00Z"}}
        stored = Stored(mapping.resource_type, "x", 1, 0, document.encode(tree))
        session.command("BEGIN")
        try:
            change = Change(stored, "POST", tree, mapping.kind, record, PERSON, None)
            store.write(session, [change], Actor("law", "law"))
            facts = Facts(session)
            wanted = Filed(mapping.resource_type, "x", 1, record)
            assert facts.named(mapping.resource_type, "x") == wanted
            assert facts.of_person(mapping.record, PERSON) == (wanted,)
            assert facts.some(mapping.record, ["x", "y"]) == (wanted,)
            assert facts.of_person(mapping.record, "another") == ()
            many = FactsOfMany(session, [PERSON, "another", "third"])
            assert many.of_person(mapping.record, PERSON) == (wanted,)
            assert many.named(mapping.resource_type, "x") == wanted
            assert many.of_person(mapping.record, "another") == ()
        finally:
            session.settle()
            session.command("ROLLBACK")

    law()
