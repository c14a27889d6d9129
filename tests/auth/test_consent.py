"""The decision: what is shown, what is granted, that it is taken once and by the right person."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from auth import authorizations, clients, consent, grants, launches
from auth.consent import Ask, LoginNeeded, NothingToDecide
from auth.seams import Choice
from auth.store import AUTHORIZATION, CLIENT, CODE, GRANT
from tests.auth.apps import DYLAN, FHIR, JANICE, REDIRECT, SCOPE, STAFF, AppServer, launch, on_sqlite, query, sent_back
from tests.auth.builders import ISSUER, MINUTE, NOW, SECOND


@pytest.fixture
def server() -> Iterator[AppServer]:
    with on_sqlite() as server:
        yield server


def shown(server: AppServer, handle: str) -> Ask | None:
    login = server.login
    assert login is not None
    return server.write(lambda conn: consent.ask(server.config, conn, handle, login.account_id, server.clock()))


def asked(server: AppServer, **changes: str) -> Ask:
    found = shown(server, server.handle(**changes))
    assert found is not None
    return found


def denied(server: AppServer, handle: str) -> dict[str, str]:
    login = server.login
    assert login is not None
    return query(server.write(lambda conn: consent.deny(server.config, conn, handle, login, server.clock())))


def granted(server: AppServer) -> str:
    return str(server.write(lambda conn: conn.execute(select(GRANT.c.scope)).scalar_one()))


# --- what is shown


def test_the_page_is_told_who_asks_for_what_and_where_the_answer_goes(server: AppServer) -> None:
    found = asked(server)
    assert (found.client_id, found.client_name, found.redirect_uri) == ("patient-app", "My budget", REDIRECT)
    assert [one.text for one in found.resources] == ["patient/Patient.rs", "patient/Claim.rs"]
    assert found.identity == ("openid", "fhirUser")
    assert (found.refresh, found.offline_until) == ("offline_access", NOW + grants.OFFLINE)
    assert found.choices == (JANICE,)
    assert (found.patient, found.fresh_since) == (None, None)


def test_what_is_not_registered_is_not_shown(server: AppServer) -> None:
    found = asked(server, scope="openid user/Claim.cruds patient/Goal.rs patient/Claim.rs launch")
    assert [one.text for one in found.resources] == ["user/Claim.rs", "patient/Claim.rs"]


def test_what_the_role_may_never_have_is_not_shown(server: AppServer) -> None:
    server.role_scopes = "patient/Patient.rs"
    assert [one.text for one in asked(server).resources] == ["patient/Patient.rs"]


def test_a_login_that_must_be_new_is_named(server: AppServer) -> None:
    handle = server.handle(max_age="60")
    found = shown(server, handle)
    assert found is not None
    assert found.fresh_since == NOW - MINUTE


@pytest.mark.parametrize("handle", ["", "unknown", "x" * 43])
def test_an_unknown_handle_shows_nothing(server: AppServer, handle: str) -> None:
    assert shown(server, handle) is None


def test_a_request_ends_after_ten_minutes(server: AppServer) -> None:
    handle = server.handle()
    server.clock.advance(authorizations.LIFETIME - 1)
    assert shown(server, handle) is not None
    server.clock.advance(1)
    assert shown(server, handle) is None
    with pytest.raises(NothingToDecide):
        denied(server, handle)


# --- what is granted: requested and registered and ticked and of the role (S14)


def test_everything_ticked_is_granted_as_it_was_asked(server: AppServer) -> None:
    assert server.tokens()["scope"] == SCOPE
    assert granted(server) == SCOPE


@pytest.mark.requirement("smart-2.2/untick", "smart-2.2/granular-offer", "S14")
@pytest.mark.parametrize(
    ("ticked", "scope"),
    [
        (("patient/Claim.rs", "offline_access"), "openid fhirUser launch/patient offline_access patient/Claim.rs"),
        (("patient/Claim.rs",), "openid fhirUser launch/patient patient/Claim.rs"),
        (("offline_access",), "openid fhirUser launch/patient offline_access"),
        (("patient/Claim.r",), "openid fhirUser launch/patient patient/Claim.r"),
        (
            ("patient/Claim.rs?use=claim", "patient/Claim.rs?use=preauthorization"),
            "openid fhirUser launch/patient patient/Claim.rs?use=claim patient/Claim.rs?use=preauthorization",
        ),
        (
            ("patient/Claim.cruds", "patient/Goal.rs", "user/*.rs", "x"),
            "openid fhirUser launch/patient patient/Claim.rs",
        ),
    ],
)
def test_what_is_ticked_bounds_what_is_granted(server: AppServer, ticked: tuple[str, ...], scope: str) -> None:
    """S14; the public kit's "limited scope grant" and "granular scope selection"."""
    told = server.allow(server.handle(), *ticked)
    assert server.redeem(told["code"]).json()["scope"] == scope


