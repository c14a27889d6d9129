"""The authorization endpoint: what is never redirected, what the app is told, and where the person goes."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from auth import clients, codes
from auth.store import AUTHORIZATION, CODE, GRANT
from tests.auth.apps import (
    FHIR,
    JANICE,
    REDIRECT,
    SCOPE,
    SECRET,
    VERIFIER,
    AppServer,
    app,
    on_sqlite,
    query,
    sent_back,
)
from tests.auth.builders import ISSUER, MINUTE, NOW, SECOND
from tests.auth.test_redirects import NEAR_MISSES


@pytest.fixture
def server() -> Iterator[AppServer]:
    with on_sqlite() as server:
        yield server


@pytest.fixture(scope="module")
def shared() -> Iterator[AppServer]:
    """For requests that leave nothing behind that another test would notice."""
    with on_sqlite() as server:
        yield server


def refused_page(reply: httpx.Response) -> None:
    assert reply.status_code == 400
    assert "location" not in reply.headers
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.headers["cache-control"] == "no-store"


# --- S1: no redirect before client and address are proved


@pytest.mark.requirement("smart-2.2#18", "rfc6749#3.1.2.3-1", "rfc6749#3.1.2.4-1", "rfc6749#10.15-1", "S1")
@pytest.mark.parametrize("uri", NEAR_MISSES)
def test_an_unregistered_redirect_uri_gets_an_error_page(shared: AppServer, uri: str) -> None:
    """S1; the OpenID suite's "unregistered redirect_uri"."""
    refused_page(shared.authorize(redirect_uri=uri))


@pytest.mark.requirement("rfc6749#3.1.2.4-1", "S1", "lesson-07")
@pytest.mark.parametrize(
    "fault",
    [
        {"response_type": "token"},
        {"response_type": None},
        {"code_challenge": None},
        {"scope": None},
        {"aud": "https://elsewhere.example/fhir"},
        {"prompt": "none"},
        {"prompt": "nonsense"},
        {"max_age": "soon"},
        {"request": "x"},
    ],
)
def test_no_kind_of_error_is_redirected_to_an_unproved_address(shared: AppServer, fault: dict[str, Any]) -> None:
    """S1, Authlib 1.6.10 and 1.7.1: each error kind in turn."""
    refused_page(shared.authorize(redirect_uri="https://evil.example/cb", **fault))


@pytest.mark.requirement("rfc6749#4.1.2.1-2")
@pytest.mark.parametrize("client_id", [None, "nobody", "council-sync", "patient-app ", "PATIENT-APP"])
def test_a_client_that_is_unknown_or_acts_for_no_person_gets_an_error_page(
    shared: AppServer, client_id: str | None
) -> None:
    refused_page(shared.authorize(client_id=client_id))


def test_a_revoked_client_gets_an_error_page(server: AppServer) -> None:
    server.write(lambda conn: clients.revoke(conn, "patient-app", NOW))
    refused_page(server.authorize())


@pytest.mark.requirement("rfc6749#3.1-3")
@pytest.mark.parametrize("extra", ["client_id=patient-app", f"redirect_uri={REDIRECT}", "state=other"])
def test_what_must_be_proved_may_not_come_twice(shared: AppServer, extra: str) -> None:
    address = httpx.URL("/oauth2/authorize", params=shared.params())
    refused_page(shared.send("GET", f"{address}&{extra}"))


@pytest.mark.parametrize("state", ["x" * 4097, "a\nb", "caf\u00e9"])
def test_a_state_that_cannot_go_back_gets_an_error_page(shared: AppServer, state: str) -> None:
    refused_page(shared.authorize(state=state))


@pytest.mark.parametrize("query_string", ["", "a", "%ff=1", "a=1;b=2", "&".join(f"a{n}=1" for n in range(51))])
def test_an_unreadable_query_gets_an_error_page(shared: AppServer, query_string: str) -> None:
    refused_page(shared.send("GET", f"/oauth2/authorize?{query_string}"))


def test_a_posted_body_that_is_no_form_gets_an_error_page(shared: AppServer) -> None:
    refused_page(shared.send("POST", "/oauth2/authorize", json=shared.params()))


