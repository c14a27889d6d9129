"""A page of somebody else's, on another origin, that uses SMART's own JavaScript library as its makers show it."""

from typing import Any, Final

import pytest
from playwright.sync_api import Page, Route

from fhir_gateway.web.patient_app import FOLDER
from tests.browser.person import Person
from tests.demonstration import Demonstration

ELSEWHERE: Final = "http://127.0.0.1:8765"
LIBRARY: Final = FOLDER / "vendor" / "fhir-client.pure.min.js"
CALLBACK: Final = f"""<!doctype html><title>Elsewhere</title><script src="{ELSEWHERE}/library.js"></script>
<script>window.connected = FHIR.oauth2.ready();</script>"""
LAUNCH: Final = f"""<!doctype html><title>Elsewhere</title><script src="{ELSEWHERE}/library.js"></script>
<script>FHIR.oauth2.authorize({{clientId: "patient-app", redirectUri: "callback", iss: "FHIR-BASE",
  scope: "openid fhirUser launch/patient offline_access patient/*.rs"}});</script>"""
VISIT: Final = """async () => {
  const client = await window.connected;
  const first = client.getState("tokenResponse");
  const plans = await client.request(`CarePlan?patient=${client.patient.id}`, {flat: true});
  const statement = await client.request(`Patient/${client.patient.id}/$statement?date=2025-09-30`);
  await client.refresh();
  const second = client.getState("tokenResponse");
  const person = await client.patient.read();
  return {user: client.getFhirUser(), plans: plans.map((one) => one.title), left: statement.total.find(
    (one) => one.category.coding[0].code === "remaining").amount.value, name: person.name[0].family,
    refreshed: first.access_token !== second.access_token && first.refresh_token !== second.refresh_token};
}"""
REVOKE: Final = """async (base) => {
  const client = await window.connected;
  const known = await (await fetch(`${base}/.well-known/smart-configuration`)).json();
  const form = new URLSearchParams({token: client.getState("tokenResponse.refresh_token"), client_id: "patient-app"});
  const reply = await fetch(known.revocation_endpoint, {method: "POST", body: form});
  const refused = await client.request("Patient/janice").then(() => 200, (error) => error.status);
  return [reply.status, refused];
}"""


@pytest.fixture
def elsewhere(demo: Demonstration, page: Page) -> str:
    """The address at which the app of somebody else is started."""
    pages = {
        "/launch": LAUNCH.replace("FHIR-BASE", demo.base),
        "/callback": CALLBACK,
        "/library.js": LIBRARY.read_text(),
    }

    def answered(route: Route) -> None:
        path = route.request.url.removeprefix(ELSEWHERE).partition("?")[0]
        kind = "text/javascript" if path.endswith(".js") else "text/html"
        route.fulfill(body=pages[path], content_type=kind)

    page.route(f"{ELSEWHERE}/**", answered)
    return f"{ELSEWHERE}/launch"


def test_the_library_reads_refreshes_and_gives_back_across_origins(janice: Person, elsewhere: str) -> None:
    """SMART App Launch 2.2; security requirement S69: CORS for the registered origin, without cookies."""
    page = janice.page
    page.goto(elsewhere)
    janice.log_in()
    janice.allow()
    page.wait_for_url(f"{ELSEWHERE}/callback*")
    seen: dict[str, Any] = page.evaluate(VISIT)
    assert seen == {
        "user": "Patient/janice",
        "plans": ["Janice's plan"],
        "left": 3376.79,
        "name": "Demowell",
        "refreshed": True,
    }
    assert page.evaluate(REVOKE, janice.demo.base) == [200, 401]
