"""OpenID Connect: the id_token and userinfo, verified by libraries that know nothing of this server."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet
from sqlalchemy import update

from auth import id_tokens
from auth.store import GRANT, SIGNING_KEY
from tests.auth.apps import DYLAN, FHIR, JANICE, AppServer, on_sqlite
from tests.auth.builders import ISSUER, MINUTE, NOW, SECOND, Server, signed


@pytest.fixture
def server() -> Iterator[AppServer]:
    with on_sqlite() as server:
        yield server


def claims_of(server: Server, text: str) -> dict[str, Any]:
    keys = KeySet.import_key_set(server.send("GET", "/oauth2/jwks").json())
    return dict(jwt.decode(text, keys, algorithms=["RS256"]).claims)


@pytest.mark.requirement(
    "smart-2.2#198",
    "oidc-core#2-1",
    "oidc-core#2-2",
    "oidc-core#2-3",
    "oidc-core#3.1.3.6-1",
    "oidc-core#15.1-1",
    "oidc-discovery#4.3-1",
)
def test_an_id_token_verifies_and_says_who_and_when(server: AppServer) -> None:
    server.clock.advance(5 * SECOND)
    body = server.tokens(nonce="n-0S6_WzA2Mj")
    token = jwt.decode(body["id_token"], KeySet.import_key_set(server.send("GET", "/oauth2/jwks").json()), ["RS256"])
    assert token.header["alg"] == "RS256"
    assert token.header["kid"]
    login = server.login
    assert login is not None
    half = hashlib.sha256(body["access_token"].encode()).digest()[:16]
    assert token.claims == {
        "iss": ISSUER,
        "sub": login.account_id,
        "aud": "patient-app",
        "iat": NOW // SECOND + 5,
        "exp": NOW // SECOND + 305,
        "auth_time": NOW // SECOND,
        "nonce": "n-0S6_WzA2Mj",
        "amr": ["pwd"],
        "at_hash": urlsafe_b64encode(half).rstrip(b"=").decode(),
        "fhirUser": f"{FHIR}/Patient/janice",
    }


@pytest.mark.requirement("oidc-core#2-2", "oidc-core#3.1.3.6-1")
def test_an_openid_library_accepts_it(server: AppServer) -> None:
    """The OpenID suite's "id_token signature", by Authlib's own rules."""
    body = server.tokens(nonce="n-1", max_age="60")
    token = CodeIDToken(
        claims_of(server, body["id_token"]),
        {"alg": "RS256"},
        {"iss": {"values": [ISSUER]}, "aud": {"values": ["patient-app"]}, "nonce": {"value": "n-1"}},
        {"nonce": "n-1", "max_age": 60, "access_token": body["access_token"]},
    )
    token.validate(now=NOW // SECOND)


def test_a_changed_id_token_does_not_verify(server: AppServer) -> None:
    head, _, signature = server.tokens()["id_token"].split(".")
    other = urlsafe_b64encode(b'{"iss":"x"}').rstrip(b"=").decode()
    with pytest.raises(BadSignatureError):
        claims_of(server, f"{head}.{other}.{signature}")


@pytest.mark.requirement("oidc-core#2-4")
def test_the_subject_stays_the_same_and_is_another_for_another_account(server: AppServer) -> None:
    first, again = (claims_of(server, server.tokens()["id_token"])["sub"] for _ in range(2))
    server.log_in("somebody-else")
    assert first == again != claims_of(server, server.tokens()["id_token"])["sub"]


@pytest.mark.requirement("smart-2.2#198")
@pytest.mark.parametrize(
    ("scope", "told"), [("openid", set()), ("openid fhirUser", {"fhirUser"}), ("openid profile", {"fhirUser"})]
)
def test_who_the_user_is_in_the_record_is_told_where_it_was_asked(
    server: AppServer, scope: str, told: set[str]
) -> None:
    body = server.tokens(scope=f"{scope} patient/Claim.rs")
    assert {"fhirUser"} & set(claims_of(server, body["id_token"])) == told
    assert {"fhirUser"} & set(info(server, body["access_token"]).json()) == told


@pytest.mark.requirement("smart-2.2#198")
def test_somebody_acting_for_another_is_named_as_themselves(server: AppServer) -> None:
    server.choices = (JANICE, DYLAN)
    body = server.redeem(server.allow(server.handle(), choice=DYLAN)["code"]).json()
    assert claims_of(server, body["id_token"])["fhirUser"] == f"{FHIR}/{DYLAN.fhir_user}"


def test_how_a_person_logged_in_elsewhere_is_told(server: AppServer) -> None:
    code = server.code()
    server.write(lambda conn: conn.execute(update(GRANT).values(acr="P9", amr='["mfa"]')))
    told = claims_of(server, server.redeem(code).json()["id_token"])
    assert (told["acr"], told["amr"]) == ("P9", ["mfa"])


# --- userinfo


def info(server: Server, token: str, method: str = "GET") -> Any:
    return server.send(method, "/oauth2/userinfo", headers={"Authorization": f"Bearer {token}"})


@pytest.mark.requirement("oidc-core#5.3.1-1", "oidc-core#5.3.2-1")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_userinfo_says_the_same_as_the_id_token(server: AppServer, method: str) -> None:
    body = server.tokens()
    told = claims_of(server, body["id_token"])
    reply = info(server, body["access_token"], method)
    assert reply.json() == {"sub": told["sub"], "fhirUser": told["fhirUser"]}
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.requirement("rfc6750#3.1-2", "oidc-core#5.3.3-1")
def test_userinfo_needs_the_scope_openid(server: AppServer) -> None:
    reply = info(server, server.tokens(scope="patient/Claim.rs")["access_token"])
    assert (reply.status_code, reply.json()["error"]) == (403, "insufficient_scope")
    assert 'error="insufficient_scope"' in reply.headers["www-authenticate"]


def test_userinfo_knows_nobody_behind_a_system(server: AppServer) -> None:
    assert info(server, server.token()).status_code == 403


@pytest.mark.requirement("rfc6750#2.3-1", "oidc-core#5.3.3-1")
def test_userinfo_without_a_good_token_is_401(server: AppServer) -> None:
    assert server.send("GET", "/oauth2/userinfo").headers["www-authenticate"] == 'Bearer realm="fhir"'
    assert info(server, "unknown").status_code == 401
    in_the_address = server.send("GET", "/oauth2/userinfo", params={"access_token": server.tokens()["access_token"]})
    assert in_the_address.status_code == 401


def test_userinfo_ends_with_what_the_grant_rests_on(server: AppServer) -> None:
    token = server.tokens()["access_token"]
    server.holds = False
    assert info(server, token).status_code == 401


# --- an id_token given back


def test_a_hint_is_believed_from_us_alone(server: AppServer) -> None:
    login = server.login
    assert login is not None
    own = server.tokens()["id_token"]
    server.clock.advance(60 * MINUTE)

    def hinted(text: str) -> str | None:
        return server.write(lambda conn: id_tokens.hinted(server.config, conn, text, server.clock()))

    assert hinted(own) == login.account_id
    forged = signed({"iss": ISSUER, "sub": login.account_id}, alg="RS256")
    for text in (forged, "", "x.y.z", own[:-4] + "AAAA", "x" * 9000):
        assert hinted(text) is None


# --- keys


@pytest.mark.requirement("smart-2.2#207")
def test_the_first_id_token_makes_the_first_keys(server: AppServer) -> None:
    server.write(lambda conn: conn.execute(SIGNING_KEY.delete()))
    told = claims_of(server, server.tokens()["id_token"])
    assert told["iss"] == ISSUER
    published = server.send("GET", "/oauth2/jwks").json()["keys"]
    assert sorted(one["alg"] for one in published) == ["ES384", "ES384", "RS256", "RS256"]
    assert not any("d" in one for one in published)