@pytest.mark.requirement("smart-2.2/underlying-permission", "S14")
def test_the_role_bounds_what_is_granted(server: AppServer) -> None:
    handle = server.handle()
    server.role_scopes = "patient/Claim.r"
    told = server.allow(handle, "patient/Claim.rs", "patient/Patient.rs")
    assert server.redeem(told["code"]).json()["scope"] == "openid fhirUser launch/patient patient/Claim.r"


@pytest.mark.requirement("smart-2.2/granular-echo")
def test_granular_scopes_come_back_as_they_were_asked(server: AppServer) -> None:
    """The US Core kit's granular scopes: un-encoded, and nothing whole beside them."""
    wanted = "openid patient/Claim.rs?type=http://a.b/c|d patient/Claim.rs?use=claim&status=active"
    assert server.tokens(scope=wanted)["scope"] == wanted


@pytest.mark.requirement("smart-2.2#126")
def test_scopes_of_the_first_version_come_back_in_that_form(server: AppServer) -> None:
    assert server.tokens(scope="openid patient/Claim.read")["scope"] == "openid patient/Claim.read"


def test_allowing_nothing_is_refusing(server: AppServer) -> None:
    handle = server.handle(scope="patient/Claim.rs")
    server.role_scopes = ""
    assert server.allow(handle, "patient/Claim.rs")["error"] == "access_denied"
    assert server.write(lambda conn: conn.execute(select(GRANT)).first()) is None


def test_the_person_may_act_for_another_and_the_token_says_for_whom(server: AppServer) -> None:
    server.choices = (JANICE, DYLAN)
    told = server.allow(server.handle(), choice=DYLAN)
    assert server.redeem(told["code"]).json()["patient"] == "dylan"
    row = server.write(lambda conn: conn.execute(select(GRANT)).one())
    assert (row.fhir_user, row.role, row.organisation) == (DYLAN.fhir_user, "representative", None)


@pytest.mark.parametrize("stranger", [DYLAN, STAFF])
def test_nobody_acts_as_whom_they_are_not(server: AppServer, stranger: Choice) -> None:
    with pytest.raises(NothingToDecide):
        server.allow(server.handle(), choice=stranger)
    assert server.write(lambda conn: conn.execute(select(GRANT)).first()) is None


@pytest.mark.requirement("smart-2.2#164")
def test_staff_without_a_person_at_hand_get_no_scopes_of_one_person(server: AppServer) -> None:
    server.choices = (STAFF,)
    told = server.allow(server.handle(scope=f"{SCOPE} user/Claim.rs"), choice=STAFF)
    body = server.redeem(told["code"]).json()
    assert body["scope"] == "openid fhirUser offline_access user/Claim.rs"
    assert "patient" not in body


def test_staff_may_be_granted_within_one_persons_record_what_they_may_do_at_all(server: AppServer) -> None:
    server.choices = (STAFF,)
    server.role_scopes = "user/Claim.rs"
    told = server.allow(launched(server, patient="dylan"), choice=STAFF)
    body = server.redeem(told["code"]).json()
    assert (body["patient"], body["scope"]) == ("dylan", "openid launch patient/Claim.rs")


