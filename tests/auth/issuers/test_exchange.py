"""Token exchange: a listed client brings another issuer's token, once, for what that person may have (RFC 8693)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import Connection, Engine, func, select, update

from auth import accounts, clients, grants, tokens
from auth.clients import Registration
from auth.issuers import exchange
from auth.issuers.federation import Federation, Matched
from auth.issuers.identity import Worker
from auth.issuers.settings import load
from auth.principal import Principal
from auth.seams import Choice
from auth.store import ACCESS_TOKEN, ACCOUNT_LINK, GRANT, SUBJECT_TOKEN
from tests.auth.builders import JWT_BEARER, MINUTE, NOW, SECOND, Publisher, Server, claims, key, opened, public, signed
from tests.auth.issuers.conftest import CIS2, NHS_LOGIN, PATIENT, ROLE
from tests.auth.issuers.fake_issuer import BORN, NHS_NUMBER, SIGNED_BY

ISS: Final = "https://login.example"
OURS: Final = "https://gateway.example/fhir"
ID_TOKEN: Final = "urn:ietf:params:oauth:token-type:id_token"
ACCESS: Final = exchange.ACCESS_TOKEN_TYPE
PEOPLE: Final = (
    NHS_LOGIN
    + f"""
use = ["people", "exchange"]
[issuer.exchange]
"portal" = "{OURS}"
"""
)
STAFF: Final = (
    CIS2
    + f"""
use = ["staff", "exchange"]
[issuer.exchange]
"portal" = "{OURS}"
"""
)
SCOPE: Final = "openid offline_access patient/Patient.rs patient/Claim.rs user/Patient.rs"


@dataclass
class Exchanger:
    """A server that takes one issuer's tokens, and a client with keys that brings them."""

    server: Server
    federation: Federation
    choices: dict[str, Choice] = field(default_factory=dict)
    holds: bool = True

    def __post_init__(self) -> None:
        self.server.seams = {
            "handlers": exchange.handlers(self.federation),
            "people": self._people,
            "role_scopes": lambda role: "patient/*.rs" if role == "person" else "user/*.rs",
            "still_holds": self._holds,
        }

    def _people(self, conn: Connection, account_id: str, _now: int) -> tuple[Choice, ...]:
        return tuple(
            Choice(
                link_id=link.link_id,
                fhir_user=link.fhir_user,
                role=link.role,
                organisation=link.organisation,
                patient=link.fhir_user.removeprefix("Patient/") if link.role == "person" else None,
                label="",
            )
            for link in accounts.links_of(conn, account_id)
        )

    def _holds(self, _conn: Connection, _principal: Principal, _now: int) -> bool:
        return self.holds

    def subject(self, **changes: Any) -> dict[str, Any]:
        """What the issuer says of Janice; None leaves a claim out."""
        now_s = self.server.clock() // SECOND
        true = {
            "iss": ISS,
            "aud": OURS,
            "sub": "person-1",
            "iat": now_s,
            "exp": now_s + 300,
            "jti": "one",
            "vot": "P9.Cp.Cd",
            "vtm": f"{ISS}/trustmark/login.example",
            "identity_proofing_level": "P9",
            "nhs_number": NHS_NUMBER,
            "birthdate": BORN,
        }
        return {name: value for name, value in (true | changes).items() if value is not None}

    def token(self, header: dict[str, Any] | None = None, number: int = SIGNED_BY, **changes: Any) -> str:
        return signed(self.subject(**changes), signing=key("rsa", number), **{"alg": "RS512", **(header or {})})

    def form(self, client_id: str = "portal", **changes: Any) -> dict[str, Any]:
        proof = signed(claims(self.server.clock, iss=client_id, sub=client_id))
        usual = {
            "grant_type": exchange.GRANT_TYPE,
            "subject_token": changes.pop("subject_token", None) or self.token(),
            "subject_token_type": ID_TOKEN,
            "client_assertion_type": JWT_BEARER,
            "client_assertion": proof,
        }
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def post(self, **changes: Any) -> httpx.Response:
        return self.server.post(data=self.form(**changes))

    def account(self) -> str:
        """Whose grant there is."""
        return str(self.server.write(lambda conn: conn.execute(select(GRANT.c.account_id).distinct()).scalar_one()))

    def count(self, table: Any) -> int:
        return int(self.server.write(lambda conn: conn.execute(select(func.count()).select_from(table)).scalar_one()))


