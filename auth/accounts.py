"""Accounts of people who log in, and who each of them is in the record.

Source: design section 2 (persons); security requirements S18, S22. References and roles are opaque here.
"""

import re
import secrets
import unicodedata
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from auth import passwords, sessions
from auth.errors import AuthError
from auth.store import ACCOUNT, ACCOUNT_LINK, GRANT

_REFERENCE: Final = re.compile(r"[A-Z][A-Za-z]{1,63}/[A-Za-z0-9.-]{1,64}", re.ASCII)
MAX_USERNAME: Final = 254


class AccountRefused(AuthError):
    """An account or a link that may not be made, or is not there; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who logs in. username: folded, None for those who log in elsewhere only. status: `active`, `closed`."""

    account_id: str
    username: str | None
    password_hash: str | None = field(default=None, repr=False)
    status: str = "active"
    created_at: int
    closed_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Who an account is. fhir_user: such as `Patient/x`. organisation: id, of staff. how: who vouched for it."""

    link_id: str
    account_id: str
    fhir_user: str
    role: str
    organisation: str | None = None
    how: str
    created_at: int
    ended_at: int | None = None


def fold(username: str) -> str:
    """One form for a name however it is typed: NFKC, without case, without blanks around it."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


def create(conn: Connection, username: str | None, password: str | None, now: int) -> Account:
    """A new account. Raises AccountRefused, and PasswordRefused for a password that may not be chosen.

    Without a user name nobody logs in here: the account is of an issuer that does.
    """
    name = None if username is None else _checked_name(username)
    if password is not None:
        passwords.check(password, name)
    account = Account(
        account_id=secrets.token_hex(16),
        username=name,
        password_hash=None if password is None else passwords.hashed(password),
        created_at=now,
    )
    try:
        conn.execute(insert(ACCOUNT).values(asdict(account)))
    except IntegrityError:
        raise AccountRefused("the user name is taken") from None
    return account


def find(conn: Connection, username: str) -> Account | None:
    """The account of a user name, however typed, active or closed."""
    return _account(conn, ACCOUNT.c.username == fold(username))


def get(conn: Connection, account_id: str) -> Account | None:
    """The account of an id, active or closed."""
    return _account(conn, ACCOUNT.c.account_id == account_id)


def all_accounts(conn: Connection) -> list[Account]:
    """Every account, by user name."""
    return [Account(**row._asdict()) for row in conn.execute(select(ACCOUNT).order_by(ACCOUNT.c.username))]


def set_password(conn: Connection, account: Account, password: str, now: int, *, but: str | None = None) -> None:
    """Give an account another password; its logins end, but for the session of the digest `but`.

    Raises PasswordRefused.
    """
    passwords.check(password, account.username)
    keep_hash(conn, account.account_id, passwords.hashed(password))
    sessions.end_all(conn, account.account_id, now, but=but)


def keep_hash(conn: Connection, account_id: str, password_hash: str) -> None:
    """Store a hash: of a new password, or of the same one at today's costs."""
    conn.execute(update(ACCOUNT).where(ACCOUNT.c.account_id == account_id).values(password_hash=password_hash))


def link(
    conn: Connection,
    account_id: str,
    fhir_user: str,
    role: str,
    now: int,
    *,
    organisation: str | None = None,
    how: str = "operator",
) -> Link:
    """Say who an account is. Raises AccountRefused: no such active account, not a reference, linked so already."""
    account = get(conn, account_id)
    if account is None or account.status != "active":
        raise AccountRefused("there is no such active account")
    if _REFERENCE.fullmatch(fhir_user) is None:
        raise AccountRefused("who it is must be a reference such as Patient/x")
    if any(
        (one.fhir_user, one.role, one.organisation) == (fhir_user, role, organisation)
        for one in links_of(conn, account_id)
    ):
        raise AccountRefused("the account is linked so already")
    made = Link(
        link_id=secrets.token_hex(16),
        account_id=account_id,
        fhir_user=fhir_user,
        role=role,
        organisation=organisation,
        how=how,
        created_at=now,
    )
    conn.execute(insert(ACCOUNT_LINK).values(asdict(made)))
    return made


def links_of(conn: Connection, account_id: str) -> list[Link]:
    """Who an account is now, the first link first."""
    mine = select(ACCOUNT_LINK).where(ACCOUNT_LINK.c.account_id == account_id, ACCOUNT_LINK.c.ended_at.is_(None))
    found = conn.execute(mine.order_by(ACCOUNT_LINK.c.created_at, ACCOUNT_LINK.c.link_id))
    return [Link(**row._asdict()) for row in found]


def end_link(conn: Connection, link_id: str, now: int) -> int:
    """The account is this no longer; how many grants died with it. Raises AccountRefused when there is no such link."""
    ended = (
        update(ACCOUNT_LINK)
        .where(ACCOUNT_LINK.c.link_id == link_id, ACCOUNT_LINK.c.ended_at.is_(None))
        .values(ended_at=now)
        .returning(ACCOUNT_LINK)
    )
    row = conn.execute(ended).first()
    if row is None:
        raise AccountRefused("there is no such link")
    rested = (
        (GRANT.c.account_id == row.account_id)
        & (GRANT.c.fhir_user == row.fhir_user)
        & (GRANT.c.role == row.role)
        & GRANT.c.organisation.is_not_distinct_from(row.organisation)
    )
    return _revoke(conn, rested, now)


def close(conn: Connection, account_id: str, now: int) -> int:
    """End an account, its links, its logins and all it granted; how many grants died. Raises AccountRefused."""
    closed = update(ACCOUNT).where(ACCOUNT.c.account_id == account_id, ACCOUNT.c.status == "active")
    if not conn.execute(closed.values(status="closed", closed_at=now)).rowcount:
        raise AccountRefused("there is no such active account")
    links = update(ACCOUNT_LINK).where(ACCOUNT_LINK.c.account_id == account_id, ACCOUNT_LINK.c.ended_at.is_(None))
    conn.execute(links.values(ended_at=now))
    sessions.end_all(conn, account_id, now)
    return _revoke(conn, GRANT.c.account_id == account_id, now)


def _revoke(conn: Connection, which: Any, now: int) -> int:
    """Every token looks its grant up at each use, so this ends them all."""
    return conn.execute(update(GRANT).where(which, GRANT.c.revoked_at.is_(None)).values(revoked_at=now)).rowcount


def _account(conn: Connection, which: Any) -> Account | None:
    row = conn.execute(select(ACCOUNT).where(which)).first()
    return None if row is None else Account(**row._asdict())


def _checked_name(username: str) -> str:
    name = fold(username)
    if not name or len(name) > MAX_USERNAME or not name.isprintable() or " " in name:
        raise AccountRefused(f"user name: 1 to {MAX_USERNAME} characters without blanks are allowed")
    return name
