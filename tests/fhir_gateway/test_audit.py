"""Every access leaves one row, refused ones too, before it is answered (security requirement S63)."""

import ast
from pathlib import Path
from typing import Any, Final

import pytest

from fhir_gateway.store.database import Busy
from mappings.audit_event import EVENTS
from tests.fhir_gateway.api import Api, refused
from tests.fhir_gateway.trees import patient, plan

ROOT: Final = Path(__file__).parents[2]


def _rows(api: Api) -> list[tuple[str, str, int]]:
    """Action, what and status of each row."""
    query = "SELECT action, what, status FROM audit ORDER BY seq"
    return [tuple(row) for row in api.gateway.database.read(lambda s: s.driver.execute(query).fetchall())]


@pytest.mark.requirement("S63")
def test_each_interaction_leaves_a_row_that_says_what_it_was(api: Api) -> None:
    person = api.person()
    id_ = person.removeprefix("Patient/")
    api.get(person)
    api.get("Patient?gender=male")
    api.form("Patient/_search", "gender=male")
    api.get(f"{person}/_history")
    api.put(person, patient(id=id_, gender="male"))
    api.delete(person)
    assert _rows(api) == [
        ("C", person, 201), ("R", person, 200), ("E", "Patient", 200), ("E", "Patient/_search", 200),
        ("R", f"{person}/_history", 200), ("U", person, 200), ("D", person, 204),
    ]  # fmt: skip


@pytest.mark.requirement("S63")
def test_refused_accesses_leave_a_row_too(api: Api) -> None:
    api.get("Patient/nobody")
    api.post("CarePlan", plan("Patient/nobody"))
    api.delete("Patient/nobody")
    api.client("system/Claim.rs").get("Patient/nobody")
    assert _rows(api) == [
        ("R", "Patient/nobody", 404), ("C", "CarePlan", 422), ("D", "Patient/nobody", 404), ("R", "Patient/nobody",
        403),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_what_a_bundle_reads_is_audited_by_entry(api: Api, kind: str) -> None:
    person = api.person()
    entries: list[Any] = [{"request": {"method": "GET", "url": url}} for url in (person, "Patient?gender=male")]
    api.bundle(*entries, kind=kind)
    rows = _rows(api)
    assert ("R", person, 200) in rows
    assert ("E", "Patient", 200) in rows


def test_what_a_batch_writes_and_is_refused_is_audited_by_entry(api: Api) -> None:
    reply = api.bundle(
        {"resource": patient(), "request": {"method": "POST", "url": "Patient"}},
        {"request": {"method": "DELETE", "url": "Patient/nobody"}},
        kind="batch",
    )
    made = reply.json()["entry"][0]["resource"]["id"]
    assert _rows(api) == [("C", f"Patient/{made}", 201), ("D", "Patient/nobody", 404)]


@pytest.mark.requirement("S63")
def test_no_audit_no_answer(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    person = api.person()

    def busy(*_: object) -> None:
        raise Busy

    with monkeypatch.context() as patched:
        patched.setattr(api.gateway.database, "write", busy)
        refused(api.get(person), 503, code="transient")
        refused(api.get("Patient"), 503)
    assert api.get(person).status_code == 200


def test_every_event_that_is_noted_has_words_for_people() -> None:
    noted = {
        call.args[1].value
        for folder in ("auth", "fhir_gateway")
        for file in (ROOT / folder).rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "note"
        if isinstance(call.args[1], ast.Constant)
    }
    assert {"logout", "consent", "token"} <= noted
    assert noted <= EVENTS.keys()
