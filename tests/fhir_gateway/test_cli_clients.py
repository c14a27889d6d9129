"""The command line about clients: systems, apps, launches."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from sqlalchemy import select
from typer.testing import CliRunner, Result

from auth import accounts, clients, keys
from auth.clients import Client
from auth.tokens import digest
from fhir_gateway import cli, cli_clients
from fhir_gateway.interactions.context import clock
from fhir_gateway.store.database import Database
from fhir_gateway.store.tables import AUDIT
from tests import databases
from tests.auth.builders import key, public

APP = typer.Typer()
cli_clients.mount(APP)
SCOPE = "openid fhirUser launch offline_access patient/*.rs"
WEB = ("--scope", SCOPE, "--redirect-uri", "https://app.example/cb")


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch, migrate: databases.Migrate) -> Iterator[Database]:
    monkeypatch.setenv("COLUMNS", "300")
    with databases.fresh("sqlite", migrate) as url:
        monkeypatch.setenv("PHB_DATABASE_URL", url)
        opened = Database(url)
        yield opened
        opened.close()


def run(*words: str) -> Result:
    return CliRunner().invoke(APP, list(words))


def found(database: Database, client_id: str) -> Client:
    client = database.read(lambda session: clients.find(session.core, client_id))
    assert client is not None
    return client


def test_a_public_app_is_registered_with_its_addresses(database: Database) -> None:
    done = run(
        *("client", "add", "patient-app", "--kind", "public", "--name", "My budget", *WEB),
        *("--redirect-uri", "http://127.0.0.1:8765/cb", "--origin", "https://app.example"),
        *("--launch-uri", "https://app.example/launch"),
    )
    assert done.exit_code == 0, done.output
    client = found(database, "patient-app")
    assert (client.kind, client.name, client.scope, client.role) == ("public", "My budget", SCOPE, None)
    assert client.redirects == ("https://app.example/cb", "http://127.0.0.1:8765/cb")
    assert (client.origins, client.launch_uri) == ('["https://app.example"]', "https://app.example/launch")
    assert "secret" not in done.output


def test_a_confidential_app_is_told_its_secret_once(database: Database) -> None:
    done = run("client", "add", "web-app", "--kind", "confidential", *WEB)
    secret = done.output.rpartition("once: ")[2].strip()
    assert len(secret) >= 43
    assert found(database, "web-app").secret_digest == digest(secret)
    assert secret not in run("client", "list").output


def test_a_confidential_app_may_have_keys_in_place_of_a_secret(database: Database, tmp_path: object) -> None:
    file = f"{tmp_path}/keys.json"
    with open(file, "w") as keys:  # noqa: PTH123 - a path as text, as a user writes it
        keys.write(public(key()))
    assert "once" not in run("client", "add", "web-app", "--kind", "confidential", "--jwks", file, *WEB).output
    assert found(database, "web-app").secret_digest is None


def test_a_system_is_registered_in_a_role_of_a_body(database: Database) -> None:
    done = run(
        *("client", "add", "icb-finance", "--scope", "system/Claim.rs", "--jwks-url", "https://icb.example/jwks"),
        *("--role", "icb", "--organisation", "icb-1", "--purpose", "HPAYMT", "--may-introspect"),
    )
    assert done.exit_code == 0, done.output
    client = found(database, "icb-finance")
    assert (client.role, client.organisation, client.purpose) == ("icb", "icb-1", "HPAYMT")
    assert client.may_introspect


def test_a_system_without_a_role_is_refused_and_its_role_can_be_changed(database: Database) -> None:
    usual = ("--scope", "system/Claim.rs", "--jwks-url", "https://icb.example/jwks")
    assert "--role" in str(run("client", "add", "icb-finance", *usual).exception)
    assert "--organisation" in str(run("client", "add", "icb-finance", *usual, "--role", "icb").exception)
    run("client", "add", "icb-finance", *usual, "--role", "custodian")
    done = run("client", "role", "icb-finance", "--role", "icb", "--organisation", "icb-1")
    assert done.exit_code == 0, done.output
    assert (found(database, "icb-finance").role, found(database, "icb-finance").organisation) == ("icb", "icb-1")
    assert run("client", "role", "nobody", "--role", "custodian").exit_code != 0


@pytest.mark.parametrize(
    "words",
    [
        ("--scope", "openid patient/Nonsense.rs", "--kind", "public", "--redirect-uri", "https://a.example/cb"),
        ("--scope", "openid patient/*.rs", "--kind", "public"),
        ("--scope", "openid patient/*.rs", "--kind", "public", "--redirect-uri", "http://a.example/cb"),
        ("--scope", "system/*.rs", "--jwks-url", "https://a.example/jwks", "--role", "king"),
        ("--scope", "patient/Claim.rs?nonsense=1", "--kind", "public", "--redirect-uri", "https://a.example/cb"),
        ("--scope", "system/*.rs"),
    ],
)
def test_what_may_not_be_registered_is_refused(database: Database, words: tuple[str, ...]) -> None:
    assert run("client", "add", "new", *words).exit_code != 0
    assert database.read(lambda session: clients.find(session.core, "new")) is None


def test_clients_are_listed_with_kind_and_role_and_can_be_revoked(database: Database) -> None:
    run("client", "add", "patient-app", "--kind", "public", *WEB)
    assert "public" in run("client", "list").output
    assert run("client", "revoke", "patient-app").exit_code == 0
    assert found(database, "patient-app").status == "revoked"


def test_a_launch_prints_an_address_that_opens_the_app(database: Database) -> None:
    run("client", "add", "patient-app", "--kind", "public", *WEB, "--launch-uri", "https://app.example/launch")
    database.write(lambda session: accounts.create(session.core, "janice", None, clock()))
    address = run("launch", "patient-app", "janice", "--patient", "janice").output
    assert address.startswith("https://app.example/launch?iss=http%3A%2F%2F127.0.0.1%3A8000%2Ffhir&launch=")
    assert run("launch", "patient-app", "nobody").exit_code != 0
    assert run("launch", "nothing", "janice").exit_code != 0


def test_an_app_without_a_launch_uri_is_not_launched(database: Database) -> None:
    run("client", "add", "patient-app", "--kind", "public", *WEB)
    database.write(lambda session: accounts.create(session.core, "janice", None, clock()))
    assert run("launch", "patient-app", "janice").exit_code != 0


@pytest.mark.requirement("S63")
def test_what_an_operator_changes_is_on_record(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """S63: key and policy changes too, none of them as a refusal."""
    monkeypatch.setattr(keys, "RSA_BITS", 2048)
    monkeypatch.setenv("PHB_SECRET_FILE", str(tmp_path / "key"))
    run(
        "client",
        "add",
        "icb-finance",
        "--scope",
        "system/Claim.rs",
        "--jwks-url",
        "https://a.example/j",
        "--role",
        "custodian",
    )
    run("client", "role", "icb-finance", "--role", "icb", "--organisation", "icb-1")
    run("client", "revoke", "icb-finance")
    assert CliRunner().invoke(cli.APP, ["key", "rotate", "--emergency"]).exit_code == 0
    query = select(AUDIT.c.subtype, AUDIT.c.outcome, AUDIT.c.client, AUDIT.c.status).order_by(AUDIT.c.seq)
    rows = database.read(lambda session: session.core.execute(query).all())
    assert [tuple(row) for row in rows] == [
        ("client", "granted", "icb-finance", 200),
        ("client", "done", "icb-finance", 200),
        ("client", "ended", "icb-finance", 200),
        ("key", "done", "operator", 200),
    ]
