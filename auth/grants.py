"""What people granted: one row for each consent, which every token of it looks at, so that ending it ends them all.

Source: RFC 6749 section 1.5; security requirements S8, S15, S22.
"""

import json
import secrets
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update

from auth.app_scopes import AppScopes
from auth.principal import Principal
from auth.scopes import ScopeSet
from auth.seams import Choice
from auth.sessions import LoginSession
from auth.store import ACCESS_TOKEN, ACCOUNT, CLIENT, GRANT, SESSION
from auth.tokens import MICROSECONDS

OFFLINE: Final = 180 * 24 * 3600 * MICROSECONDS
BANNER: Final = "need_patient_banner"  # the member of the token response that every consent here decides
ONLINE: Final = 8 * 3600 * MICROSECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a person let an app do. Times in microseconds; expires_at: no token outlives it.

    patient: id of the person in the launch context. context: JSON, what the token response tells besides.
    session_digest: the login that a grant without offline access lives by. amr: JSON list.
    """

    grant_id: str
    client_id: str
    account_id: str = field(repr=False)
    scope: str
    fhir_user: str = field(repr=False)
    role: str
    organisation: str | None
    patient: str | None = field(repr=False)
    purpose: str | None
    context: str
    offline: bool
    session_digest: str | None = field(repr=False)
    auth_time: int
    acr: str | None
    amr: str
    nonce: str | None = field(repr=False)
    created_at: int
    expires_at: int
    revoked_at: int | None = None

    @property
    def decided_here(self) -> bool:
        """Whether the person was asked on our own page, and not another issuer believed."""
        return BANNER in json.loads(self.context)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppAccess:
    """One line of the page "apps that can see my records". last_used: when it last got a token, microseconds."""

    grant_id: str
    client_id: str
    client_name: str
    scope: str
    fhir_user: str = field(repr=False)
    patient: str | None = field(repr=False)
    offline: bool
    created_at: int
    expires_at: int
    last_used: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided: who they act as, for which person, what they allow, and what the token is to tell."""

    client_id: str
    choice: Choice
    patient: str | None
    scopes: AppScopes
    context: dict[str, Any]
    nonce: str | None
    purpose: str | None = None


def create(conn: Connection, decided: Decision, session: LoginSession, now: int) -> Grant:
    """Keep a decision. Offline access lasts 180 days at most, anything else 8 hours and as long as the login."""
    offline = decided.scopes.offline
    grant = Grant(
        grant_id=secrets.token_urlsafe(16),
        client_id=decided.client_id,
        account_id=session.account_id,
        scope=str(decided.scopes),
        fhir_user=decided.choice.fhir_user,
        role=decided.choice.role,
        organisation=decided.choice.organisation,
        patient=decided.patient,
        purpose=decided.purpose,
        context=json.dumps(decided.context),
        offline=offline,
        session_digest=None if offline else session.digest,
        auth_time=session.auth_time,
        acr=session.acr,
        amr=json.dumps(session.amr),
        nonce=decided.nonce,
        created_at=now,
        expires_at=now + (OFFLINE if offline else ONLINE),
    )
    return keep(conn, grant)


def keep(conn: Connection, grant: Grant) -> Grant:
    """Store a new grant."""
    conn.execute(insert(GRANT).values(asdict(grant)))
    return grant


def again(conn: Connection, former: Grant, scope: str, session: LoginSession, nonce: str | None, now: int) -> Grant:
    """The same person's same grant for a new round of the app, ending when the former one ends."""
    renewed = replace(
        former,
        grant_id=secrets.token_urlsafe(16),
        scope=scope,
        session_digest=None if former.offline else session.digest,
        auth_time=session.auth_time,
        acr=session.acr,
        amr=json.dumps(session.amr),
        nonce=nonce,
        created_at=now,
    )
    return keep(conn, renewed)


def find(conn: Connection, grant_id: str) -> Grant | None:
    """A grant, living or ended."""
    row = conn.execute(select(GRANT).where(GRANT.c.grant_id == grant_id)).first()
    return None if row is None else _grant(row)


