"""Authorization requests, kept here from the first hit until somebody decided: nothing is read back from the browser.

Source: RFC 6749 section 4.1.1; OpenID Connect Core 1.0 section 3.1.2.1; security requirement S16.
"""

import json
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from auth.sessions import LoginSession
from auth.store import AUTHORIZATION
from auth.tokens import MICROSECONDS, digest

LIFETIME: Final = 10 * 60 * MICROSECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """A request whose client and redirect URI are proved. Times in microseconds, max_age in seconds.

    launch: JSON, context of an EHR launch. account_id: the only one who may decide, None for anybody.
    """

    client_id: str
    redirect_uri: str
    scope: str
    state: str | None = field(repr=False)
    nonce: str | None = field(repr=False)
    code_challenge: str = field(repr=False)
    audience: str
    prompt: str | None
    max_age: int | None
    launch: str | None = field(repr=False)
    account_id: str | None = field(repr=False)
    created_at: int
    expires_at: int

    @property
    def context(self) -> dict[str, Any]:
        """The context of an EHR launch, empty without one."""
        found: dict[str, Any] = json.loads(self.launch) if self.launch else {}
        return found

    @property
    def fresh_since(self) -> int | None:
        """The moment at or after which the person must have logged in for this request, None when any login will do."""
        needed = [] if self.max_age is None else [self.created_at - self.max_age * MICROSECONDS]
        if "login" in (self.prompt or "").split(" "):
            needed.append(self.created_at)
        return max(needed, default=None)

    def takes(self, session: LoginSession | None) -> bool:
        """Whether this login may decide the request."""
        if session is None or self.account_id not in (None, session.account_id):
            return False
        return self.fresh_since is None or session.auth_time >= self.fresh_since


def save(conn: Connection, request: AuthorizationRequest) -> str:
    """Keep a request; the handle of 256 bits under which our pages know it."""
    handle = secrets.token_urlsafe(32)
    conn.execute(insert(AUTHORIZATION).values(digest=digest(handle), **asdict(request)))
    return handle


def undecided(conn: Connection, handle: str, now: int) -> AuthorizationRequest | None:
    """The request of a handle that nobody has decided yet and that has not expired."""
    columns = [AUTHORIZATION.c[name] for name in AuthorizationRequest.__slots__]
    row = conn.execute(select(*columns).where(_waiting(handle, now))).first()
    return None if row is None else AuthorizationRequest(**row._asdict())


def decide(conn: Connection, handle: str, now: int) -> bool:
    """Take the one decision a request allows; True for one caller and no other."""
    return conn.execute(update(AUTHORIZATION).where(_waiting(handle, now)).values(decided_at=now)).rowcount == 1


def _waiting(handle: str, now: int) -> Any:
    return (
        (AUTHORIZATION.c.digest == digest(handle))
        & AUTHORIZATION.c.decided_at.is_(None)
        & (AUTHORIZATION.c.expires_at > now)
    )
