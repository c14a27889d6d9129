"""Whose account a proved identity opens: the one it is known by, else one made for the record it exactly matches.

An identity is (iss, sub) and nothing else. What the issuer verified links it once; where no record matches, or more
than one, nothing is made and nothing granted. A link an operator ended is never made again here.

Source: security requirements S28, S29.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.exc import IntegrityError

from auth import accounts
from auth.accounts import AccountRefused
from auth.issuers.federation import PERSON_ROLE, Federation, Matched
from auth.issuers.identity import Identity
from auth.issuers.profiles import PEOPLE, STAFF
from auth.store import ACCOUNT, ACCOUNT_LINK, EXTERNAL_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An account an identity opens. matched: who the issuer's claims say it is today, None when that finds nobody."""

    account_id: str = field(repr=False)
    matched: Matched | None


def open_account(conn: Connection, known: Identity, federation: Federation, now: int) -> Opened | None:
    """The account this identity opens, None when it opens none. now: microseconds."""
    matched = match(conn, known, federation, now)
    account = _known(conn, known)
    if account is None:
        account_id = _made(conn, known, matched, now) if matched else None
        return Opened(account_id=account_id, matched=matched) if account_id else None
    if account.status != "active":
        return None
    # a worker comes in one role today and another tomorrow; a person is one person for good
    if matched is not None and STAFF in known.issuer.uses:
        _link(conn, account.account_id, matched, known.issuer.iss, now)
    return Opened(account_id=account.account_id, matched=matched)


def match(conn: Connection, known: Identity, federation: Federation, now: int) -> Matched | None:
    """Who this identity is in the record by what its issuer verified, None when that finds nobody."""
    if PEOPLE in known.issuer.uses:
        person = known.person
        fhir_user = federation.match_person(conn, *person) if person else None
        return Matched(fhir_user=fhir_user, role=PERSON_ROLE) if fhir_user else None
    worker = known.worker
    return federation.match_worker(conn, worker, now) if worker else None


def know(conn: Connection, iss: str, subject: str, account_id: str, now: int) -> None:
    """Say whose identity this is. Raises AccountRefused when it is somebody's already."""
    row = {"issuer": iss, "subject": subject, "account_id": account_id, "created_at": now}
    try:
        conn.execute(insert(EXTERNAL_IDENTITY).values(row))
    except IntegrityError:
        raise AccountRefused("the identity is an account's already") from None


def _known(conn: Connection, known: Identity) -> Row[Any] | None:
    mine = (EXTERNAL_IDENTITY.c.issuer == known.issuer.iss) & (EXTERNAL_IDENTITY.c.subject == known.subject)
    joined = select(ACCOUNT).join(EXTERNAL_IDENTITY, EXTERNAL_IDENTITY.c.account_id == ACCOUNT.c.account_id)
    return conn.execute(joined.where(mine)).first()


def _made(conn: Connection, known: Identity, matched: Matched, now: int) -> str | None:
    """A new account, linked; when the same identity came for the first time twice at once, the other one's."""
    try:
        with conn.begin_nested():
            account_id = accounts.create(conn, None, None, now).account_id
            know(conn, known.issuer.iss, known.subject, account_id, now)
            _link(conn, account_id, matched, known.issuer.iss, now)
    except AccountRefused:
        other = _known(conn, known)
        return str(other.account_id) if other is not None and other.status == "active" else None
    return account_id


def _link(conn: Connection, account_id: str, matched: Matched, iss: str, now: int) -> None:
    """Link an account to a record, unless it is or once was."""
    same = (ACCOUNT_LINK.c.fhir_user == matched.fhir_user) & (ACCOUNT_LINK.c.role == matched.role)
    if conn.execute(select(ACCOUNT_LINK.c.link_id).where(ACCOUNT_LINK.c.account_id == account_id, same)).first():
        return
    accounts.link(conn, account_id, matched.fhir_user, matched.role, now, organisation=matched.organisation, how=iss)