# --- what the app is told


@pytest.mark.requirement(
    "smart-2.2#15",
    "smart-2.2#96",
    "smart-2.2/launch-scope",
    "rfc6749#3.1.1-1",
    "rfc6749#3.3-2",
    "rfc6749#4.1.2.1-1",
    "rfc7636#4.3-1",
    "rfc7636#4.4.1-1",
    "rfc7636#7.2-1",
    "rfc8707#2-1",
    "rfc9207#2-2",
    "rfc9700#2.1.2-1",
    "oidc-core#3.1.2.1-2",
    "oidc-core#6-1",
    "S2",
    "S4",
    "S5",
    "S16",
)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "CODE"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "https://app.example/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain", "code_challenge": VERIFIER}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "=" * 43}, "invalid_request"),
        ({"aud": None}, "invalid_request"),
        ({"aud": "https://elsewhere.example/fhir"}, "invalid_request"),
        ({"aud": ISSUER}, "invalid_request"),
        ({"aud": f"{FHIR}//"}, "invalid_request"),
        ({"aud": f"{FHIR}/Patient"}, "invalid_request"),
        ({"resource": "https://elsewhere.example/fhir"}, "invalid_target"),
        ({"aud": None, "resource": "https://elsewhere.example/fhir"}, "invalid_target"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "nonsense"}, "invalid_scope"),
        ({"scope": "system/Patient.rs"}, "invalid_scope"),
        ({"scope": "patient/Patient.sr"}, "invalid_scope"),
        ({"scope": "fhirUser offline_access"}, "invalid_scope"),
        ({"scope": "openid " + "x" * 2048}, "invalid_scope"),
        ({"scope": " ".join(["openid"] * 101)}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "1.5"}, "invalid_request"),
        ({"nonce": "x" * 4097}, "invalid_request"),
        ({"id_token_hint": "x.y.z"}, "invalid_request"),
        ({"launch": "unknown"}, "invalid_scope"),
        ({"launch": "unknown", "scope": f"launch {SCOPE}"}, "invalid_request"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_faulty_request_is_answered_with_its_error_state_and_issuer(
    shared: AppServer, fault: dict[str, Any], error: str
) -> None:
    """S2, S4, S5, S14, S16: one fault at a time."""
    told = sent_back(shared.authorize(**fault))
    assert set(told) == {"error", "error_description", "state", "iss"}
    assert (told["error"], told["state"], told["iss"]) == (error, shared.params()["state"], ISSUER)


@pytest.mark.requirement("rfc6749#3.1-3", "lesson-17")
def test_a_repeated_parameter_is_told_to_the_app(shared: AppServer) -> None:
    address = httpx.URL("/oauth2/authorize", params=shared.params())
    assert sent_back(shared.send("GET", f"{address}&scope=openid"))["error"] == "invalid_request"


@pytest.mark.requirement("smart-2.2/pkce-all", "S2", "lesson-09")
@pytest.mark.parametrize("client_id", ["secret-app", "key-app"])
def test_a_confidential_client_needs_pkce_too(shared: AppServer, client_id: str) -> None:
    """S2; FAPI2SPFinal "PKCE missing"."""
    told = sent_back(shared.authorize(client_id=client_id, code_challenge=None, code_challenge_method=None))
    assert told["error"] == "invalid_request"


@pytest.mark.requirement("smart-2.2#56", "rfc6749#4.1.2-4", "S4")
@pytest.mark.parametrize("state", [None, "x" * 4096, "~!@#$%^&*()_+-=[]{}|;':\",./<>? \\`"])
def test_the_state_goes_back_byte_for_byte(shared: AppServer, state: str | None) -> None:
    """S4; FAPI2SPFinal "long state"."""
    assert sent_back(shared.authorize(state=state, response_type="token")).get("state") == state


def test_the_query_of_a_registered_address_is_kept(server: AppServer) -> None:
    uri = "https://app.example/cb?tenant=1"
    server.write(lambda conn: clients.add(conn, app(client_id="tenanted", redirect_uris=f'["{uri}"]'), NOW))
    reply = server.authorize(client_id="tenanted", redirect_uri=uri, response_type="token")
    assert reply.headers["location"].startswith(f"{uri}&error=")


# --- where the person goes


@pytest.mark.requirement("smart-2.2#48", "rfc6749#3.1-1", "S16")
def test_somebody_logged_in_goes_to_the_consent_page_and_what_was_asked_stays_here(server: AppServer) -> None:
    """S16: nothing of the request is in the address of our page."""
    reply = server.authorize()
    assert reply.status_code == 303
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert set(query(reply.headers["location"])) == {"request"}
    row = server.write(lambda conn: conn.execute(select(AUTHORIZATION)).one())
    assert (row.client_id, row.redirect_uri, row.scope, row.state) == (
        "patient-app",
        REDIRECT,
        SCOPE,
        server.params()["state"],
    )
    handle = query(reply.headers["location"])["request"]
    assert row.digest != handle
    assert len(handle) >= 43


def test_nobody_logged_in_goes_to_the_login_page_and_on_from_there(server: AppServer) -> None:
    server.login = None
    location = server.authorize().headers["location"]
    assert location.startswith("/login?then=")
    assert query(location)["then"].startswith("/oauth2/consent?request=")


@pytest.mark.requirement("smart-2.2#49", "rfc9700#4.12-1", "oidc-core#3.1.2.1-6", "S4")
def test_post_is_taken_like_get_and_answered_with_303(server: AppServer) -> None:
    """S4; the OpenID suite's "POST request"."""
    reply = server.send("POST", "/oauth2/authorize", data=server.params())
    assert reply.status_code == 303
    assert reply.headers["location"].startswith("/oauth2/consent?request=")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_no_other_method_is_taken(shared: AppServer, method: str) -> None:
    reply = shared.send(method, "/oauth2/authorize")
    assert (reply.status_code, reply.headers["allow"]) == (405, "GET, POST")


@pytest.mark.requirement("smart-2.2/aud-slash", "rfc8707#2-3", "S5")
@pytest.mark.parametrize("audience", [{"aud": f"{FHIR}/"}, {"aud": None, "resource": FHIR}, {"resource": f"{FHIR}/"}])
def test_our_fhir_base_may_be_named_in_each_of_its_ways(shared: AppServer, audience: dict[str, Any]) -> None:
    assert shared.authorize(**audience).headers["location"].startswith("/oauth2/consent")


@pytest.mark.requirement("oidc-core#3.1.2.1-3", "oidc-core#3.1.2.1-4")
@pytest.mark.parametrize("fresh", [{"prompt": "login"}, {"max_age": "60"}, {"prompt": "login consent"}])
def test_an_old_login_is_not_enough_where_a_new_one_is_asked(server: AppServer, fresh: dict[str, str]) -> None:
    """The OpenID suite's "max_age" and "prompt=login"."""
    server.clock.advance(2 * MINUTE)
    assert server.authorize(**fresh).headers["location"].startswith("/login")
    server.clock.advance(SECOND)
    server.log_in()
    assert server.authorize(max_age="60").headers["location"].startswith("/oauth2/consent")


@pytest.mark.requirement("oidc-core#3.1.2.1-4")
def test_a_recent_login_is_enough_for_max_age(server: AppServer) -> None:
    server.clock.advance(MINUTE)
    assert server.authorize(max_age="60").headers["location"].startswith("/oauth2/consent")
    server.clock.advance(1)
    assert server.authorize(max_age="60").headers["location"].startswith("/login")


# --- prompt=none


@pytest.mark.requirement("oidc-core#3.1.2.1-1")
def test_without_asking_nobody_who_is_not_logged_in_is_answered(server: AppServer) -> None:
    """The OpenID suite's "prompt=none not logged in"."""
    server.login = None
    assert sent_back(server.authorize(prompt="none"))["error"] == "login_required"


@pytest.mark.requirement("oidc-core#3.1.2.1-1")
def test_without_asking_what_was_never_allowed_is_not(server: AppServer) -> None:
    assert sent_back(server.authorize(prompt="none"))["error"] == "consent_required"
    assert server.write(lambda conn: conn.execute(select(GRANT)).first()) is None


def test_without_asking_what_was_allowed_before_is_allowed_again(server: AppServer) -> None:
    """The OpenID suite's "prompt=none logged in"."""
    first = server.tokens()
    told = sent_back(server.authorize(prompt="none", nonce="n-1"))
    assert (told["state"], told["iss"]) == (server.params()["state"], ISSUER)
    body = server.redeem(told["code"]).json()
    assert body["scope"] == first["scope"]
    assert body["patient"] == "janice"


@pytest.mark.requirement("S15")
@pytest.mark.parametrize(
    "more",
    [
        {"scope": f"{SCOPE} user/Claim.rs"},
        {"scope": f"{SCOPE} patient/Claim.u"},
        {"scope": f"{SCOPE} profile"},
        {"client_id": "secret-app"},
    ],
)
def test_without_asking_a_new_scope_or_client_is_not_allowed(server: AppServer, more: dict[str, str]) -> None:
    """S15: consent for each new client, scope or person."""
    server.tokens()
    assert sent_back(server.authorize(prompt="none", **more))["error"] == "consent_required"


def test_without_asking_what_was_unticked_stays_unallowed(server: AppServer) -> None:
    server.redeem(server.allow(server.handle(), "patient/Patient.rs")["code"])
    assert sent_back(server.authorize(prompt="none"))["error"] == "consent_required"


def test_without_asking_an_ended_grant_counts_for_nothing(server: AppServer) -> None:
    server.tokens()
    server.write(lambda conn: conn.execute(update(GRANT).values(revoked_at=NOW)))
    assert sent_back(server.authorize(prompt="none"))["error"] == "consent_required"


def test_without_asking_what_no_longer_holds_counts_for_nothing(server: AppServer) -> None:
    server.tokens()
    server.holds = False
    assert sent_back(server.authorize(prompt="none"))["error"] == "consent_required"


def test_what_another_issuer_was_believed_to_grant_is_not_what_the_person_was_asked(server: AppServer) -> None:
    server.tokens()
    server.write(lambda conn: conn.execute(update(GRANT).values(context='{"issuer": "https://other.example"}')))
    assert sent_back(server.authorize(prompt="none"))["error"] == "consent_required"


@pytest.mark.requirement("rfc8252#8.6-1")
def test_an_app_on_the_persons_own_machine_is_never_answered_without_asking(server: AppServer) -> None:
    """RFC 8252 section 8.6: any program may say it is that app."""
    local = "http://127.0.0.1:8765/cb"
    server.write(lambda conn: clients.add(conn, app(client_id="local", redirect_uris=f'["{local}"]'), NOW))
    server.redeem(server.code(client_id="local", redirect_uri=local), client_id="local", redirect_uri=local)
    reply = server.authorize(client_id="local", redirect_uri=local, prompt="none")
    assert query(reply.headers["location"])["error"] == "consent_required"


@pytest.mark.requirement("oidc-core#3.1.2.1-5")
def test_an_id_token_hint_of_somebody_else_is_not_answered_for_whoever_is_logged_in(server: AppServer) -> None:
    """The OpenID suite's "id_token_hint"."""
    hint = server.tokens()["id_token"]
    assert "code" in sent_back(server.authorize(prompt="none", id_token_hint=hint))
    server.log_in("somebody-else")
    assert sent_back(server.authorize(prompt="none", id_token_hint=hint))["error"] == "login_required"


# --- what is kept


@pytest.mark.requirement("rfc6749#10.10-1")
def test_a_code_is_kept_as_a_digest(server: AppServer) -> None:
    code = server.code()
    row = server.write(lambda conn: conn.execute(select(CODE)).one())
    assert code not in str(row)
    assert row.expires_at == NOW + 60 * SECOND
    assert len(code) >= 43


def test_a_client_secret_in_the_address_is_no_matter_to_anybody(server: AppServer) -> None:
    assert server.authorize(client_secret=SECRET).headers["location"].startswith("/oauth2/consent")


@pytest.mark.requirement("smart-2.2#14", "rfc7636#4.2-1")
def test_the_challenge_is_the_one_of_rfc_7636() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert codes.challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_person_chosen_is_told(server: AppServer) -> None:
    assert server.tokens()["patient"] == JANICE.patient
