"""Ties follow the records: in the transaction of every write, of the clock's own, and of a load."""

from datetime import date, timedelta
from typing import Any

import pytest

from fhir_gateway.access.ties.tie import FIRST, LAST
from fhir_gateway.demo.people import FILES
from fhir_gateway.interactions.context import clock
from fhir_gateway.london import today
from fhir_gateway.phb.records import made
from fhir_gateway.store import tie_check, ties
from fhir_gateway.store.database import Database
from mappings.episode_of_care import Delegation
from mappings.lens import document
from tests.fhir_gateway.access.logged_in import tied
from tests.fhir_gateway.api import Api
from tests.fhir_gateway.phb.reviewed import held as held_review
from tests.fhir_gateway.phb.reviewed import scheduled
from tests.fhir_gateway.running_world import change, put, running
from tests.fhir_gateway.submitted_world import PERSON, bill, tree
from tests.fhir_gateway.sync.builders import Loads
from tests.fhir_gateway.test_transfer_together import MOVES, both_icbs, moving, transfer

DAY = timedelta(days=1)
ON_ONE = pytest.mark.parametrize("database_kind", ["sqlite"])
ICB, COUNCIL = "Organization/icb", "Organization/council"


def untied(api: Api) -> list[str]:
    """What `phb-gateway verify` would say of the ties."""
    with api.gateway.database.snapshot() as session:
        return list(tie_check.differences(session))


def done(reply: Any) -> None:
    assert reply.status_code in (200, 201), reply.text


def test_a_case_that_is_put_in_ties_its_bodies_and_a_transfer_moves_them(api: Api) -> None:
    both_icbs(api)
    assert tied(api, PERSON, "responsible") == {ICB}
    assert tied(api, PERSON, "funder") == {ICB, COUNCIL}
    assert tied(api, PERSON, "self") == {f"Patient/{PERSON}"}
    done(moving(api, transfer()))
    found = api.gateway.database.read(lambda session: ties.stored(session, PERSON))
    days = sorted((one.who, one.start, one.end) for one in found if one.kind == "responsible")
    assert days == [(ICB, FIRST, MOVES - DAY), ("Organization/new-icb", MOVES, LAST)]
    assert untied(api) == []


def test_the_gate_opens_with_a_review_and_closes_when_it_is_over(api: Api) -> None:
    running(api)
    held = today(clock())
    told = {"person_told_on": held - 10 * DAY, "told_what": "All of it"}
    review = scheduled(participants=(f"Patient/{PERSON}",), **told)
    done(api.put("Task/review", tree(review, "review")))
    assert tied(api, PERSON, "gate") == set()
    done(change(api, "Task/review", status="in-progress", review_status="in-progress", started_on=held))
    assert {ICB, COUNCIL} <= tied(api, PERSON, "gate")
    over = held_review(
        **told, participants=(f"Patient/{PERSON}",), started_on=held, ended_on=held, next_due_on=held + 90 * DAY
    )
    done(api.put("Task/review", tree(over, "review"), If_Match="*"))
    assert tied(api, PERSON, "gate") == set()
    assert untied(api) == []


@ON_ONE
def test_a_delegation_and_a_share_end_when_their_record_says_so(api: Api) -> None:
    running(api)
    acting = made(Delegation, delegate="council", functions="all", start=date(2025, 1, 1), end=None)
    done(change(api, "EpisodeOfCare/case", delegations=(acting,)))
    assert tied(api, PERSON, "delegate") == {COUNCIL}
    over = made(Delegation, delegate="council", functions="all", start=date(2025, 1, 1), end=today(clock()) - DAY)
    done(change(api, "EpisodeOfCare/case", delegations=(over,)))
    assert tied(api, PERSON, "delegate") == set()


