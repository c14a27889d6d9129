"""Deciding what an app may see, by the forms of the pages, without JavaScript.

Source: security requirements S4, S14-S16, S66, S67; conformance.md 2, 13.2.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from auth import authorizations, clients, grants
from auth.authorizations import AuthorizationRequest
from auth.grants import AppAccess
from auth.registration import Registration
from tests.auth.builders import MINUTE, NOW, SECOND
from tests.fhir_gateway.web.browser import Browser, Form, Page
from tests.fhir_gateway.web.world import PASSWORD, World, choice

BACK = "https://app.example/back"
ASKED = "launch/patient openid fhirUser offline_access patient/Claim.rs patient/Patient.cruds"


@pytest.fixture(autouse=True)
def app(pages: World) -> None:
    """An app that may ask for anything."""
    registered = Registration(
        client_id="budget-app",
        name="My <budget>",
        scope=f"{ASKED} online_access patient/*.cruds user/*.cruds",
        kind="public",
        redirect_uris=f'["{BACK}"]',
    )
    pages.server.write(lambda conn: clients.add(conn, registered, NOW))


def asked(pages: World, **changes: Any) -> str:
    """The address of the page for a request of the app."""
    usual: dict[str, Any] = {
        "client_id": "budget-app",
        "redirect_uri": BACK,
        "scope": ASKED,
        "state": "as it was &= sent",
        "nonce": None,
        "code_challenge": "x" * 43,
        "audience": pages.config.fhir_base,
        "prompt": None,
        "max_age": None,
        "launch": None,
        "account_id": None,
        "created_at": pages.server.clock(),
        "expires_at": pages.server.clock() + authorizations.LIFETIME,
    }
    request = AuthorizationRequest(**(usual | changes))
    handle = pages.server.write(lambda conn: authorizations.save(conn, request))
    return f"/oauth2/consent?request={handle}"


def shown(browser: Browser, address: str) -> Form:
    page = browser.get(address)
    assert page.status == 200, page.text
    return page.form("/oauth2/consent")


def answer(page: Page) -> dict[str, str]:
    """What the app is told."""
    assert page.status == 303, page.text
    assert page.location.startswith(f"{BACK}?")
    return {name: value for name, (value,) in parse_qs(urlsplit(page.location).query).items()}


def granted(pages: World) -> list[AppAccess]:
    account_id = pages.accounts["janice"].account_id
    return pages.server.write(lambda conn: grants.grants_of(conn, account_id, pages.server.clock()))


# --- what is shown


@pytest.mark.requirement("smart-2.2/consent-offline", "S15")
def test_the_page_says_who_asks_what_for_how_long_and_where_it_leads(pages: World, janice: Browser) -> None:
    """S15: offline access is named in plain words."""
    page = janice.get(asked(pages))
    for words in (
        "Let My &lt;budget&gt; see your records?",
        "https://app.example</span>",
        "See your budget, payments and spending",
        "See, add to, change and delete from your name, address and other details",
        "Keep this up when you are not using the app, until you stop it or until 14 July 2027",
        "know that it is you, each time you log in",
        "Whose records: <strong>Janice Roberts</strong>",
        ">Allow</button>",
        ">Do not allow</button>",
    ):
        assert words in page.text
    assert "<script" not in page.text


@pytest.mark.requirement("smart-2.2/untick")
def test_every_scope_has_a_box_ticked_by_default(pages: World, janice: Browser) -> None:
    form = shown(janice, asked(pages))
    boxes = {name: value for name, value in form.fields.items() if name not in ("csrf", "request", "who")}
    assert boxes == {
        "scope-0": "patient/Claim.rs",
        "scope-1": "patient/Patient.cruds",
        "refresh": "offline_access",
    }
    assert form.buttons == [("decision", "allow"), ("decision", "deny")]


@pytest.mark.requirement("smart-2.2/consent-wildcard")
@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("patient/*.rs", "See everything in your records, now and in future, new kinds of record too"),
        ("patient/*.cu", "Add to and change everything in your records, now and in future"),
        ("user/Patient.rs", "See people&#39;s name, address and other details, as far as you may see them yourself"),
        ("patient/Claim.rs?status=http://hl7.org/fhir/fm-status|active", "spending, only where status is active"),
        ("patient/Claim.rs online_access", "Keep this up while you are logged in here, and no longer"),
    ],
)
def test_wide_narrow_and_passing_scopes_are_told_in_plain_words(
    pages: World, janice: Browser, scope: str, words: str
) -> None:
    assert words in janice.get(asked(pages, scope=scope)).text


@pytest.mark.requirement("S66")
def test_the_answer_may_lead_to_the_app_and_to_no_other(pages: World, janice: Browser) -> None:
    """S66: in Chromium `form-action` governs the redirect after the form too."""
    policy = janice.get(asked(pages)).reply.headers["content-security-policy"]
    assert "form-action 'self' https://app.example;" in policy
    assert "app.example" not in janice.get("/me").reply.headers["content-security-policy"]


# --- the decision


@pytest.mark.requirement("smart-2.2#56", "rfc9207#2-1", "rfc9700#4.12-1", "S4")
def test_allowing_brings_the_app_a_code(pages: World, janice: Browser) -> None:
    """S4: state as it was sent, our issuer beside it, by 303."""
    told = answer(janice.send(shown(janice, asked(pages)), decision="allow"))
    assert told.keys() == {"code", "state", "iss"}
    assert (told["state"], told["iss"]) == ("as it was &= sent", pages.config.issuer)
    (grant,) = granted(pages)
    assert set(grant.scope.split(" ")) == set(ASKED.split(" "))
    assert (grant.patient, grant.fhir_user, grant.offline) == ("janice", "Patient/janice", True)


@pytest.mark.requirement("smart-2.2/untick")
def test_what_is_unticked_is_not_granted(pages: World, janice: Browser) -> None:
    """S14."""
    form = shown(janice, asked(pages))
    answer(janice.send(form, unticked="scope-1 refresh", decision="allow"))
    (grant,) = granted(pages)
    assert set(grant.scope.split(" ")) == {"launch/patient", "openid", "fhirUser", "patient/Claim.rs"}
    assert not grant.offline


def test_what_was_not_asked_cannot_be_ticked(pages: World, janice: Browser) -> None:
    form = shown(janice, asked(pages, scope="patient/Claim.rs"))
    changes = {"scope-7": "patient/*.cruds", "refresh": "offline_access"}
    answer(janice.send(form, decision="allow", **changes))
    (grant,) = granted(pages)
    assert grant.scope == "patient/Claim.rs"


@pytest.mark.requirement("smart-2.2#54")
@pytest.mark.parametrize("decision", ["deny", "", "Allow", "yes"])
def test_anything_but_allow_is_a_refusal(pages: World, janice: Browser, decision: str) -> None:
    told = answer(janice.send(shown(janice, asked(pages)), decision=decision))
    assert (told["error"], told["state"], told["iss"]) == ("access_denied", "as it was &= sent", pages.config.issuer)
    assert "code" not in told
    assert granted(pages) == []


def test_a_request_is_decided_once(pages: World, janice: Browser) -> None:
    form = shown(janice, asked(pages))
    answer(janice.send(form, decision="deny"))
    again = janice.send(form, decision="allow")
    assert (again.status, "This request has ended" in again.text) == (400, True)
    assert granted(pages) == []


@pytest.mark.parametrize("address", ["/oauth2/consent", "/oauth2/consent?request=unknown", "/oauth2/consent?request="])
def test_a_request_nobody_made_is_told_so_and_leads_nowhere(janice: Browser, address: str) -> None:
    page = janice.get(address)
    assert (page.status, "This request has ended" in page.text) == (400, True)
    assert "location" not in page.reply.headers


def test_a_request_ends_after_ten_minutes(pages: World, janice: Browser) -> None:
    address = asked(pages)
    form = shown(janice, address)
    pages.server.clock.advance(10 * MINUTE)
    assert janice.get(address).status == 400
    assert janice.send(form, decision="allow").status == 400


@pytest.mark.requirement("rfc6749#10.12-1", "S67")
@pytest.mark.parametrize("field", ["csrf", "another"])
def test_a_decision_nobody_took_is_none(pages: World, janice: Browser, field: str) -> None:
    """S67."""
    form = shown(janice, asked(pages))
    page = (
        janice.send(form, unticked="csrf", decision="allow")
        if field == "csrf"
        else janice.send(form, csrf="x" * 43, decision="allow")
    )
    assert page.status == 403
    crossing = {"origin": "https://app.example", "sec-fetch-site": "cross-site"}
    assert janice.post(form.action, form.fields | {"decision": "allow"}, **crossing).status == 403
    assert granted(pages) == []


@pytest.mark.requirement("rfc6749#10.12-1")
def test_a_form_of_an_earlier_login_decides_nothing(pages: World, janice: Browser) -> None:
    form = shown(janice, asked(pages))
    janice.log_in("janice", PASSWORD)
    assert janice.send(form, decision="allow").status == 403


# --- who it is about


def test_somebody_who_acts_for_several_must_say_for_whom(pages: World, janice: Browser) -> None:
    mine = pages.accounts["janice"].account_id
    pages.people[mine] = (choice("janice"), choice("dylan", "representative", "Dylan Roberts"))
    form = shown(janice, asked(pages))
    assert form.radios == {"who": ["link-janice janice", "link-dylan dylan"]}
    unsaid = janice.send(form, decision="allow")
    assert unsaid.status == 400
    assert "<title>Error: " in unsaid.text
    assert "Choose whose records this is about" in unsaid.text
    answer(janice.send(unsaid.form("/oauth2/consent"), decision="allow", who="link-dylan dylan"))
    (grant,) = granted(pages)
    assert (grant.patient, grant.fhir_user) == ("dylan", "RelatedPerson/for-dylan")


@pytest.mark.parametrize("who", ["link-dylan dylan", "link-janice dylan", "link-janice ", "link-janice", " "])
def test_nobody_acts_for_somebody_they_may_not(pages: World, janice: Browser, who: str) -> None:
    page = janice.send(shown(janice, asked(pages)), decision="allow", who=who)
    assert page.status == 400
    assert granted(pages) == []


def test_somebody_tied_to_nobody_can_only_refuse(pages: World, janice: Browser) -> None:
    pages.people.clear()
    page = janice.get(asked(pages))
    assert "not connected to anybody" in page.text
    form = page.form("/oauth2/consent")
    assert form.buttons == [("decision", "deny")]
    assert answer(janice.send(form, decision="deny"))["error"] == "access_denied"


def test_staff_are_told_that_an_app_for_one_person_sees_nobody_by_their_login(pages: World, janice: Browser) -> None:
    staff = replace(choice("janice", "icb", "NHS finance staff"), patient=None)
    pages.people[pages.accounts["janice"].account_id] = (staff,)
    page = janice.get(asked(pages, scope="launch/patient openid patient/Claim.rs user/Claim.rs"))
    assert "it will not see any" in page.text
    assert "You are logged in as: <strong>NHS finance staff</strong>" in page.text
    boxes = [value for name, value in page.form("/oauth2/consent").fields.items() if name.startswith("scope-")]
    assert boxes == ["user/Claim.rs"]


# --- a login new enough


@pytest.mark.requirement("oidc-core#3.1.2.1-3")
@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": 60}])
def test_an_app_that_wants_a_newer_login_gets_one(pages: World, janice: Browser, changes: dict[str, Any]) -> None:
    """Step-up: the page is not shown, nor the decision taken, before the person proved who they are again."""
    pages.server.clock.advance(2 * MINUTE)
    address = asked(pages, **changes)
    page = janice.get(address)
    assert page.status == 303
    form = {"request": address.partition("=")[2], "decision": "allow", "who": "link-janice janice"}
    fields = form | {"csrf": janice.get("/me").form("/logout").fields["csrf"], "scope-0": "patient/Claim.rs"}
    early = janice.post("/oauth2/consent", fields)
    assert early.location == page.location
    assert granted(pages) == []
    pages.server.clock.advance(SECOND)
    after = janice.send(janice.get(page.location).form("/login"), username="janice", password=PASSWORD)
    assert after.location == address
    answer(janice.send(shown(janice, address), decision="allow"))


# --- apps that can see my records


def allowed(pages: World, janice: Browser, **changes: Any) -> None:
    answer(janice.send(shown(janice, asked(pages, **changes)), decision="allow"))


@pytest.mark.requirement("S15")
def test_the_apps_let_in_are_listed_in_the_words_of_the_decision(pages: World, janice: Browser) -> None:
    """S15."""
    allowed(pages, janice)
    page = janice.get("/apps")
    for words in (
        "My &lt;budget&gt;",
        "Janice Roberts",
        "See your budget, payments and spending",
        "15 January 2027",
        "Not yet",
        "14 July 2027, also when you are not using it",
    ):
        assert words in page.text


@pytest.mark.requirement("smart-2.2/revocation-by-person", "S15")
def test_an_app_is_stopped_by_its_button(pages: World, janice: Browser) -> None:
    allowed(pages, janice)
    page = janice.send(janice.get("/apps").form("/apps/stop"))
    assert (page.status, page.location) == (303, "/apps?stopped=yes")
    after = janice.get(page.location)
    assert "The app can see nothing any more." in after.text
    assert "No app can see your records." in after.text
    assert granted(pages) == []
    assert pages.outcomes("revocation") == ["ended"]


def test_nobody_stops_somebody_elses_app(pages: World, janice: Browser) -> None:
    allowed(pages, janice)
    (grant,) = granted(pages)
    pages.add("dylan")
    other = pages.browser("192.0.2.9")
    other.log_in("dylan", PASSWORD)
    token = other.get("/me").form("/logout").fields["csrf"]
    assert other.post("/apps/stop", {"csrf": token, "grant": grant.grant_id}).status == 303
    assert len(granted(pages)) == 1
    assert pages.outcomes("revocation") == []


def test_an_app_let_in_for_somebody_no_longer_acted_for_is_told_so(pages: World, janice: Browser) -> None:
    allowed(pages, janice)
    pages.people.clear()
    assert "somebody you no longer act for" in janice.get("/apps").text