# --- one decision, by the right person


@pytest.mark.requirement("smart-2.2#54", "rfc9207#2-2")
def test_the_app_is_told_of_a_refusal(server: AppServer) -> None:
    """FAPI2SPFinal "user refuses"."""
    told = denied(server, server.handle())
    assert set(told) == {"error", "error_description", "state", "iss"}
    assert (told["error"], told["state"], told["iss"]) == ("access_denied", server.params()["state"], ISSUER)
    assert server.noted[-1][:2] == ("consent", "denied")


@pytest.mark.requirement("smart-2.2#56", "rfc6749#4.1.2-4", "rfc9207#2-1")
def test_the_answer_holds_code_state_and_issuer_and_no_more(server: AppServer) -> None:
    told = server.allow(server.handle())
    assert set(told) == {"code", "state", "iss"}
    assert (told["state"], told["iss"]) == (server.params()["state"], ISSUER)
    assert "state" not in server.allow(server.handle(state=None))


def test_a_request_is_decided_once(server: AppServer) -> None:
    """Hydra's "consent verifier double-submitted"."""
    handle = server.handle()
    server.allow(handle)
    assert shown(server, handle) is None
    login = server.login
    assert login is not None
    with pytest.raises(NothingToDecide):
        denied(server, handle)
    assert len(server.write(lambda conn: conn.execute(select(CODE)).all())) == 1


def test_a_login_too_old_cannot_decide(server: AppServer) -> None:
    handle = server.handle(max_age="60")
    server.clock.advance(SECOND)
    old = server.log_in()
    fresh_handle = query(server.authorize(prompt="login").headers["location"])
    assert set(fresh_handle) == {"request"}
    server.clock.advance(1)
    login_page = query(server.authorize(prompt="login").headers["location"])["then"]
    with pytest.raises(LoginNeeded):
        server.write(lambda conn: consent.deny(server.config, conn, query(login_page)["request"], old, server.clock()))
    assert shown(server, handle) is not None


@pytest.mark.requirement("S1")
@pytest.mark.parametrize(
    "change",
    [
        {"status": "revoked"},
        {"redirect_uris": json.dumps(["https://app.example/other"])},
    ],
)
def test_a_client_or_an_address_taken_back_gets_no_answer(server: AppServer, change: dict[str, str]) -> None:
    """S1 holds at the moment of the answer."""
    handle = server.handle()
    server.write(lambda conn: conn.execute(update(CLIENT).where(CLIENT.c.client_id == "patient-app").values(change)))
    assert shown(server, handle) is None
    with pytest.raises(NothingToDecide):
        denied(server, handle)


def test_a_decision_that_fails_leaves_the_request_open(server: AppServer) -> None:
    """S6: no half state."""
    handle = server.handle()
    with pytest.raises(NothingToDecide):
        server.allow(handle, choice=DYLAN)
    row = server.write(lambda conn: conn.execute(select(AUTHORIZATION)).one())
    assert row.decided_at is None
    assert "code" in server.allow(handle)


# --- launches


def launched(server: AppServer, patient: str | None = "janice", **changes: str) -> str:
    """The handle of a request that came from a launch."""
    return server.handle(launch=launch(server, patient), scope="openid launch patient/Claim.rs", **changes)


@pytest.mark.requirement("smart-2.2/ehr-launch", "smart-2.2#168", "smart-2.2#172")
def test_a_launch_brings_its_person_without_asking_which(server: AppServer) -> None:
    server.choices = (JANICE, DYLAN)
    handle = launched(server)
    found = shown(server, handle)
    assert found is not None
    assert (found.patient, found.choices) == ("janice", (JANICE,))
    body = server.redeem(server.allow(handle)["code"]).json()
    assert body["patient"] == "janice"
    assert body["need_patient_banner"] is False
    assert body["fhirContext"] == [{"reference": "CarePlan/plan"}]
    assert "launch" in body["scope"].split()


