"""The credentials file: private, complete, and the same keys at every start."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from auth import clients
from auth.scopes import Scope, ScopeSet
from fhir_gateway.demo import credentials
from fhir_gateway.demo.start import register, settings_of
from tests.fhir_gateway.api import Api

SYSTEM: Final = ("council-sync", "icb-finance", "chc-tool", "provider", "auditor", "record-keeper")


def registered(api: Api, folder: Path, port: int = 8000) -> dict[str, Any]:
    """The credentials after one start."""
    folder.mkdir(exist_ok=True)
    register(api.gateway.database, folder, settings_of(folder, port))
    found: dict[str, Any] = json.loads((folder / "credentials.json").read_text())
    return found


def test_the_file_is_for_its_owner_only_and_leaves_no_draft(api: Api, tmp_path: Path) -> None:
    registered(api, tmp_path)
    assert (tmp_path / "credentials.json").stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["credentials.json", "secret.key"]


def test_the_file_has_the_keys_of_the_contract(api: Api, tmp_path: Path) -> None:
    found = registered(api, tmp_path)
    assert list(found) == ["fhir_base", "issuer", "token_endpoint", "clients", "users"]
    assert found["fhir_base"] == "http://127.0.0.1:8000/fhir"
    assert found["token_endpoint"] == "http://127.0.0.1:8000/oauth2/token"
    assert list(found["clients"]) == [*SYSTEM, "patient-app"]
    for name in SYSTEM:
        assert set(found["clients"][name]) == {"client_id", "scope", "private_jwk"}
    assert set(found["clients"]["patient-app"]) == {"client_id", "scope", "redirect_uri"}
    assert all(set(one) == {"username", "password", "patient", "role"} for one in found["users"].values())


def test_a_second_start_keeps_keys_and_ids_and_follows_the_port(api: Api, tmp_path: Path) -> None:
    first, second = registered(api, tmp_path), registered(api, tmp_path, port=8001)
    assert second["clients"] == first["clients"]
    assert second["issuer"] == "http://127.0.0.1:8001"
    assert len(api.write(clients.all_clients)) == len([*SYSTEM, "patient-app"])


def test_every_client_signs_with_a_key_of_its_own(api: Api, tmp_path: Path) -> None:
    found = registered(api, tmp_path)["clients"]
    keys = [found[name]["private_jwk"] for name in SYSTEM]
    assert len({key["kid"] for key in keys}) == len(SYSTEM)
    assert {key["alg"] for key in keys} == {"ES384", "RS384"}


def test_the_database_holds_public_halves_only(api: Api, tmp_path: Path) -> None:
    registered(api, tmp_path)
    for one in api.write(clients.all_clients):
        for key in json.loads(one.jwks or '{"keys": []}')["keys"]:
            assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & set(key)


def test_lost_credentials_are_replaced_by_new_keys_that_are_registered(api: Api, tmp_path: Path) -> None:
    first = registered(api, tmp_path)
    (tmp_path / "credentials.json").unlink()
    second = registered(api, tmp_path)
    ours, theirs = (one["clients"]["auditor"]["private_jwk"]["kid"] for one in (second, first))
    assert ours != theirs
    found = api.write(lambda conn: clients.find(conn, "auditor"))
    assert found is not None
    assert ours in (found.jwks or "")


def test_kept_credentials_are_registered_in_a_new_database(api: Api, tmp_path: Path) -> None:
    first = registered(api, tmp_path)
    api.write(lambda conn: conn.exec_driver_sql("DELETE FROM client WHERE client_id = 'auditor'"))
    assert registered(api, tmp_path) == first


def test_a_revoked_client_stays_revoked(api: Api, tmp_path: Path) -> None:
    registered(api, tmp_path)
    api.write(lambda conn: clients.revoke(conn, "auditor", 1))
    (tmp_path / "credentials.json").unlink()
    registered(api, tmp_path)
    found = api.write(lambda conn: clients.find(conn, "auditor"))
    assert found is not None
    assert found.status == "revoked"


def test_scopes_are_what_was_registered(api: Api, tmp_path: Path) -> None:
    found = registered(api, tmp_path)["clients"]
    for one in api.write(clients.all_clients):
        if one.client_id in SYSTEM and one.client_id != "council-sync":
            assert found[one.client_id]["scope"] == one.scope
            assert str(ScopeSet.parse(one.scope)) == one.scope


def test_only_the_council_and_who_keeps_the_record_may_delete() -> None:
    for one in credentials.CLIENTS:
        deleting = [scope for scope in ScopeSet.parse(one.scope).scopes if "d" in scope.actions]
        wanted = [Scope.parse("system/*.cruds")] if one.name in ("council-sync", "record-keeper") else []
        assert deleting == wanted


def test_a_client_is_what_it_is_after_every_start(api: Api, tmp_path: Path) -> None:
    registered(api, tmp_path)
    api.write(lambda conn: conn.exec_driver_sql("UPDATE client SET role = NULL, organisation = NULL"))
    registered(api, tmp_path)
    found = {one.client_id: (one.role, one.organisation) for one in api.write(clients.all_clients)}
    assert found["provider"] == ("provider", "steady-physio")
    assert found["auditor"] == ("auditor", "even-handed")
    assert found["record-keeper"] == ("custodian", None)
    assert found["patient-app"] == (None, None)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"clients": 1}'])
def test_a_broken_file_is_named_and_what_to_do(api: Api, tmp_path: Path, text: str) -> None:
    (tmp_path / "credentials.json").write_text(text)
    with pytest.raises(credentials.Unusable, match=r"credentials\.json .* remove it"):
        registered(api, tmp_path)


def test_a_missing_file_says_where_it_comes_from(tmp_path: Path) -> None:
    with pytest.raises(credentials.Unusable, match="make demo"):
        credentials.read(tmp_path / "credentials.json")