def client(client_id: str, **changes: Any) -> Registration:
    usual: dict[str, Any] = {
        "client_id": client_id,
        "name": "Portal",
        "scope": SCOPE,
        "kind": "confidential",
        "jwks": public(key("rsa")),
        "redirect_uris": '["https://portal.example/callback"]',
    }
    return Registration(**(usual | changes))


def exchanger_on(engine: Engine, folder: Path, text: str = PEOPLE) -> Exchanger:
    (folder / "exchange.toml").write_text(text.replace("{url}", ISS))

    def person(_conn: Connection, number: str, born: date) -> str | None:
        return PATIENT if (number, born.isoformat()) == (NHS_NUMBER, BORN) else None

    def worker(_conn: Connection, one: Worker, _now: int) -> Matched | None:
        return ROLE if one == Worker(role_id="555", ods_code="QXX") else None

    federation = Federation(issuers=load(folder / "exchange.toml"), match_person=person, match_worker=worker)
    server = Server(engine, publisher=Publisher(body=public(key("rsa", SIGNED_BY))))
    for one in ("portal", "another"):
        server.write(lambda conn, name=one: clients.add(conn, client(name), NOW))  # type: ignore[misc]
    return Exchanger(server, federation)


@pytest.fixture
def exchanger(engine: Engine, folder: Path) -> Exchanger:
    return exchanger_on(engine, folder)


# --- what it gives


@pytest.mark.requirement("rfc8693#2.2.1-1")
def test_the_client_gets_a_token_for_the_person_and_no_refresh_token(exchanger: Exchanger) -> None:
    reply = exchanger.post()
    assert reply.status_code == 200, reply.text
    assert reply.headers["cache-control"] == "no-store"
    body = reply.json()
    token = body.pop("access_token")
    assert body == {
        "issued_token_type": ACCESS,
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "patient/Patient.rs patient/Claim.rs",
        "patient": "janice",
    }
    principal = exchanger.server.write(lambda conn: tokens.verify(conn, f"Bearer {token}", NOW))
    assert (principal.client_id, principal.role, principal.fhir_user, principal.patient) == (
        *("portal", "person", PATIENT, "janice"),
    )


def test_a_worker_s_token_gives_what_their_role_may_have(engine: Engine, folder: Path) -> None:
    exchanger = exchanger_on(engine, folder, STAFF)
    roles = [{"person_roleid": "555", "org_code": "QXX"}, {"person_roleid": "556", "org_code": "QYY"}]
    token = exchanger.token(acr="AAL3_ANY", selected_roleid="555", nhsid_nrbac_roles=roles)
    reply = exchanger.post(subject_token=token)
    assert reply.status_code == 200, reply.text
    assert reply.json()["scope"] == "user/Patient.rs"
    assert "patient" not in reply.json()
    row = exchanger.server.write(lambda conn: conn.execute(select(GRANT)).one())
    assert (row.fhir_user, row.role, row.organisation, row.acr) == (
        *("PractitionerRole/marsh", "coordinator"),
        "icb",
        "AAL3_ANY",
    )


@pytest.mark.requirement("rfc8693#2.1-1", "rfc8725#3.11-1", "S21")
def test_an_access_token_made_for_us_is_taken_as_one(exchanger: Exchanger) -> None:
    """RFC 9068: its type says what it is, and `azp` names the client at the issuer."""
    token = exchanger.token({"typ": "at+jwt"}, aud=[OURS, "another"], azp="portal-there")
    assert exchanger.post(subject_token=token, subject_token_type=ACCESS).status_code == 200
    assert exchanger.post(subject_token=exchanger.token({"typ": "at+jwt"}, jti="two")).status_code == 400
    assert exchanger.post(subject_token=exchanger.token(jti="three"), subject_token_type=ACCESS).status_code == 400


def test_less_may_be_asked_and_never_more(exchanger: Exchanger) -> None:
    """S14."""
    assert exchanger.post(scope="patient/Claim.rs").json()["scope"] == "patient/Claim.rs"
    wide = exchanger.post(subject_token=exchanger.token(jti="two"), scope="patient/*.cruds user/Patient.rs")
    assert wide.json()["scope"] == "patient/Patient.rs patient/Claim.rs"
    none = exchanger.post(subject_token=exchanger.token(jti="three"), scope="user/Patient.rs openid")
    assert (none.status_code, none.json()["error"]) == (400, "invalid_scope")


