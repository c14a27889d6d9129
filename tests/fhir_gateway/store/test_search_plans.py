"""Which index SQLite takes: one that leaves few rows, whatever else is asked."""

import pytest

from fhir_gateway.store import search
from fhir_gateway.store.database import Session
from mappings.lens.query import AllOf, parse_clause
from mappings.registry import TYPES
from tests.fhir_gateway.api import Api


@pytest.mark.parametrize(
    ("resource_type", "asked"),
    [
        ("Claim", {"patient": "one", "status": "active", "created": "ge2026"}),
        ("Goal", {"patient": "Patient/one", "lifecycle-status": "active", "start-date": "ge2026"}),
        ("Task", {"patient": "one", "status": "requested", "owner": "Organization/two"}),
    ],
)
def test_a_search_for_a_person_goes_by_the_person(api: Api, resource_type: str, asked: dict[str, str]) -> None:
    where = AllOf(tuple(parse_clause(TYPES, resource_type, name, value) for name, value in asked.items()))
    statement, params = search.page(resource_type, where, search.NEWEST_FIRST, None, 20)

    def explained(session: Session) -> str:
        sql, ordered = statement.sql(session.dialect)
        return str(session.driver.execute(f"EXPLAIN QUERY PLAN {sql}", ordered(params)).fetchall())

    if api.gateway.database.dialect == "sqlite":
        assert "_person" in api.gateway.database.read(explained)
    assert api.gateway.database.read(lambda session: session.rows(statement, params)) == []
