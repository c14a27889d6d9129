"""The files of the patient app, as they are served."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from fhir_gateway.settings import Settings
from fhir_gateway.web import patient_app

SETTINGS = Settings(base_url="https://phb.example", patient_app="an-app")


@pytest.fixture
def app() -> TestClient:
    return TestClient(Starlette(routes=patient_app.routes(SETTINGS)), base_url="https://phb.example")


def test_there_is_no_app_where_no_client_is_registered_for_it() -> None:
    assert patient_app.routes(Settings()) == []


@pytest.mark.requirement("S66")
def test_every_file_is_served_and_may_run_nothing_from_elsewhere(app: TestClient) -> None:
    for name in patient_app.files():
        reply = app.get(f"/app/{name}")
        assert reply.status_code == 200
        policy = dict(part.split(" ", 1) for part in reply.headers["content-security-policy"].split("; "))
        assert (policy["default-src"], policy["script-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")
        assert policy["frame-ancestors"] == "'none'"
        assert reply.headers["x-content-type-options"] == "nosniff"


def test_the_first_page_has_no_script_or_style_inside(app: TestClient) -> None:
    page = app.get("/app/").text
    assert page == app.get("/app/index.html").text
    assert page.count("<script") == page.count("<script src=")
    assert "<style" not in page
    assert " style=" not in page
    assert "://" not in page


def test_the_style_of_the_pages_is_named_so_that_it_may_be_kept(app: TestClient) -> None:
    assert 'href="/static/nhsuk-frontend.css?v=' in app.get("/app/").text


def test_a_file_that_is_unchanged_is_not_sent_again(app: TestClient) -> None:
    etag = app.get("/app/app.js").headers["etag"]
    assert app.get("/app/app.js", headers={"If-None-Match": etag}).status_code == 304


def test_the_app_is_told_where_its_gateway_is_and_nothing_secret(app: TestClient) -> None:
    assert app.get("/app/settings.json").json() == {
        "clientId": "an-app",
        "fhirBase": "https://phb.example/fhir",
        "issuer": "https://phb.example",
        "appsPage": "https://phb.example/apps",
    }


def test_the_address_without_its_slash_leads_to_the_app(app: TestClient) -> None:
    reply = app.get("/app", follow_redirects=False)
    assert (reply.status_code, reply.headers["location"]) == (308, "/app/")


@pytest.mark.requirement("lesson-16")
@pytest.mark.parametrize("name", ["nothing.js", "../page.py", "%2e%2e/page.py", "vendor/", "app.js/", "//etc/passwd"])
def test_nothing_but_its_own_files_is_served(app: TestClient, name: str) -> None:
    assert app.get(f"/app/{name}").status_code == 404


def test_its_own_modules_are_all_there(app: TestClient) -> None:
    """A module that imports one that is not there would stop the whole app."""
    for name, file in patient_app.files().items():
        if not name.startswith("vendor/") and name.endswith(".js"):
            folder = Path("/app", name).parent
            imports = [line.split('"')[-2] for line in file.content.decode().splitlines() if line.startswith("import ")]
            assert all(
                app.get((folder / one).as_posix().replace("/app/pages/../", "/app/")).is_success for one in imports
            )