@ON_ONE
def test_the_first_invoice_of_a_provider_ties_it_and_the_next_ones_change_nothing(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(api)
    counted: list[set[str]] = []
    refresh = ties.refresh

    def noted(session: Any, facts: Any, person: str, kinds: Any) -> None:
        counted.append(set(kinds))
        refresh(session, facts, person, kinds)

    monkeypatch.setattr(ties, "refresh", noted)
    bills = {f"Claim/bill-{n}": bill(1_000, provider="Organization/agency-two", invoice_no=f"N{n}") for n in (1, 2)}
    put(api, {"Organization/agency-two": FILES["bodies"][0].record})
    assert tied(api, PERSON, "provider").isdisjoint({"Organization/agency-two"})
    for place, record in bills.items():
        done(api.put(place, tree(record, place.partition("/")[2])))
    assert counted == [{"provider"}]
    assert "Organization/agency-two" in tied(api, PERSON, "provider")
    assert api.delete("Claim/bill-1", If_Match="*").status_code == 204
    assert "Organization/agency-two" in tied(api, PERSON, "provider"), "the other one still stands"
    assert api.delete("Claim/bill-2", If_Match="*").status_code == 204
    assert "Organization/agency-two" not in tied(api, PERSON, "provider")
    assert untied(api) == []


@ON_ONE
def test_the_ties_go_with_the_person(api: Api) -> None:
    done(api.put("Patient/one", {"resourceType": "Patient", "id": "one"}))
    assert tied(api, "one", "self") == {"Patient/one"}
    assert api.delete("Patient/one").status_code == 204
    assert tied(api, "one", "self") == set()
    assert untied(api) == []


@ON_ONE
def test_a_write_of_what_ties_nobody_asks_nothing_of_the_ties(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    running(api)
    monkeypatch.setattr(ties, "refresh", lambda *_: pytest.fail("nothing it reads was written"))
    done(change(api, "Goal/goal", statement="To walk to the sea"))


# --- a load, and the check of it all ----------------------------------------------------------------


MATTHEW = frozenset({"self", "responsible", "funder", "shared", "coordinator", "representative", "provider", "holder"})


def kinds_of(url: str, person: str) -> set[str]:
    """The kinds of tie a person has, all of which the records make."""
    database = Database(url)
    try:
        with database.snapshot() as session:
            assert list(tie_check.differences(session)) == []
            return {one.kind for one in ties.stored(session, person)}
    finally:
        database.close()


def test_a_load_ties_whom_it_brings_and_the_next_one_unties(database_url: str, tmp_path: Any) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    loads = Loads(database_url, folder)
    every = [one.resource() for name in ("bodies", "matthew") for one in FILES[name]]
    loads.write("all.ndjson", "\n".join(document.encode(one).decode() for one in every))
    assert loads().refused == 0
    assert kinds_of(database_url, "matthew") == MATTHEW
    (mother,) = [one for one in every if one["id"] == "matthew-mother"]
    loads.write("all.ndjson", document.encode(mother | {"active": False}).decode())
    assert loads().refused == 0
    assert kinds_of(database_url, "matthew") == MATTHEW - {"representative"}


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM tie WHERE kind = 'funder'", "the funder tie of Organization/council"),
        ("UPDATE tie SET until = 5 WHERE kind = 'self'", "the self tie of Patient/pat"),
        ("UPDATE tie SET person = 'nobody' WHERE kind = 'self'", "Patient/nobody: ties of somebody who is not here"),
        ("UPDATE tie SET kind = 'emergency' WHERE kind = 'self'", "the emergency tie of Patient/pat"),
    ],
)
@ON_ONE
def test_a_tie_that_was_tampered_with_is_found_and_mended(api: Api, statement: str, told: str) -> None:
    running(api)
    api.gateway.database.write(lambda session: session.command(statement))
    said = untied(api)
    assert any(told.replace("Patient/pat", f"Patient/{PERSON}") in line for line in said), said
    api.gateway.database.write(
        lambda session: session.command("DELETE FROM tie WHERE kind = 'emergency' OR person = 'nobody'")
    )
    assert ties.rebuild(api.gateway.database) == 1
    assert untied(api) == []
