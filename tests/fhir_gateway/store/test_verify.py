"""`phb-gateway verify`: finds whatever no longer agrees with its text."""

import io

import pytest
from rich.console import Console

from fhir_gateway.settings import Settings
from fhir_gateway.store.verify import verify
from tests.fhir_gateway.api import Api, Json
from tests.fhir_gateway.trees import ALL, NHS_NUMBER, organization, patient, plan, typed


def _verified(api: Api) -> tuple[int, str]:
    out = io.StringIO()
    url = api.gateway.database.url.render_as_string(hide_password=False)
    code = verify(Settings(database_url=url), Console(file=out, width=200))
    return code, out.getvalue()


def _tampered(api: Api, statement: str) -> None:
    def work(session: object) -> None:
        assert session.driver.execute(statement).rowcount > 0  # type: ignore[attr-defined]

    api.gateway.database.write(work)


def test_what_was_written_agrees_with_its_text(api: Api) -> None:
    person, council = api.person(), f"Organization/{api.made(organization())['id']}"
    for resource_type in ALL:
        api.made(typed(resource_type, person, council))
    api.made(patient(gender="male"))
    code, said = _verified(api)
    assert (code, "every record agrees with its text" in said) == (0, True), said
    assert "Patient: 3 verified, 0 differ" in said


def test_changes_of_several_kinds_at_once_agree_with_their_text(api: Api) -> None:
    person, council = api.person(), f"Organization/{api.made(organization())['id']}"
    made = [api.made(typed(name, person, council)) for name in ("Goal", "CarePlan")]
    answer = api.bundle(*({"resource": {**one, "language": "cy"}, "request": _put(one)} for one in made))
    assert answer.status_code == 200, answer.text
    code, said = _verified(api)
    assert code == 0, said


def _put(resource: Json) -> Json:
    return {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE care_plan SET r_title = 'Another'", "r_title"),
        ("UPDATE care_plan SET q_status = 'draft'", "q_status"),
        ("UPDATE care_plan SET version = 7", "version"),
        ("UPDATE care_plan SET updated = updated + 1000", "updated"),
        ("UPDATE care_plan SET kind = ''", "kind"),
        ("UPDATE care_plan SET person = 'nobody'", "person"),
        ("UPDATE care_plan SET id = 'another'", "id"),
        ("DELETE FROM search_value WHERE key = 'CarePlan.category'", "rows beside it"),
        ("UPDATE search_value SET value = 'x' WHERE key = 'CarePlan.category'", "rows beside it"),
        ("INSERT INTO search_value (key, id, value) SELECT 'CarePlan.goal', id, 'x' FROM care_plan", "rows beside it"),
    ],
)
def test_a_tampered_column_is_reported(api: Api, statement: str, told: str) -> None:
    made = api.made(plan(api.person()))
    _tampered(api, statement)
    code, said = _verified(api)
    assert code == 1
    assert told in said
    assert "CarePlan/" in said
    assert made["title"] not in said


def test_a_tampered_text_is_reported_and_not_shown(api: Api) -> None:
    made = api.made(patient(identifier=[{"system": NHS_NUMBER, "value": "9990000018"}], name=[{"family": "Quux"}]))
    driver = "convert_from(text, 'UTF8')" if api.gateway.database.dialect == "postgresql" else "CAST(text AS TEXT)"
    back = "convert_to({}, 'UTF8')" if api.gateway.database.dialect == "postgresql" else "CAST({} AS BLOB)"
    changed = back.format(f"replace({driver}, 'Quux', 'Zonk')")
    _tampered(api, f"UPDATE patient SET text = {changed}")  # noqa: S608 - text of the test
    code, said = _verified(api)
    assert code == 1
    assert f"Patient/{made['id']}" in said
    assert "Quux" not in said
    assert "Zonk" not in said
    assert "9990000018" not in said


def test_a_text_that_is_no_longer_understood_is_reported(api: Api) -> None:
    api.made(patient())
    broken = "convert_to('{', 'UTF8')" if api.gateway.database.dialect == "postgresql" else "CAST('{' AS BLOB)"
    _tampered(api, f"UPDATE patient SET text = {broken}")  # noqa: S608 - text of the test
    code, said = _verified(api)
    assert code == 1
    assert "no longer understood" in said


def test_rows_that_belong_to_nothing_are_reported(api: Api) -> None:
    api.made(plan(api.person()))
    _tampered(api, "INSERT INTO search_value (key, id, value) VALUES ('CarePlan.goal', 'nobody', 'x')")
    code, said = _verified(api)
    assert code == 1
    assert "1 rows of search_value belong to nothing" in said
