"""Logging in at another issuer: the way there and back, and every way it can go wrong.

The lies carry the names of the public suites' tests of relying parties where there is one (FAPI2SPFinalClientTest...).
"""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from sqlalchemy import Engine, select

from auth import accounts, csrf, outgoing, sessions
from auth.store import EXTERNAL_LOGIN, SESSION
from tests.auth.builders import ISSUER, MINUTE, SECOND, key, opened, signed
from tests.auth.issuers.conftest import NHS_LOGIN, PATIENT, Browser, Party, loaded, party_of
from tests.auth.issuers.fake_issuer import SIGNED_BY, FakeIssuer, drip, hash_of, reply, unsigned

NOTHING = [0, 0, 0, 0, 0]


def refused(party: Party, reply: Any, status: int = 400) -> None:
    """A page says so, nobody is logged in, and nothing was made."""
    assert reply.status_code == status, reply.text
    assert "text/html" in reply.headers["content-type"]
    assert "location" not in reply.headers
    assert party.account() is None
    assert sessions.COOKIE not in party.browser.cookies
    assert party.counts() == NOTHING
    assert party.notes[-1][:2] == ("login", "refused")


def parameters(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query, strict_parsing=True))


def altered(address: str, **changes: str | None) -> str:
    found = {name: value for name, value in (parameters(address) | changes).items() if value is not None}
    return f"{address.partition('?')[0]}?{urlencode(found)}"


# --- the way there and back


def test_the_browser_is_sent_to_the_issuer_with_fresh_secrets(party: Party) -> None:
    first, second = party.begin(), party.begin()
    assert first.status_code == 303
    assert first.headers["cache-control"] == "no-store"
    asked = parameters(first.headers["location"])
    assert asked | {"state": "", "nonce": "", "code_challenge": ""} == {
        "response_type": "code",
        "client_id": "phb-gateway",
        "redirect_uri": f"{ISSUER}/login/with/nhs-login/callback",
        "scope": "openid profile",
        "state": "",
        "nonce": "",
        "code_challenge": "",
        "code_challenge_method": "S256",
        "vtr": '["P9.Cp.Cd","P9.Cp.Ck","P9.Cm"]',
        "max_age": "3600",
        "prompt": "login",
    }
    again = parameters(second.headers["location"])
    assert all(asked[name] != again[name] for name in ("state", "nonce", "code_challenge"))


@pytest.mark.requirement("S67")
def test_the_cookie_of_the_browser_is_of_this_host_alone(party: Party) -> None:
    (cookie,) = party.begin().headers.get_list("set-cookie")
    assert cookie.startswith("__Host-phb-external=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax", "Max-Age=600"} <= set(cookie.split("; "))


def test_whoever_is_found_is_logged_in_and_goes_on_where_they_were(party: Party) -> None:
    reply = party.log_in()
    assert (reply.status_code, reply.headers["location"]) == (303, "/oauth2/consent?request=abc")
    account_id = party.account()
    assert account_id is not None
    (link,) = party.server.write(lambda conn: accounts.links_of(conn, account_id))
    assert (link.fhir_user, link.role, link.how) == (PATIENT, "person", party.fake.url)
    assert party.notes == [("login", "granted", {"issuer": "nhs-login", "account_id": account_id})]
    session = party.server.write(lambda conn: conn.execute(select(SESSION)).one())
    assert (session.acr, session.auth_time) == ("P9.Cp.Cd", party.server.clock())


def test_nothing_secret_of_a_login_is_kept_readable(party: Party) -> None:
    address = party.begin().headers["location"]
    row = party.server.write(lambda conn: conn.execute(select(EXTERNAL_LOGIN)).one())
    secrets = (parameters(address)["state"], parameters(address)["nonce"], party.browser.cookies["__Host-phb-external"])
    assert not set(row) & set(secrets)


