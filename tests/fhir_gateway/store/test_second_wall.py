"""Row security on PostgreSQL: the second wall, which stands where the access policy's own predicate fails."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import bindparam, insert, select

from fhir_gateway.store.database import Database, Session
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import CHANGE, HISTORY, PEOPLE, RESOURCES, TIE
from tests.fhir_gateway.api import Api
from tests.fhir_gateway.trees import goal

WHO = "Organization/icb"
ANOTHER = "Organization/the-other-icb"
TIED = Statement(insert(TIE).values({one.name: bindparam(one.name) for one in TIE.columns}))
ROWS = {name: Statement(select(table.c.id)) for name, table in RESOURCES.items()}
EVER = 9_000_000_000_000_000


@pytest.fixture
def api(api_on: Callable[[str], Api], request: pytest.FixtureRequest) -> Api:
    del request
    return api_on("postgresql").client()


def tie(api: Api, person: str, who: str) -> None:
    about = {"person": person.removeprefix("Patient/"), "kind": "responsible", "who": who, "source": "EpisodeOfCare/1"}
    dates = {"start": date(2025, 4, 1), "end": date(9999, 12, 31), "since": 0, "until": EVER}
    api.gateway.database.write(lambda session: session.run(TIED, about | dates))


@pytest.fixture
def people(api: Api) -> tuple[str, str]:
    """Two persons with a goal each; WHO is tied to the first, another body to the second."""
    mine, other = api.person(), api.person()
    for person in (mine, other):
        api.made(goal(person))
    tie(api, mine, WHO)
    tie(api, other, ANOTHER)
    return mine.removeprefix("Patient/"), other.removeprefix("Patient/")


def seen(database: Database, who: str | None, statement: Statement) -> set[str]:
    def look(session: Session) -> set[str]:
        session.wall(who)
        return {row[0] for row in session.rows(statement, {})}

    return database.read(look)


@pytest.mark.requirement("S33")
def test_a_statement_without_a_predicate_shows_the_people_somebody_is_tied_to(
    api: Api, people: tuple[str, str]
) -> None:
    mine, other = people
    database = api.gateway.database
    assert seen(database, WHO, ROWS["Patient"]) == {mine}
    assert {mine, other} <= seen(database, None, ROWS["Patient"])
    assert len(seen(database, WHO, ROWS["Goal"])) == 1


@pytest.mark.parametrize("who", ["", "Organization/another", "Organization/ic", "Organization"])
def test_whoever_is_tied_to_nobody_sees_nobodys_rows(api: Api, people: tuple[str, str], who: str) -> None:
    del people
    for name in ("Patient", "Goal"):
        assert seen(api.gateway.database, who, ROWS[name]) == set()


def test_somebody_nobody_is_tied_to_yet_stands_before_it_but_none_of_their_records(api: Api) -> None:
    person = api.person()
    made = api.made(goal(person))
    assert person.removeprefix("Patient/") in seen(api.gateway.database, WHO, ROWS["Patient"])
    assert made["id"] not in seen(api.gateway.database, WHO, ROWS["Goal"])


def test_history_and_changes_stand_behind_it_too(api: Api, people: tuple[str, str]) -> None:
    mine, other = people
    owners = {"change": Statement(select(CHANGE.c.person)), "history": Statement(select(HISTORY.c.person))}
    for person in people:
        found = api.get(f"Goal?patient={person}").json()["entry"][0]["resource"]
        api.put(f"Goal/{found['id']}", found | {"description": {"text": "another"}})
    for statement in owners.values():
        shown = seen(api.gateway.database, WHO, statement)
        assert mine in shown
        assert other not in shown


def test_every_use_of_a_connection_begins_without_the_wall_of_the_last(api: Api, people: tuple[str, str]) -> None:
    del people
    database = api.gateway.database
    assert seen(database, "", ROWS["Goal"]) == set()
    assert database.read(lambda session: session.rows(ROWS["Goal"], {}))


def test_a_rollback_takes_no_wall_away(api: Api, people: tuple[str, str]) -> None:
    del people
    database = api.gateway.database
    with pytest.raises(RuntimeError), database.writing() as session:  # noqa: PT012 - the wall is raised inside
        session.wall("")
        session.rows(ROWS["Goal"], {})
        raise RuntimeError
    assert seen(database, "", ROWS["Goal"]) == set()


def test_every_table_of_somebodys_rows_stands_behind_it(api: Api) -> None:
    rows = api.gateway.database.read(
        lambda session: session.driver.execute("SELECT relname FROM pg_class WHERE relrowsecurity").fetchall()
    )
    assert {row[0] for row in rows} == set(PEOPLE)