def test_exchanges_share_one_grant_that_stands_on_the_page_of_apps(exchanger: Exchanger) -> None:
    exchanger.post()
    exchanger.server.clock.advance(MINUTE)
    exchanger.post(subject_token=exchanger.token(jti="two"), scope="patient/Claim.rs")
    assert (exchanger.count(GRANT), exchanger.count(ACCESS_TOKEN)) == (1, 2)
    account_id, now = exchanger.account(), exchanger.server.clock()
    (access,) = exchanger.server.write(lambda conn: grants.grants_of(conn, account_id, now))
    assert (access.client_id, access.scope) == ("portal", "patient/Patient.rs patient/Claim.rs")
    assert access.expires_at == now + grants.OFFLINE


def test_once_the_person_stops_it_the_client_gets_nothing_more(exchanger: Exchanger) -> None:
    """S15, S22: the token dies at once, and the next exchange is refused until the account is linked anew."""
    token, account_id = exchanger.post().json()["access_token"], exchanger.account()
    write, clock = exchanger.server.write, exchanger.server.clock
    grant_id = write(lambda conn: conn.execute(select(GRANT.c.grant_id)).scalar_one())
    clock.advance(SECOND)
    assert write(lambda conn: grants.revoke_grant(conn, grant_id, account_id, clock()))
    with pytest.raises(Exception, match="revoked"):
        write(lambda conn: tokens.verify(conn, f"Bearer {token}", clock()))
    reply = exchanger.post(subject_token=exchanger.token(jti="two"))
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_grant")
    clock.advance(SECOND)
    write(lambda conn: conn.execute(update(ACCOUNT_LINK).values(created_at=clock())))
    assert exchanger.post(subject_token=exchanger.token(jti="three")).status_code == 200


def test_discovery_names_the_grant_type_only_where_an_issuer_is_for_it(exchanger: Exchanger) -> None:
    address = "/.well-known/oauth-authorization-server"
    assert exchange.GRANT_TYPE in exchanger.server.send("GET", address).json()["grant_types_supported"]
    exchanger.server.seams = {"handlers": exchange.handlers(Federation())}
    assert exchange.GRANT_TYPE not in exchanger.server.send("GET", address).json()["grant_types_supported"]
    assert exchanger.post().json()["error"] == "unsupported_grant_type"


# --- what it refuses


def with_token(**changes: Any) -> Callable[[Exchanger], dict[str, Any]]:
    return lambda exchanger: {"subject_token": exchanger.token(**changes)}