def test_a_second_login_opens_the_same_account_with_another_session(party: Party) -> None:
    party.log_in()
    first, cookie = party.account(), party.browser.cookies[sessions.COOKIE]
    party.server.clock.advance(SECOND)
    party.log_in()
    assert party.account() == first
    assert party.browser.cookies[sessions.COOKIE] != cookie
    assert party.counts() == [1, 1, 2, 0, 0]
    party.browser.cookies[sessions.COOKIE] = cookie
    assert party.account() is None


def test_a_worker_comes_in_with_the_role_they_chose(at_work: Party) -> None:
    asked = parameters(at_work.begin().headers["location"])
    assert asked["acr_values"] == "AAL2_OR_AAL3_ANY"
    assert at_work.log_in().status_code == 303
    account_id = at_work.account()
    assert account_id is not None
    (link,) = at_work.server.write(lambda conn: accounts.links_of(conn, account_id))
    assert (link.fhir_user, link.role, link.organisation) == ("PractitionerRole/marsh", "coordinator", "icb")
    session = at_work.server.write(lambda conn: conn.execute(select(SESSION)).one())
    assert (session.acr, session.amr) == ("AAL3_ANY", '["N3_SMARTCARD"]')


@pytest.mark.requirement("rfc6749#10.15-1")
@pytest.mark.parametrize(
    ("then", "address"),
    [
        ("/apps", "/apps"),
        (None, "/me"),
        ("https://evil.example/", "/me"),
        ("//evil.example/", "/me"),
        ("/\\evil.example/", "/me"),
        ("/apps\r\nSet-Cookie: a=b", "/me"),
        ("/" + "a" * 2048, "/me"),
    ],
)
def test_a_login_leads_on_to_our_own_pages_only(party: Party, then: str | None, address: str) -> None:
    begun = party.begin(then=then)
    if begun.status_code == 303:
        assert party.come_back(party.fake.log_in(begun.headers["location"])).headers["location"] == address
    else:
        refused(party, begun)


# --- the form


@pytest.mark.parametrize(
    ("field", "headers"),
    [
        (None, {}),
        ("guessed", {}),
        ("right", {"Sec-Fetch-Site": "cross-site"}),
        ("right", {"Origin": "https://evil.example"}),
    ],
    ids=["no field", "another field", "from another site", "from another origin"],
)
def test_a_form_that_is_not_ours_begins_no_login(party: Party, field: str | None, headers: dict[str, str]) -> None:
    """S67: a login is not begun in somebody's name from another page."""
    cookie = party.browser.cookies.setdefault(csrf.COOKIE, csrf.new_cookie())
    sent = {} if field is None else {csrf.FIELD: csrf.of_cookie(cookie) if field == "right" else field}
    reply = party.send("POST", "/login/with/nhs-login", data=sent or {"then": "/me"}, headers=headers)
    refused(party, reply, 403)
    assert party.server.write(lambda conn: conn.execute(select(EXTERNAL_LOGIN)).first()) is None


@pytest.mark.requirement("S28")
def test_an_issuer_that_is_not_listed_is_not_known(party: Party) -> None:
    refused(party, party.send("POST", "/login/with/another", data={"csrf": "x"}), 404)
    refused(party, party.send("GET", "/login/with/another/callback?state=a&code=b"), 404)


# --- the answer


@pytest.mark.requirement("rfc9207#2.4-1")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"state": "guessed"}, id="invalid state"),
        pytest.param({"state": None}, id="missing state"),
        pytest.param({"iss": "https://evil.example"}, id="FAPI2SPFinalClientTestInvalidAuthorizationResponseIss"),
        pytest.param({"iss": ""}, id="empty iss"),
        pytest.param({"code": None}, id="missing code"),
        pytest.param({"code": "another"}, id="invalid code"),
        pytest.param({"code": None, "error": "access_denied"}, id="the person refused"),
        pytest.param({"error": "server_error"}, id="code and error at once"),
    ],
)
def test_an_answer_that_is_not_right_logs_nobody_in(party: Party, change: dict[str, str | None]) -> None:
    address = altered(party.fake.log_in(party.begin().headers["location"]), **change)
    refused(party, party.come_back(address), 503 if change.get("code") == "another" else 400)


