"""What the server says of itself, held against what it does: every address answers, every scope can be granted."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from auth import clients, keys
from auth.seams import Brand
from tests.auth.apps import APP_ORIGIN, FHIR, REDIRECT, AppServer, app, on_sqlite, query
from tests.auth.builders import ISSUER, NOW, TOKEN_URL, Server, registration

SMART = "/fhir/.well-known/smart-configuration"
OPENID = "/.well-known/openid-configuration"
SERVER = "/.well-known/oauth-authorization-server"
BRANDS = "/.well-known/brands.json"
STYLE = "/smart-style.json"
JWKS = "/oauth2/jwks"


@pytest.fixture(scope="module")
def server() -> Iterator[AppServer]:
    with on_sqlite() as server:
        every = " ".join(word for word in told(server, SMART)["scopes_supported"] if not word.startswith("system/"))
        server.write(lambda conn: clients.add(conn, app(client_id="every", scope=every), NOW))
        server.write(lambda conn: clients.add(conn, registration(client_id="all", scope="system/*.cruds"), NOW))
        yield server


def told(server: Server, path: str) -> dict[str, Any]:
    reply = server.send("GET", path)
    assert reply.status_code == 200
    found: dict[str, Any] = reply.json()
    return found


@pytest.mark.requirement("smart-2.2#372", "smart-2.2#374", "smart-2.2#16", "rfc8414#3.2-1")
@pytest.mark.parametrize("path", [SMART, OPENID, SERVER, BRANDS, STYLE])
@pytest.mark.parametrize("accept", ["application/json", "application/fhir+json", "text/html", None])
def test_every_document_is_json_whatever_is_accepted(server: AppServer, path: str, accept: str | None) -> None:
    headers = {"Accept": accept} if accept else {}
    reply = server.send("GET", path, headers={**headers, "Origin": "https://a.b"})
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("application/json")
    assert reply.headers["access-control-allow-origin"] == "*"


@pytest.mark.requirement(
    "smart-2.2#381",
    "smart-2.2#383",
    "smart-2.2#388",
    "smart-2.2#285",
    "smart-2.2#348",
    "smart-2.2#352",
    "smart-2.2#14",
    "smart-2.2#15",
)
def test_the_smart_document_names_what_the_public_kits_demand(server: AppServer) -> None:
    smart = told(server, SMART)
    assert {
        *("launch-standalone", "launch-ehr", "authorize-post", "sso-openid-connect"),
        *("client-public", "client-confidential-symmetric", "client-confidential-asymmetric"),
        *("context-standalone-patient", "context-ehr-patient", "context-banner", "context-style"),
        *("permission-offline", "permission-online", "permission-patient", "permission-user"),
        *("permission-v1", "permission-v2"),
    } == set(smart["capabilities"])
    assert smart["grant_types_supported"] == ["authorization_code", "refresh_token", "client_credentials"]
    assert smart["code_challenge_methods_supported"] == ["S256"]
    assert smart["response_types_supported"] == ["code"]
    assert smart["token_endpoint_auth_methods_supported"] == ["none", "client_secret_basic", "private_key_jwt"]
    assert smart["introspection_endpoint_auth_methods_supported"] == ["client_secret_basic", "private_key_jwt"]
    assert smart["token_endpoint_auth_signing_alg_values_supported"] == ["RS384", "ES384", "RS512"]
    assert smart["token_endpoint"] == TOKEN_URL
    assert smart["issuer"] == ISSUER


@pytest.mark.requirement("rfc9207#2.3-1", "oidc-core#15.1-1", "oidc-discovery#3-1")
def test_the_openid_document_has_every_required_field(server: AppServer) -> None:
    openid = told(server, OPENID)
    assert openid["id_token_signing_alg_values_supported"] == ["RS256"]
    assert openid["subject_types_supported"] == ["public"]
    assert openid["authorization_response_iss_parameter_supported"] is True
    assert openid["request_parameter_supported"] is False


@pytest.mark.requirement("smart-2.2#381", "rfc8414#2-1", "rfc9207#2.3-1", "oidc-discovery#4.3-1")
def test_the_three_documents_agree(server: AppServer) -> None:
    """A client may read any of them."""
    smart, openid, plain = told(server, SMART), told(server, OPENID), told(server, SERVER)
    for name in plain:
        assert smart[name] == openid[name] == plain[name]


@pytest.mark.requirement("smart-2.2#378", "smart-2.2#383", "smart-2.2#388", "rfc8414#2-1")
def test_every_address_answers(server: AppServer) -> None:
    known = {**told(server, SMART), **told(server, OPENID)}
    for name in ("token_endpoint", "introspection_endpoint", "revocation_endpoint"):
        assert server.send("POST", known[name]).status_code == 400
    assert server.send("GET", known["authorization_endpoint"]).status_code == 400
    assert server.send("GET", known["userinfo_endpoint"]).status_code == 401
    assert server.send("GET", known["jwks_uri"]).status_code == 200
    assert server.send("GET", known["user_access_brand_bundle"]).status_code == 200
    assert {name for name in known if name.endswith(("_endpoint", "_uri", "_bundle"))} <= {
        *("token_endpoint", "introspection_endpoint", "revocation_endpoint", "authorization_endpoint"),
        *("userinfo_endpoint", "jwks_uri", "user_access_brand_bundle"),
    }


@pytest.mark.requirement("smart-2.2#387", "smart-2.2#352")
def test_every_scope_listed_can_be_granted(server: AppServer) -> None:
    listed = told(server, SMART)["scopes_supported"]
    for scope in [one for one in listed if one.startswith("system/")]:
        form = server.form(scope=scope, **server.proof(iss="all", sub="all"))
        assert server.post(data=form).json()["scope"] == scope
    of_apps = [one for one in listed if not one.startswith("system/") and one != "launch"]
    for lives in ("offline_access", "online_access"):  # an app asks for one of them
        asked = " ".join(one for one in of_apps if one == lives or not one.endswith("_access"))
        assert server.redeem(server.code(client_id="every", scope=asked), client_id="every").json()["scope"] == asked


def test_every_prompt_listed_is_taken(server: AppServer) -> None:
    for prompt in told(server, OPENID)["prompt_values_supported"]:
        location = server.authorize(prompt=prompt).headers["location"]
        assert not location.startswith(REDIRECT) or query(location)["error"] == "consent_required"


def test_a_grant_type_of_the_service_is_listed_and_answered(server: AppServer) -> None:
    extended = Server(server.engine, seams={"handlers": {"urn:x:y": lambda _request: {"answer": 1}}})
    assert "urn:x:y" in told(extended, SMART)["grant_types_supported"]
    assert extended.post(data=extended.form(grant_type="urn:x:y")).json() == {"answer": 1}


@pytest.mark.requirement("rfc8414#3-1", "oidc-discovery#4-1")
def test_an_issuer_with_a_path_is_discovered_where_each_standard_says(server: AppServer) -> None:
    deep = Server(server.engine, issuer=f"{ISSUER}/phb")
    assert told(deep, "/.well-known/oauth-authorization-server/phb")["issuer"] == f"{ISSUER}/phb"
    assert told(deep, "/phb/.well-known/openid-configuration")["issuer"] == f"{ISSUER}/phb"
    assert deep.send("GET", "/phb/oauth2/jwks").status_code == 200
    assert told(deep, "/phb/.well-known/brands.json")["resourceType"] == "Bundle"
    assert told(deep, "/phb/smart-style.json")


@pytest.mark.requirement("smart-2.2#207")
def test_the_key_set_is_public_and_may_be_cached(server: AppServer) -> None:
    reply = server.send("GET", JWKS)
    assert [one["alg"] for one in reply.json()["keys"]] == ["RS256"]
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["cache-control"] == f"public, max-age={keys.CACHE_S}"


@pytest.mark.requirement("smart-2.2/advertised-https", "S27")
def test_addresses_come_from_configuration_and_not_from_the_host_header(server: AppServer) -> None:
    """S27."""
    for path in (SMART, OPENID, SERVER, BRANDS):
        reply = server.send("GET", path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        assert "evil" not in reply.text
    assert "evil" not in server.send("GET", "/oauth2/authorize", headers={"Host": "evil.example"}).text


@pytest.mark.requirement("smart-2.2#438")
def test_the_brand_names_the_body_and_its_endpoint(server: AppServer) -> None:
    brand = Brand(name="Exampleshire ICB", website="https://icb.example", identifier="https://icb.example/id")
    branded = Server(server.engine, seams={"brand": brand})
    organisation, endpoint = (entry["resource"] for entry in told(branded, BRANDS)["entry"])
    assert organisation["name"] == "Exampleshire ICB"
    assert organisation["identifier"] == [told(branded, SMART)["user_access_brand_identifier"]]
    assert organisation["telecom"][0]["value"] == "https://icb.example"
    assert organisation["endpoint"][0]["reference"] == f"{endpoint['resourceType']}/{endpoint['id']}"
    assert (endpoint["address"], endpoint["connectionType"]["code"]) == (FHIR, "hl7-fhir-rest")
    assert told(server, SMART)["user_access_brand_identifier"]["value"] == ISSUER


@pytest.mark.requirement("smart-2.2/style")
def test_the_style_has_the_members_of_smart(server: AppServer) -> None:
    style = told(server, STYLE)
    assert {one for one in style if one.startswith("color_")} == {
        *("color_background", "color_error", "color_highlight", "color_modal_backdrop"),
        *("color_success", "color_text"),
    }
    assert {"dim_border_radius", "dim_font_size", "dim_spacing_size"} <= set(style)
    assert {"font_family_body", "font_family_heading"} <= set(style)


# --- pages of other origins


PREFLIGHT = {"Origin": APP_ORIGIN, "Access-Control-Request-Method": "POST"}
CALLED_BY_PAGES = ("/oauth2/token", "/oauth2/revoke", "/oauth2/userinfo")


def no_cors(reply: httpx.Response) -> bool:
    return not any(
        name.startswith("access-control-allow-origin") or name.endswith("credentials") for name in reply.headers
    )


@pytest.mark.requirement("smart-2.2#17", "S69")
@pytest.mark.parametrize("path", CALLED_BY_PAGES)
def test_a_registered_origin_may_call_with_its_token_and_never_with_cookies(server: AppServer, path: str) -> None:
    """S69."""
    asked = server.send("OPTIONS", path, headers=PREFLIGHT)
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == APP_ORIGIN
    assert "Authorization" in asked.headers["access-control-allow-headers"]
    assert "POST" in asked.headers["access-control-allow-methods"]
    reply = server.send("POST", path, headers={"Origin": APP_ORIGIN})
    assert reply.headers["access-control-allow-origin"] == APP_ORIGIN
    assert reply.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in {**asked.headers, **reply.headers}


@pytest.mark.requirement("smart-2.2#17", "S69")
@pytest.mark.parametrize("path", CALLED_BY_PAGES)
@pytest.mark.parametrize("origin", ["https://evil.example", "https://app.example.evil.example", "null", "", "*"])
def test_any_other_origin_is_told_nothing(server: AppServer, path: str, origin: str) -> None:
    assert no_cors(server.send("OPTIONS", path, headers={**PREFLIGHT, "Origin": origin}))
    assert no_cors(server.send("POST", path, headers={"Origin": origin}))


@pytest.mark.parametrize("path", ["/oauth2/introspect", "/oauth2/authorize"])
def test_pages_have_no_business_elsewhere(server: AppServer, path: str) -> None:
    assert server.send("OPTIONS", path, headers=PREFLIGHT).status_code == 405
    assert no_cors(server.send("POST", path, headers={"Origin": APP_ORIGIN}))


@pytest.mark.parametrize("path", [SMART, OPENID, SERVER, BRANDS, STYLE])
def test_a_preflight_for_a_public_document_is_for_all(server: AppServer, path: str) -> None:
    reply = server.send("OPTIONS", path, headers={**PREFLIGHT, "Origin": "https://anybody.example"})
    assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (204, "*")


@pytest.mark.requirement("S69")
def test_an_origin_ends_with_its_client() -> None:
    with on_sqlite() as server:
        for client_id in ("patient-app", "secret-app", "key-app"):
            server.write(lambda conn, client_id=client_id: clients.revoke(conn, client_id, NOW))  # type: ignore[misc]
        assert no_cors(server.send("POST", "/oauth2/token", headers={"Origin": APP_ORIGIN}))
