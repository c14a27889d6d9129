"""The command line of people who log in: `phb-gateway user add|list|link|unlink|identity|password|close`.

A password is never an argument, which other programs of the machine could read: it is asked for, or read from
standard input. What is done is on record.

Source: design section 7; security requirements S18, S22, S63.
"""

import getpass
import sys
from collections.abc import Callable
from typing import Annotated, Final, TypeVar

import typer
from rich.console import Console
from sqlalchemy import Connection

from auth import accounts
from auth.accounts import Account, AccountRefused
from auth.issuers import linking
from fhir_gateway.access import audit
from fhir_gateway.access.asker import ROLES
from fhir_gateway.interactions.context import clock, instant
from fhir_gateway.settings import Settings
from fhir_gateway.store.database import Database
from fhir_gateway.store.migrate import require_current

T = TypeVar("T")
OUT: Final = Console()
USER: Final = typer.Typer(no_args_is_help=True, help="People who log in, and who they are in the record.")
OF_PERSONS: Final = {"person": "Patient", "representative": "RelatedPerson", "nominee": "RelatedPerson"}
OF_STAFF: Final = ("PractitionerRole", "Practitioner")
Name = Annotated[str, typer.Argument(help="the user name")]


def mount(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(USER, name="user")


def _say(text: str) -> None:
    OUT.print(text, highlight=False, markup=False, soft_wrap=True)


@USER.command("add")
def user_add(
    name: Name,
    without_password: Annotated[bool, typer.Option(help="for somebody another issuer logs in")] = False,  # noqa: FBT002
) -> None:
    """Make an account; its password is asked for, or read from standard input."""
    password = None if without_password else _password()

    def add(conn: Connection) -> Account:
        account = accounts.create(conn, name, password, clock())
        audit.note(conn, "account", "done", account_id=account.account_id)
        return account

    _say(f"user {name} is account {_with(add).account_id}")


@USER.command("list")
def user_list() -> None:
    """List the accounts and who each is; lines, not a table, so that nothing is cut off that is to be pasted."""

    def lines(conn: Connection) -> None:
        for one in accounts.all_accounts(conn):
            _say(f"{one.username or one.account_id}  {one.status}  since {instant(one.created_at)}")
            for link in accounts.links_of(conn, one.account_id):
                of = f" of {link.organisation}" if link.organisation else ""
                _say(f"    {link.link_id}  {link.fhir_user}  {link.role}{of}")

    _with(lines)


@USER.command("link")
def user_link(
    name: Name,
    who: Annotated[str, typer.Argument(help="who they are, such as Patient/x or PractitionerRole/x")],
    role: Annotated[str, typer.Option(help="what they are: person, representative, coordinator, icb, ..")],
    organisation: Annotated[str | None, typer.Option(help="id of the Organization, of staff")] = None,
) -> None:
    """Say who an account is in the record."""
    check_role(who, role, organisation)

    def link(conn: Connection) -> str:
        account = _active(conn, name)
        made = accounts.link(conn, account.account_id, who, role, clock(), organisation=organisation)
        about = {"account_id": account.account_id, "fhir_user": who, "role": role, "organisation": organisation}
        audit.note(conn, "link", "done", **about)
        return made.link_id

    _say(f"user {name} is {who} as {role}: link {_with(link)}")


@USER.command("unlink")
def user_unlink(link_id: Annotated[str, typer.Argument(help="the link, as listed")]) -> None:
    """End a link; what was granted by it dies at once."""

    def unlink(conn: Connection) -> int:
        ended = accounts.end_link(conn, link_id, clock())
        audit.note(conn, "link", "ended")
        return ended

    _say(f"link {link_id} is ended; {_with(unlink)} grants ended")


@USER.command("identity")
def user_identity(
    name: Name,
    issuer: Annotated[str, typer.Argument(help="the issuer that logs them in, as its tokens write `iss`")],
    subject: Annotated[str, typer.Argument(help="what it calls them: the `sub` of its tokens")],
) -> None:
    """Say who an account is at another issuer, for somebody no record matches by itself."""

    def identify(conn: Connection) -> None:
        account = _active(conn, name)
        linking.know(conn, issuer, subject, account.account_id, clock())
        audit.note(conn, "identity", "done", account_id=account.account_id)

    _with(identify)
    _say(f"user {name} is known to {issuer}")


@USER.command("password")
def user_password(name: Name) -> None:
    """Set another password; it is asked for, or read from standard input. Every login of the account ends."""
    password = _password()

    def change(conn: Connection) -> None:
        account = _active(conn, name)
        accounts.set_password(conn, account, password, clock())
        audit.note(conn, "password", "done", account_id=account.account_id)

    _with(change)
    _say(f"user {name} has a new password")


@USER.command("close")
def user_close(name: Name) -> None:
    """Close an account; its logins and all it granted end at once."""

    def close(conn: Connection) -> int:
        account = _active(conn, name)
        ended = accounts.close(conn, account.account_id, clock())
        audit.note(conn, "account", "ended", account_id=account.account_id)
        return ended

    _say(f"user {name} is closed; {_with(close)} grants ended")


def check_role(who: str, role: str, organisation: str | None) -> None:
    """A role fits who somebody is: persons and those who act for them have no body, staff have one.

    Raises AccountRefused.
    """
    roles = tuple(one for one in ROLES if one != "custodian")
    if role not in roles:
        raise AccountRefused(f"role: one of {', '.join(roles)}")
    wanted = (OF_PERSONS[role],) if role in OF_PERSONS else OF_STAFF
    if who.partition("/")[0] not in wanted:
        raise AccountRefused(f"{role} is for a {' or '.join(wanted)}")
    if (organisation is None) != (role in OF_PERSONS):
        raise AccountRefused(f"{role} is of {'an' if organisation is None else 'no'} organisation")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("password: ")
    if getpass.getpass("again: ") != first:
        raise AccountRefused("the two passwords are not the same")
    return first


def _active(conn: Connection, name: str) -> Account:
    account = accounts.find(conn, name)
    if account is None or account.status != "active":
        raise AccountRefused("there is no such active user")
    return account


def _with(work: Callable[[Connection], T]) -> T:
    database = Database(Settings().database_url)
    try:
        require_current(database)
        done: T = database.write(lambda session: work(session.core))
        return done
    finally:
        database.close()