@pytest.mark.requirement("smart-2.2/launch-bound")
def test_a_launch_serves_once(server: AppServer) -> None:
    handle = launch(server)
    assert server.handle(launch=handle, scope="openid launch patient/Claim.rs")
    assert sent_back(server.authorize(launch=handle, scope="openid launch"))["error"] == "invalid_request"


@pytest.mark.requirement("smart-2.2/launch-bound")
def test_a_launch_ends_after_five_minutes(server: AppServer) -> None:
    handle = launch(server)
    server.clock.advance(launches.LIFETIME)
    assert sent_back(server.authorize(launch=handle, scope="openid launch"))["error"] == "invalid_request"


@pytest.mark.requirement("smart-2.2/launch-bound")
def test_a_launch_is_for_one_app(server: AppServer) -> None:
    handle = launch(server)
    reply = server.authorize(launch=handle, scope="openid launch", client_id="secret-app")
    assert sent_back(reply)["error"] == "invalid_request"
    assert server.handle(launch=handle, scope="openid launch patient/Claim.rs")


@pytest.mark.requirement("smart-2.2/launch-bound")
def test_a_launch_is_for_one_account(server: AppServer) -> None:
    handle = launched(server)
    server.log_in("somebody-else")
    assert shown(server, handle) is None
    with pytest.raises(NothingToDecide):
        denied(server, handle)


@pytest.mark.requirement("smart-2.2/ehr-launch")
def test_a_launch_opens_the_app_with_our_base_and_its_handle(server: AppServer) -> None:
    client = server.write(lambda conn: clients.find(conn, "patient-app"))
    assert client is not None
    address = launches.address(client, FHIR, "handle")
    assert address is not None
    assert address.startswith("https://app.example/launch?")
    assert query(address) == {"iss": FHIR, "launch": "handle"}


@pytest.mark.requirement("smart-2.2/launch-scope")
def test_without_a_launch_the_scope_launch_is_not_granted(server: AppServer) -> None:
    assert server.tokens(scope="openid launch patient/Claim.rs")["scope"] == "openid patient/Claim.rs"


# --- what people granted


@pytest.mark.requirement("smart-2.2/revocation-by-person")
def test_what_an_account_granted_is_listed_and_can_be_ended(server: AppServer) -> None:
    token = server.tokens()["access_token"]
    login = server.login
    assert login is not None
    [line] = server.write(lambda conn: grants.grants_of(conn, login.account_id, NOW))
    assert (line.client_id, line.client_name, line.scope, line.offline) == ("patient-app", "My budget", SCOPE, True)
    assert (line.created_at, line.last_used, line.patient) == (NOW, NOW, "janice")
    assert server.is_good(token)
    assert not server.write(lambda conn: grants.revoke_grant(conn, line.grant_id, "somebody-else", NOW))
    assert server.is_good(token)
    assert server.write(lambda conn: grants.revoke_grant(conn, line.grant_id, login.account_id, NOW))
    assert not server.is_good(token)
    assert not server.write(lambda conn: grants.revoke_grant(conn, line.grant_id, login.account_id, NOW))
    assert server.write(lambda conn: grants.grants_of(conn, login.account_id, NOW)) == []


def test_all_grants_of_an_account_or_of_one_of_its_people_can_be_ended(server: AppServer) -> None:
    server.choices = (JANICE, DYLAN)
    login = server.login
    assert login is not None
    for choice in (JANICE, DYLAN, DYLAN):
        server.redeem(server.allow(server.handle(), choice=choice)["code"])
    ended = server.write(lambda conn: grants.revoke_all(conn, login.account_id, NOW, fhir_user=DYLAN.fhir_user))
    assert ended == 2
    assert server.write(lambda conn: grants.revoke_all(conn, login.account_id, NOW)) == 1