def living(conn: Connection, client_id: str, account_id: str, now: int) -> list[Grant]:
    """What an account has granted an app and not ended, the newest first."""
    mine = (GRANT.c.client_id == client_id) & (GRANT.c.account_id == account_id)
    rows = conn.execute(select(GRANT).where(mine, _alive(now)).order_by(GRANT.c.created_at.desc(), GRANT.c.grant_id))
    return [_grant(row) for row in rows]


def holds(conn: Connection, grant: Grant, now: int) -> bool:
    """Whether a grant, its account and, where it lives by one, its login have not ended."""
    if grant.revoked_at is not None or grant.expires_at <= now or not _account_open(conn, grant.account_id):
        return False
    return grant.offline or _logged_in(conn, grant.session_digest, now)


def principal_of(grant: Grant, client_name: str, scope: str, token_digest: str) -> Principal:
    """Who a token of this grant stands for."""
    return Principal(
        client_id=grant.client_id,
        name=client_name,
        scopes=ScopeSet.parse(scope),
        token_digest=token_digest,
        role=grant.role,
        organisation=grant.organisation,
        grant_id=grant.grant_id,
        account_id=grant.account_id,
        fhir_user=grant.fhir_user,
        patient=grant.patient,
        purpose=grant.purpose,
    )


def grants_of(conn: Connection, account_id: str, now: int) -> list[AppAccess]:
    """The apps an account lets in, the newest first."""
    used = (
        select(func.max(ACCESS_TOKEN.c.issued_at))
        .where(ACCESS_TOKEN.c.grant_id == GRANT.c.grant_id)
        .scalar_subquery()
        .label("last_used")
    )
    columns = [GRANT.c[name] for name in AppAccess.__slots__ if name in GRANT.c]
    rows = conn.execute(
        select(*columns, CLIENT.c.name.label("client_name"), used)
        .join_from(GRANT, CLIENT, GRANT.c.client_id == CLIENT.c.client_id)
        .where(GRANT.c.account_id == account_id, _alive(now), CLIENT.c.status == "active")
        .order_by(GRANT.c.created_at.desc(), GRANT.c.grant_id)
    )
    return [AppAccess(**row._asdict()) for row in rows]


def revoke_grant(conn: Connection, grant_id: str, account_id: str, now: int) -> bool:
    """End a grant of this account, and with it every token of it; True if one was ended."""
    mine = (GRANT.c.grant_id == grant_id) & (GRANT.c.account_id == account_id)
    return _end(conn, mine, now) == 1


def revoke_family(conn: Connection, grant_id: str, now: int) -> bool:
    """End a grant whose code or refresh token came a second time."""
    return _end(conn, GRANT.c.grant_id == grant_id, now) == 1


def revoke_all(conn: Connection, account_id: str, now: int, *, fhir_user: str | None = None) -> int:
    """End every grant of an account, or those given as one `fhir_user`; how many."""
    mine = GRANT.c.account_id == account_id
    return _end(conn, mine if fhir_user is None else mine & (GRANT.c.fhir_user == fhir_user), now)


def _end(conn: Connection, which: Any, now: int) -> int:
    return conn.execute(update(GRANT).where(which, GRANT.c.revoked_at.is_(None)).values(revoked_at=now)).rowcount


def _alive(now: int) -> Any:
    return GRANT.c.revoked_at.is_(None) & (GRANT.c.expires_at > now)


def _account_open(conn: Connection, account_id: str) -> bool:
    opened = (ACCOUNT.c.account_id == account_id) & (ACCOUNT.c.status == "active")
    return conn.execute(select(ACCOUNT.c.account_id).where(opened)).first() is not None


def _logged_in(conn: Connection, session_digest: str | None, now: int) -> bool:
    lives = (SESSION.c.digest == session_digest) & SESSION.c.ended_at.is_(None) & (SESSION.c.expires_at > now)
    return conn.execute(select(SESSION.c.digest).where(lives)).first() is not None


def _grant(row: Row[Any]) -> Grant:
    return Grant(**row._asdict())