def at(name: str, seconds: int) -> Callable[[Exchanger], dict[str, Any]]:
    def changes(exchanger: Exchanger) -> dict[str, Any]:
        claims: dict[str, Any] = {name: exchanger.server.clock() // SECOND + seconds}
        return {"subject_token": exchanger.token(**claims)}

    return changes


def fields(**changes: Any) -> Callable[[Exchanger], dict[str, Any]]:
    return lambda _exchanger: changes


REFUSED: Final[dict[str, tuple[Callable[[Exchanger], dict[str, Any]], str]]] = {
    "no subject_token_type": (fields(subject_token_type=None), "invalid_request"),
    "a type of token nobody takes": (fields(subject_token_type=f"{ID_TOKEN}2"), "invalid_request"),
    "a token that is none": (fields(subject_token="nonsense"), "invalid_request"),
    "an actor_token": (fields(actor_token="x"), "invalid_request"),
    "another kind of token wanted": (fields(requested_token_type=ID_TOKEN), "invalid_request"),
    "a resource elsewhere": (fields(resource="https://evil.example/fhir"), "invalid_target"),
    "an audience elsewhere": (fields(audience="https://evil.example/fhir"), "invalid_target"),
    "an issuer that is not listed": (with_token(iss="https://evil.example"), "invalid_request"),
    "no iss": (with_token(iss=None), "invalid_request"),
    "made out to somebody else": (with_token(aud="somebody-else"), "invalid_request"),
    "made out to our own login": (with_token(aud="phb-gateway"), "invalid_request"),
    "expired": (at("exp", -31), "invalid_request"),
    "of the future": (at("iat", 61), "invalid_request"),
    "signed by a stranger": (with_token(number=9), "invalid_request"),
    "another alg": (with_token(header={"alg": "RS384"}), "invalid_request"),
    "a key in the header": (with_token(header={"jwk": {}}), "invalid_request"),
    "a key set elsewhere": (with_token(header={"jku": "https://evil.example/jwks"}), "invalid_request"),
    "a logout token": (with_token(events={}), "invalid_request"),
    "vot P5": (with_token(vot="P5.Cp.Cd"), "invalid_request"),
    "no proofing level": (with_token(identity_proofing_level=None), "invalid_request"),
    "oversized": (with_token(padding="x" * 20_000), "invalid_request"),
    "somebody we do not know": (with_token(nhs_number="9990000026"), "invalid_grant"),
    "the wrong birth date": (with_token(birthdate="1961-03-15"), "invalid_grant"),
    "no birth date": (with_token(birthdate=None), "invalid_grant"),
    "scopes of another kind": (fields(scope="system/Patient.rs"), "invalid_scope"),
}  # fmt: skip


@pytest.mark.requirement("rfc8693#2.1-1", "rfc8693#2.2.2-1")
@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_exchange_grants_nothing(exchanger: Exchanger, name: str) -> None:
    changes, error = REFUSED[name]
    reply = exchanger.post(**changes(exchanger))
    assert (reply.status_code, reply.json()["error"]) == (400, error)
    assert [exchanger.count(table) for table in (GRANT, ACCESS_TOKEN, ACCOUNT_LINK, SUBJECT_TOKEN)] == [0, 0, 0, 0]


@pytest.mark.requirement("rfc8693#2.1-2")
def test_a_client_that_is_not_listed_exchanges_nothing(exchanger: Exchanger) -> None:
    reply = exchanger.post(client_id="another")
    assert (reply.status_code, reply.json()["error"]) == (400, "unauthorized_client")


@pytest.mark.requirement("rfc8693#2.1-2")
def test_a_public_client_exchanges_nothing(exchanger: Exchanger) -> None:
    app = client("app", kind="public", jwks=None, redirect_uris='["https://app.example/callback"]')
    exchanger.server.write(lambda conn: clients.add(conn, app, NOW))
    form = exchanger.form() | {"client_id": "app"}
    form = {name: value for name, value in form.items() if not name.startswith("client_assertion")}
    reply = exchanger.server.post(data=form)
    assert (reply.status_code, reply.json()["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize("jti", ["one", None], ids=["by its jti", "by what is signed"])
def test_a_token_is_exchanged_once(exchanger: Exchanger, jti: str | None) -> None:
    token = exchanger.token(jti=jti)
    assert exchanger.post(subject_token=token).status_code == 200
    head, _, signature = token.rpartition(".")
    for again in (token, f"{head}.{signature[:-1]}{'B' if signature[-1] == 'A' else 'A'}"):
        reply = exchanger.post(subject_token=again)
        assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")
    assert exchanger.count(ACCESS_TOKEN) == 1


def test_a_used_token_is_forgotten_when_it_has_expired(exchanger: Exchanger) -> None:
    exchanger.post()
    exchanger.server.clock.advance(6 * MINUTE)
    exchanger.post(subject_token=exchanger.token(jti="two"))
    assert exchanger.count(SUBJECT_TOKEN) == 1


def test_what_the_account_rests_on_must_still_hold(exchanger: Exchanger) -> None:
    exchanger.holds = False
    assert exchanger.post().json()["error"] == "invalid_grant"
    assert exchanger.count(ACCESS_TOKEN) == 0


def test_a_closed_account_gets_nothing(exchanger: Exchanger) -> None:
    exchanger.post()
    account_id = exchanger.account()
    exchanger.server.write(lambda conn: accounts.close(conn, account_id, NOW))
    assert exchanger.post(subject_token=exchanger.token(jti="two")).json()["error"] == "invalid_grant"


def test_an_ended_link_is_not_made_again(exchanger: Exchanger) -> None:
    exchanger.post()
    account_id = exchanger.account()

    def end(conn: Connection) -> None:
        (link,) = accounts.links_of(conn, account_id)
        accounts.end_link(conn, link.link_id, NOW)

    exchanger.server.write(end)
    assert exchanger.post(subject_token=exchanger.token(jti="two")).json()["error"] == "invalid_grant"


def test_an_issuer_whose_keys_cannot_be_had_grants_nothing(exchanger: Exchanger) -> None:
    exchanger.server.publisher.fails = True
    assert exchanger.post().status_code == 400
    assert exchanger.server.publisher.asked == 1
    exchanger.server.publisher.fails = False
    exchanger.server.clock.advance(MINUTE)
    assert exchanger.post().status_code == 200


def test_of_ten_exchanges_of_one_token_at_once_one_succeeds(database_url: str, folder: Path) -> None:
    with opened(database_url) as engine:
        exchanger = exchanger_on(engine, folder)
        token = exchanger.token()
        forms = [exchanger.form(subject_token=token) for _ in range(10)]
        replies = exchanger.server.many(*({"method": "POST", "url": "/oauth2/token", "data": form} for form in forms))
        assert sorted(reply.status_code for reply in replies) == [200] + [400] * 9
        assert (exchanger.count(GRANT), exchanger.count(ACCESS_TOKEN)) == (1, 1)
