"""The command line about clients: `phb-gateway client add|role|list|revoke` and `phb-gateway launch`.

Source: design section 7; RFC 7591 section 2 (names of what is registered).
"""

import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer
from rich.console import Console
from rich.table import Column, Table
from sqlalchemy import Connection

from auth import accounts, clients, launches
from auth.app_scopes import WORDS
from auth.launches import LaunchContext
from auth.scopes import Scope
from fhir_gateway.access import audit
from fhir_gateway.access.asker import ROLES
from fhir_gateway.interactions.context import clock, instant
from fhir_gateway.settings import Settings
from fhir_gateway.store.database import Database
from fhir_gateway.store.migrate import require_current
from mappings.lens.query import parse_clause
from mappings.registry import TYPES

T = TypeVar("T")
OUT: Final = Console()
CLIENT: Final = typer.Typer(no_args_is_help=True, help="Register, list and revoke clients: systems and apps.")
COMPUTED: Final = ("AuditEvent", "MeasureReport")


class Kind(StrEnum):
    """How a client comes."""

    SYSTEM = "system"
    PUBLIC = "public"
    CONFIDENTIAL = "confidential"


OF_NO_BODY: Final = frozenset({"custodian", "operator"})


def mount(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(CLIENT, name="client")
    app.command("launch")(launch)


@CLIENT.command("add")
def client_add(  # noqa: PLR0913, PLR0917 - an argument for each option
    client_id: Annotated[str, typer.Argument(help="the id the client will use")],
    scope: Annotated[str, typer.Option(help='what it may ask for, such as "system/*.rs" or "openid patient/*.rs"')],
    name: Annotated[str | None, typer.Option(help="its name for people; the id when left out")] = None,
    kind: Annotated[Kind, typer.Option(help="a system, or an app of people who log in")] = Kind.SYSTEM,
    jwks: Annotated[Path | None, typer.Option(help="file with its public key set (JWKS)")] = None,
    jwks_url: Annotated[str | None, typer.Option(help="https address of its public key set")] = None,
    redirect_uri: Annotated[list[str] | None, typer.Option(help="of an app: where answers go; once for each")] = None,
    launch_uri: Annotated[str | None, typer.Option(help="of an app: where a launch opens it")] = None,
    origin: Annotated[list[str] | None, typer.Option(help="of an app: whose pages may call us; once for each")] = None,
    role: Annotated[str | None, typer.Option(help=f"of a system: {', '.join(ROLES)}")] = None,
    organisation: Annotated[str | None, typer.Option(help="of a system: id of the Organization it speaks for")] = None,
    purpose: Annotated[str | None, typer.Option(help="why it reads, for the audit")] = None,
    may_introspect: Annotated[bool, typer.Option(help="it may ask about anybody's token")] = False,  # noqa: FBT002
) -> None:
    """Register a client; the secret of a confidential one without keys is made here and printed once."""
    check_scope(scope)
    secret, digest = clients.new_secret() if kind is Kind.CONFIDENTIAL and not (jwks or jwks_url) else (None, None)
    wanted = clients.Registration(
        client_id=client_id,
        name=name or client_id,
        scope=scope,
        jwks=jwks.read_text() if jwks else None,
        jwks_url=jwks_url,
        kind=kind.value,
        secret_digest=digest,
        redirect_uris=json.dumps(redirect_uri or []),
        launch_uri=launch_uri,
        origins=json.dumps(origin or []),
        role=_role(role, organisation) if kind is Kind.SYSTEM else role,
        organisation=organisation,
        purpose=purpose,
        may_introspect=may_introspect,
    )
    _add(wanted)
    _say(f"client {client_id} is registered for {scope}")
    if secret is not None:
        _say(f"its secret, shown this once: {secret}")


def _role(role: str | None, organisation: str | None) -> str:
    """A system's role, with the body it speaks for where the role is one of a body. Raises ValueError."""
    if role is None:
        raise ValueError(f"a system needs --role, one of {', '.join(ROLES)}; custodian reaches the whole record")
    if organisation is None and role not in OF_NO_BODY:
        raise ValueError(f"--role {role} needs --organisation, the id of the Organization the system speaks for")
    return role


@CLIENT.command("role")
def client_role(
    client_id: Annotated[str, typer.Argument(help="a system client")],
    role: Annotated[str, typer.Option(help=f"one of {', '.join(ROLES)}")],
    organisation: Annotated[str | None, typer.Option(help="id of the Organization it speaks for")] = None,
) -> None:
    """Say what a system is in the access policy; its next request is judged by it."""

    def change(conn: Connection) -> None:
        clients.set_role(conn, client_id, _role(role, organisation), organisation, ROLES)
        audit.note(conn, "client", "done", client_id=client_id, role=role)

    _with(Settings(), change)
    _say(f"client {client_id} is {role}" + (f" for {organisation}" if organisation else ""))


def _add(wanted: clients.Registration) -> None:
    settings = Settings()

    def add(conn: Connection) -> None:
        clients.add(conn, wanted, clock(), roles=ROLES, allow_loopback=settings.allow_loopback_jwks)
        audit.note(conn, "client", "granted", client_id=wanted.client_id, role=wanted.role)

    _with(settings, add)


def check_scope(text: str) -> None:
    """Every part must be able to grant something. Raises ValueError, FhirError."""
    for part in text.split():
        scope = Scope.parse(part)
        if part in WORDS:
            continue
        if scope is None or scope.resource_type not in (*TYPES, *COMPUTED, "*"):
            raise ValueError(
                f"{part} grants nothing: write system/Type.cruds with a type of this gateway, or system/*.rs"
            )
        for name, value in scope.params if scope.resource_type in TYPES else ():
            parse_clause(TYPES, scope.resource_type, name, value)


@CLIENT.command("list")
def client_list() -> None:
    """List the registered clients."""
    table = Table(Column("client", no_wrap=True), "name", "kind", "role", "status", "scope", "since")
    for one in _with(Settings(), clients.all_clients):
        known = (one.client_id, one.name, one.kind, one.role or "", one.status, _short(one.scope))
        table.add_row(*known, instant(one.created_at))
    OUT.print(table)


def _short(scope: str) -> str:
    """The first parts of a scope, and how many there are besides."""
    first, *more = scope.split()
    return f"{first} and {len(more)} more" if more else first


@CLIENT.command("revoke")
def client_revoke(client_id: Annotated[str, typer.Argument(help="the client to shut out")]) -> None:
    """Shut a client out; its tokens die at once."""

    def revoke(conn: Connection) -> int:
        ended = clients.revoke(conn, client_id, clock())
        audit.note(conn, "client", "ended", client_id=client_id)
        return ended

    _say(f"client {client_id} is revoked; {_with(Settings(), revoke)} living tokens ended")


def launch(
    client_id: Annotated[str, typer.Argument(help="the app to open")],
    username: Annotated[str, typer.Argument(help="who will use it")],
    patient: Annotated[str | None, typer.Option(help="id of the Patient it is opened for")] = None,
) -> None:
    """Print an address that opens an app for somebody, once, within five minutes."""
    settings = Settings()

    def made(conn: Connection) -> str | None:
        app, account = clients.find(conn, client_id), accounts.find(conn, username)
        if app is None or app.status != "active" or account is None or account.status != "active":
            raise ValueError("no active client or no account of this name")
        handle = launches.create(conn, app, account.account_id, LaunchContext(patient=patient), clock())
        audit.note(conn, "launch", "issued", client_id=client_id, account_id=account.account_id, patient=patient)
        return launches.address(app, settings.fhir_base, handle)

    address = _with(settings, made)
    if address is None:
        raise ValueError(f"{client_id} registered no launch_uri")
    _say(address)


def _with(settings: Settings, work: Callable[[Connection], T]) -> T:
    database = Database(settings.database_url)
    try:
        require_current(database)
        done: T = database.write(lambda session: work(session.core))
        return done
    finally:
        database.close()


def _say(line: str) -> None:
    OUT.print(line, highlight=False, markup=False, soft_wrap=True)