def test_a_repeated_parameter_logs_nobody_in(party: Party) -> None:
    address = party.fake.log_in(party.begin().headers["location"])
    refused(party, party.come_back(address + "&code=another"))


@pytest.mark.parametrize(
    "query", ["", "?", "?state", "?" + "a=1&" * 60 + "state=x", "?state=" + "x" * 9000, "?state=%ff%00"]
)
def test_an_odd_query_is_refused_on_a_page(party: Party, query: str) -> None:
    refused(party, party.send("GET", f"/login/with/nhs-login/callback{query}"))


def test_a_state_is_used_once(party: Party) -> None:
    address = party.fake.log_in(party.begin().headers["location"])
    cookies = dict(party.browser.cookies)
    assert party.come_back(address).status_code == 303
    party.browser.cookies = cookies
    assert party.come_back(address).status_code == 400
    assert party.counts() == [1, 1, 1, 0, 0]
    assert party.fake.asked.count("/token") == 1


def test_a_state_is_used_up_by_an_answer_without_a_code(party: Party) -> None:
    address = party.fake.log_in(party.begin().headers["location"])
    party.come_back(altered(address, code=None, error="access_denied"))
    refused(party, party.come_back(address))


def test_a_code_the_issuer_has_seen_before_logs_nobody_in(party: Party) -> None:
    address = party.fake.log_in(party.begin().headers["location"])
    party.fake.code_used = True
    refused(party, party.come_back(address), 503)


@pytest.mark.requirement("lesson-06")
def test_a_second_browser_is_not_logged_in_and_does_not_use_the_state_up(party: Party) -> None:
    """Somebody sends another the address with their own code: the other is not logged in as them."""
    address = party.fake.log_in(party.begin().headers["location"])
    first, party.browser = party.browser, Browser()
    refused(party, party.come_back(address))
    party.begin()
    refused(party, party.come_back(address))
    party.browser = first
    assert party.come_back(address).status_code == 303


def test_an_answer_that_comes_ten_minutes_late_logs_nobody_in(party: Party) -> None:
    address = party.fake.log_in(party.begin().headers["location"])
    party.server.clock.advance(10 * MINUTE)
    refused(party, party.come_back(address))
    party.begin()
    assert len(party.server.write(lambda conn: conn.execute(select(EXTERNAL_LOGIN)).all())) == 2
    party.server.clock.advance(1)
    party.begin()
    assert len(party.server.write(lambda conn: conn.execute(select(EXTERNAL_LOGIN)).all())) == 2


# --- what the issuer says


def claim(name: str, value: Any) -> Callable[[FakeIssuer], None]:
    return lambda fake: fake.lies.claims.update({name: value})


