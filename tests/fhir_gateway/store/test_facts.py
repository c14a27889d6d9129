"""What the rules may ask of the store, on both databases; that a record comes back as written is a law of its own."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from fhir_gateway.phb.records import made
from fhir_gateway.store import records
from fhir_gateway.store.database import Database
from fhir_gateway.store.facts import MAPPING_OF, Facts, FactsOfMany
from fhir_gateway.store.records import Actor, Change, Stored
from mappings.goal import Outcome, OutcomeTarget
from mappings.organization import Organisation
from mappings.payment import Payment, PaymentLine


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def put(database: Database, *written: tuple[str, Any]) -> None:
    database.write(lambda session: records.write(session, list(_changes(written)), Actor("test", "test")))


def _changes(written: Iterable[tuple[str, Any]]) -> Iterator[Change]:
    for id_, record in written:
        mapping = MAPPING_OF[type(record)]
        tree = {**mapping.to_fhir(record), "id": id_, "meta": {}}
        stored = Stored(mapping.resource_type, id_, 1, 0, b"{}")
        yield Change(stored, "POST", tree, mapping.kind, record, getattr(record, "person_id", None), None)


def payment(person: str, budget: str, size: int = 1) -> Payment:
    lines = tuple(made(PaymentLine, sequence=at, amount_pence=at * 100) for at in range(1, size + 1))
    usual = {"status": "active", "payment_kind": "invoice", "payment_status": "due"}
    return made(Payment, person_id=person, pays_against_id=budget, lines=lines, **usual)


def ids(found: Iterable[Any]) -> list[str]:
    return [one.id for one in found]


def test_a_long_list_keeps_its_order(database: Database) -> None:
    put(database, ("one", payment("p", "b", size=25)))
    (found,) = database.read(lambda session: Facts(session).of_person(Payment, "p"))
    assert [one.sequence for one in found.record.lines] == list(range(1, 26))


def test_records_are_found_by_a_field_whoever_they_are_about(database: Database) -> None:
    put(database, ("2", payment("q", "b")), ("1", payment("p", "b")), ("3", payment("p", "c")))
    found = database.read(lambda session: Facts(session).where(Payment, "pays_against_id", "b"))
    assert ids(found) == ["1", "2"]


def test_asked_about_many_each_person_has_their_own(database: Database) -> None:
    put(database, *((f"{at}", payment("pq"[at % 2], "b")) for at in range(6)), ("r", payment("r", "b")))
    put(
        database,
        (
            "g",
            made(
                Outcome,
                person_id="q",
                kind="health",
                lifecycle="active",
                targets=(made(OutcomeTarget, measure="Walks"),),
            ),
        ),
    )
    put(database, ("body", made(Organisation, name="A body")))

    def asked(session: Any) -> list[list[str]]:
        facts = FactsOfMany(session, ["p", "q", "nobody"])
        found = [ids(facts.of_person(Payment, person)) for person in ("p", "q", "r", "nobody")]
        return [*found, ids(facts.of_person(Outcome, "q"))]

    assert database.read(asked) == [["0", "2", "4"], ["1", "3", "5"], ["r"], [], ["g"]]


def test_asked_about_many_a_record_is_named_whosever_it_is(database: Database) -> None:
    put(database, ("p1", payment("p", "b")), ("r1", payment("r", "b")), ("body", made(Organisation, name="A body")))

    def asked(session: Any) -> list[Any]:
        facts, alone = FactsOfMany(session, ["p"]), Facts(session)
        places = [("Claim", "p1"), ("Claim", "r1"), ("Organization", "body"), ("Claim", "no"), ("Nothing", "no")]
        assert [facts.named(*one) for one in places] == [alone.named(*one) for one in places]
        return [one.record for one in (facts.named(*place) for place in places[:3]) if one is not None]

    assert [type(one) for one in database.read(asked)] == [Payment, Payment, Organisation]


@pytest.mark.parametrize("field", ["pays_against_id", "invoice_no"])
def test_what_the_rules_look_records_up_by_has_an_index(database: Database, field: str) -> None:
    def plan(session: Any) -> str:
        sql = f"SELECT id FROM claim WHERE kind = 'payment' AND r_{field} = 'x'"  # noqa: S608 - our own names
        if session.dialect == "sqlite":
            return str(session.driver.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall())
        session.driver.execute("SET enable_seqscan = off")
        return str(session.driver.execute(f"EXPLAIN {sql}").fetchall())

    name = {"pays_against_id": "ix_claim_against", "invoice_no": "ix_claim_invoice"}[field]
    assert name in database.read(plan)
