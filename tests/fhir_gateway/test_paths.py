"""One resource, many spellings of its path: whatever a spelling says, it is judged as what it opens, or opens nothing.

Source: security requirements S27, S37, S68; RFC 3986 section 6 (normal forms of a path).
"""

from typing import Final

import pytest

from tests.fhir_gateway.api import BASE, Api, refused
from tests.fhir_gateway.trees import patient

EVIL: Final = "evil.example"
LYING: Final = {
    "Host": EVIL,
    "X_Forwarded_Host": EVIL,
    "X_Forwarded_Server": EVIL,
    "X_Forwarded_Proto": "gopher",
    "X_Forwarded_Prefix": f"/{EVIL}",
    "Forwarded": f"host={EVIL};proto=gopher",
    "X_Original_URL": "/metadata",
    "X_Rewrite_URL": "/metadata",
}
CANARY: Final = "zq-canary"
SPELLINGS: Final = (
    *("//fhir/Patient/ID", "/fhir//Patient/ID", "/fhir/Patient//ID", "/fhir/Patient/ID/", "/fhir/Patient/ID//"),
    *("/fhir/Patient/ID/.", "/fhir/Patient/ID/..", "/fhir/Patient/ID/_history/..", "/fhir/./Patient/ID"),
    *("/fhir/x/../Patient/ID", "/x/../fhir/Patient/ID", "/oauth2/../fhir/Patient/ID", "/fhir/metadata/../Patient/ID"),
    *("/fhir/.well-known/../Patient/ID", "/fhir/%2e%2e/fhir/Patient/ID", "/fhir/metadata%2f../Patient/ID"),
    *("/fhir/Patient%2fID", "/fhir%2fPatient/ID", "/fhir/Patient%252fID", "/fhir/Patient/ID%2f", "/%66hir/Patient/ID"),
    *("/fhir/%50atient/ID", "/fhir/patient/ID", "/fhir/PATIENT/ID", "/FHIR/Patient/ID", "/fhir\\Patient\\ID"),
    *(
        "/fhir/Patient/ID;x=1",
        "/fhir/Patient;x/ID",
        "/fhir/Patient/ID%00",
        "/fhir/Patient/ID%20",
        "/fhir/Patient/ID%0a",
    ),
    *("/fhir/Patient/ID.json", "/fhir/Patient/ID%23", "/fhir/Patient/ID\\", "/fhir/Patient/ID%3f_format=json"),
)


@pytest.fixture
def database_kind() -> str:
    """One kind: no statement here differs between them."""
    return "sqlite"


def spellings(id_: str) -> list[bytes]:
    """Ways to write the path of one Patient, of which only some are that path."""
    encoded = "".join(f"%{ord(one):02X}" for one in id_)
    return [text.replace("ID", id_).encode() for text in (*SPELLINGS, f"/fhir/Patient/{encoded}")]


@pytest.mark.requirement("lesson-13")
def test_another_spelling_gets_the_verdict_of_the_plain_one_or_leads_nowhere(api: Api) -> None:
    """Keycloak CVE-2026-4636: the judge and the router read two different paths."""
    made = api.made(patient(gender="other", name=[{"family": CANARY}]))
    askers = (api, api.client("system/Claim.rs"), api.client("system/Patient.rs?gender=female"), api.stranger())
    for asker, verdict in zip(askers, (200, 403, 404, 401), strict=True):
        plain = asker.raw("GET", f"/fhir/Patient/{made['id']}".encode())
        assert plain.status == verdict
        replies = {path: asker.raw("GET", path) for path in spellings(made["id"])}
        assert any(reply.status == verdict for reply in replies.values())
        for path, reply in replies.items():
            assert reply.status in (plain.status, 400, 401, 404), path
            assert (reply.status == 200) <= (plain.status == 200), path
            assert (CANARY.encode() in reply.body) <= (plain.status == 200), path


@pytest.mark.requirement("S27", "lesson-14")
def test_no_answer_follows_the_host_or_a_forwarded_header(api: Api) -> None:
    person = api.person()
    replies = [
        api.post("Patient", patient(), **LYING),
        *(
            api.get(path, **LYING)
            for path in (person, "Patient?_count=1", f"{person}/_history", "metadata", "CodeSystem")
        ),
        api.bundle({"resource": patient(), "request": {"method": "POST", "url": "Patient"}}, **LYING),
        api.stranger().get(person, **LYING),
        *(
            api.stranger().get(path, **LYING)
            for path in (
                *("/", "/fhir/.well-known/smart-configuration", "/.well-known/openid-configuration", "/apps", "/login"),
                *("/me", "/oauth2/authorize?client_id=x", "/oauth2/consent?request=x", "/openapi.json", "/nowhere"),
            )
        ),
    ]
    assert sum(BASE in reply.text or BASE in reply.headers.get("location", "") for reply in replies) > 5
    for reply in replies:
        assert reply.status_code < 500
        for text in (reply.text, *reply.headers.values()):
            assert EVIL not in text, reply.request.url
            assert "gopher" not in text, reply.request.url


@pytest.mark.requirement("S68")
def test_fhir_answers_are_never_a_page_of_ours(api: Api) -> None:
    """Narrative and attachments go out as the JSON they came in, which no browser takes for anything else."""
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><b>{CANARY}</b></div>'
    made = api.made(patient(text={"status": "generated", "div": div}))
    person = f"Patient/{made['id']}"
    for path in (person, "Patient", f"{person}/_history", "_history"):
        reply = api.get(path)
        assert CANARY in reply.text
        assert reply.headers["content-type"].startswith("application/fhir+json")
        assert reply.headers["x-content-type-options"] == "nosniff"
        refused(api.get(path, Accept="text/html"), 406)
    refused(api.get("Binary"), 404)
    page = api.get(f"{person}/$statement", Accept="text/html")
    assert CANARY not in page.text