def later(name: str, seconds: int) -> Callable[[FakeIssuer], None]:
    return lambda fake: fake.lies.claims.update({name: fake.clock() // SECOND + seconds})


def header(**members: Any) -> Callable[[FakeIssuer], None]:
    return lambda fake: fake.lies.header.update(members)


def lie(**lies: Any) -> Callable[[FakeIssuer], None]:
    def tell(fake: FakeIssuer) -> None:
        for name, value in lies.items():
            setattr(fake.lies, name, value)

    return tell


def with_public_key(claims: dict[str, Any]) -> str:
    """Signed with HMAC, the public key as the secret."""
    parts = (json.dumps({"alg": "HS256", "kid": "rsa-7", "typ": "JWT"}), json.dumps(claims))
    text = ".".join(base64(part.encode()) for part in parts)
    secret = key("rsa", SIGNED_BY).as_pem(private=False)
    return f"{text}.{base64(hmac.digest(secret, text.encode(), 'sha256'))}"


def without_alg(claims: dict[str, Any]) -> str:
    true = signed(claims, signing=key("rsa", SIGNED_BY), alg="RS512")
    return ".".join((base64(b'{"kid": "rsa-7", "typ": "JWT"}'), *true.split(".")[1:]))


def by_a_stranger(claims: dict[str, Any]) -> str:
    return signed(claims, signing=key("rsa", 9), alg="RS512", kid="rsa-7")


def base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def with_key_inside(claims: dict[str, Any]) -> str:
    """Signed with a key that the header brings along."""
    stranger = key("rsa", 9)
    return signed(claims, signing=stranger, alg="RS512", jwk=stranger.as_dict(private=False), kid="rsa-7")


LIES: dict[str, Callable[[FakeIssuer], None]] = {
    "FAPI2SPFinalClientTestInvalidIss": claim("iss", "https://evil.example"),
    "FAPI2SPFinalClientTestMissingIss": claim("iss", None),
    "FAPI2SPFinalClientTestInvalidAud": claim("aud", "somebody-else"),
    "FAPI2SPFinalClientTestMissingAud": claim("aud", None),
    "FAPI2SPFinalClientTestInvalidSecondaryAud": claim("aud", ["phb-gateway", "somebody-else"]),
    "an empty list of audiences": claim("aud", []),
    "azp of somebody else": claim("azp", "somebody-else"),
    "FAPI2SPFinalClientTestInvalidNonce": claim("nonce", "guessed"),
    "FAPI2SPFinalClientTestMissingNonce": claim("nonce", None),
    "FAPI2SPFinalClientTestExpiredExp": later("exp", -31),
    "FAPI2SPFinalClientTestMissingExp": claim("exp", None),
    "exp as a text": claim("exp", "1800000300"),
    "exp true": claim("exp", value=True),
    "exp two days ahead": later("exp", 2 * 86400),
    "iat 61 s ahead": later("iat", 61),
    "iat missing": claim("iat", None),
    "nbf 61 s ahead": later("nbf", 61),
    "sub missing": claim("sub", None),
    "sub not a text": claim("sub", 17),
    "sub too long": claim("sub", "x" * 256),
    "sub with a line break": claim("sub", "a\nb"),
    "auth_time missing": claim("auth_time", None),
    "auth_time before the person was sent": later("auth_time", -31),
    "auth_time in the future": later("auth_time", 61),
    "FAPI2SPFinalClientTestInvalidNullAlg": lie(sign=unsigned),
    "HMAC with the public key": lie(sign=with_public_key),
    "FAPI2SPFinalClientTestInvalidAlternateAlg": header(alg="RS256"),
    "PS256, which it does not use": header(alg="PS256"),
    "alg missing": lie(sign=without_alg),
    "a key of its own in the header": lie(sign=with_key_inside),
    "a key set elsewhere": header(jku="https://evil.example/jwks"),
    "a certificate address": header(x5u="https://evil.example/pem"),
    "a critical header nobody knows": header(crit=["b64"], b64=True),
    "a key nobody published": lie(number=9),
    "a published name on another key": lie(sign=by_a_stranger),
    "no kid": header(kid=None),
    "the type of an access token": header(typ="at+jwt"),
    "the type of a logout token": header(typ="logout+jwt"),
    "a logout token": claim("events", {"http://schemas.openid.net/event/backchannel-logout": {}}),
    "at_hash of another token": claim("at_hash", hash_of("another")),
    "at_hash by another hash": claim("at_hash", hash_of("an-access-token", "256")),
    "at_hash missing": claim("at_hash", None),
    "at_hash not a text": claim("at_hash", 17),
    "vot P5": claim("vot", "P5.Cp.Cd"),
    "vot missing": claim("vot", None),
    "vot as a list": claim("vot", ["P9.Cp.Cd"]),
    "another trustmark": claim("vtm", "https://evil.example/trustmark"),
    "proofing level P5": claim("identity_proofing_level", "P5"),
    "userinfo of somebody else": lie(userinfo={"sub": "person-2"}),
    "userinfo of nobody": lie(userinfo={"sub": None}),
    "userinfo with another NHS number": lie(userinfo={"nhs_number": "9990000026"}),
    "the level in userinfo only": lie(claims={"vot": None}, userinfo={"vot": "P9.Cp.Cd"}),
    "no id_token": lie(tokens={"id_token": None}),
    "an id_token that is no text": lie(tokens={"id_token": {"sub": "x"}}),
    "an id_token that is no token": lie(tokens={"id_token": "nonsense"}),
    "an id_token of unreadable parts": lie(tokens={"id_token": "e30.e3.x"}),
    "an oversized id_token": claim("padding", "x" * 20_000),
    "no access token": lie(tokens={"access_token": None}),
    "an access token with a line break": lie(tokens={"access_token": "a\r\nb"}),
    "a token type nobody knows": lie(tokens={"token_type": "DPoP"}),
}  # fmt: skip


@pytest.mark.requirement(
    "rfc8725#3.10-1",
    "oidc-core#3.1.3.7-1",
    "oidc-core#3.1.3.8-1",
    "oidc-core#5.3.2-2",
    "S21",
    "S28",
    "lesson-02",
    "lesson-04",
)
@pytest.mark.parametrize("name", LIES)
def test_a_lie_logs_nobody_in(party: Party, name: str) -> None:
    LIES[name](party.fake)
    refused(party, party.log_in())


def answering(path: str, status: int, body: str = "", **headers: str) -> Callable[[FakeIssuer], None]:
    return lambda fake: fake.lies.answer.update({path: lambda request: reply(request, status, body, **headers)})


AWAY: dict[str, Callable[[FakeIssuer], None]] = {
    "a token endpoint that redirects": answering("/token", 302, Location="/token2"),
    "a huge answer": answering("/token", 200, "x" * 70_000),
    "an answer that is not JSON": answering("/token", 200, "<p>"),
    "an answer with a name twice": answering("/token", 200, '{"id_token": "a", "id_token": "b"}'),
    "userinfo refused": answering("/userinfo", 401),
    "userinfo elsewhere": answering("/userinfo", 302, Location="/userinfo2"),
}


@pytest.mark.parametrize("name", AWAY)
def test_an_issuer_that_does_not_answer_well_logs_nobody_in(party: Party, name: str) -> None:
    AWAY[name](party.fake)
    refused(party, party.log_in(), 503)
    assert not {"/token2", "/userinfo2"} & set(party.fake.asked)


def test_an_issuer_that_drips_is_left_at_the_deadline(party: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "TOTAL_S", 0.2)
    party.fake.lies.answer["/token"] = drip
    refused(party, party.log_in(), 503)


def test_an_issuer_without_its_keys_logs_nobody_in(party: Party) -> None:
    party.fake.lies.answer["/jwks"] = lambda request: reply(request, 500, "")
    refused(party, party.log_in())


@pytest.mark.requirement("S25")
@pytest.mark.parametrize("name", ["exp", "iat", "nbf", "auth_time"])
def test_clocks_may_differ_by_a_few_seconds(party: Party, name: str) -> None:
    """S25: 10 s ahead, or behind, passes."""
    later(name, 10 if name != "exp" else -10)(party.fake)
    assert party.log_in().status_code == 303


@pytest.mark.parametrize("aud", [["phb-gateway"], ["phb-gateway", "another"]])
def test_several_audiences_pass_where_the_token_was_made_for_us(party: Party, aud: list[str]) -> None:
    party.fake.lies.claims = {"aud": aud, "azp": "phb-gateway"}
    assert party.log_in().status_code == 303


@pytest.mark.requirement("S28")
@pytest.mark.parametrize("acr", ["AAL1_USERPASS", "AAL0", None])
def test_a_worker_without_a_second_factor_is_refused(at_work: Party, acr: str | None) -> None:
    at_work.fake.lies.claims["acr"] = acr
    refused(at_work, at_work.log_in())


def test_the_keys_are_fetched_once_and_an_unknown_kid_fetches_once_a_minute(party: Party) -> None:
    """S31."""
    party.log_in()
    party.log_in()
    assert party.fake.asked.count("/jwks") == 1
    party.fake.lies.number = 9
    for _ in range(3):
        party.log_in()
    assert party.fake.asked.count("/jwks") == 1
    party.server.clock.advance(MINUTE)
    for _ in range(3):
        party.log_in()
    assert party.fake.asked.count("/jwks") == 2


# --- an earlier login there


@pytest.fixture
def with_sso(engine: Engine, fake: FakeIssuer, folder: Path) -> Party:
    """Our side, which takes a login there of the last hour."""
    return party_of(engine, fake, loaded(folder, NHS_LOGIN + "sso = true\n", fake.url))


def test_a_login_there_of_the_last_hour_is_as_old_here_as_it_is(with_sso: Party) -> None:
    """A page that needs a fresh login asks again."""
    assert "prompt" not in parameters(with_sso.begin().headers["location"])
    later("auth_time", -3000)(with_sso.fake)
    assert with_sso.log_in().status_code == 303
    session = with_sso.server.write(lambda conn: conn.execute(select(SESSION)).one())
    assert session.auth_time == with_sso.server.clock() - 3000 * SECOND


@pytest.mark.parametrize(
    "told", [later("auth_time", -3631), claim("auth_time", None)], ids=["too long ago", "not told"]
)
def test_an_earlier_login_there_must_be_told_and_not_too_old(
    with_sso: Party, told: Callable[[FakeIssuer], None]
) -> None:
    told(with_sso.fake)
    refused(with_sso, with_sso.log_in())


def test_of_answers_that_come_at_once_one_logs_in(database_url: str, fake: FakeIssuer, folder: Path) -> None:
    with opened(database_url) as engine:
        party = party_of(engine, fake, loaded(folder, NHS_LOGIN, fake.url))
        address = fake.log_in(party.begin().headers["location"])
        replies = party.many(*[("GET", address)] * 6)
        assert sorted(reply.status_code for reply in replies) == [303] + [400] * 5
        assert party.counts() == [1, 1, 1, 0, 0]


# --- whom it opens nothing for


@pytest.mark.requirement("S29")
@pytest.mark.parametrize(
    "claims",
    [
        {"nhs_number": "9990000026"},
        {"birthdate": "1961-03-15"},
        {"birthdate": None},
        {"birthdate": "1961-13-40"},
        {"birthdate": "14/03/1961"},
        {"nhs_number": 9990000018},
        {"nhs_number": "999 000 0018"},
        {"nhs_number": None},
    ],
    ids=str,
)
def test_whoever_matches_no_record_gets_a_page_and_nothing_else(party: Party, claims: dict[str, Any]) -> None:
    """S29: never by a bare NHS number, never by what is nearly right."""
    party.fake.lies.claims = claims
    party.fake.lies.userinfo = {"nhs_number": None}
    reply = party.log_in()
    refused(party, reply, 403)
    assert "We could not find a record for you" in reply.text


@pytest.mark.parametrize(
    "userinfo",
    [
        {"selected_roleid": "556"},
        {"selected_roleid": None},
        {"nhsid_nrbac_roles": None},
        {"nhsid_nrbac_roles": [{"person_roleid": "555", "org_code": "QYY"}]},
        {"nhsid_nrbac_roles": [{"person_roleid": "555", "org_code": code} for code in ("QXX", "QYY")]},
        {"nhsid_nrbac_roles": ["555"]},
    ],
    ids=str,
)
def test_a_worker_without_exactly_this_role_gets_nothing(at_work: Party, userinfo: dict[str, Any]) -> None:
    at_work.fake.lies.userinfo.update(userinfo)
    refused(at_work, at_work.log_in(), 403)


def test_a_store_that_fails_logs_nobody_in(party: Party) -> None:
    address = party.fake.log_in(party.begin().headers["location"])
    table = "login_session"
    with party.server.engine.begin() as conn:
        conn.exec_driver_sql(f"ALTER TABLE {table} RENAME TO away")
    assert party.come_back(address).status_code == 503
    with party.server.engine.begin() as conn:
        conn.exec_driver_sql(f"ALTER TABLE away RENAME TO {table}")
    assert party.counts() == NOTHING
