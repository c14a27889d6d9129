"""Authorization codes: 256 random bits, one use, one minute, bound to client, redirect URI and code verifier.

Source: RFC 6749 sections 4.1.2 and 10.5; RFC 7636; security requirements S3, S6, S7.
"""

import base64
import hashlib
import hmac
import re
import secrets
from typing import Final

from sqlalchemy import Connection, insert, select, update

from auth import grants
from auth.errors import OAuthError
from auth.grants import Grant
from auth.store import CODE
from auth.tokens import MICROSECONDS, digest

LIFETIME: Final = 60 * MICROSECONDS
CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
VERIFIER: Final = re.compile(r"[A-Za-z0-9\-._~]{43,128}", re.ASCII)


class Reused(OAuthError):
    """What may be used once came a second time: everything that came of it has been ended."""

    def __init__(self, what: str, grant_id: str) -> None:
        super().__init__("invalid_grant", f"the {what} is unknown, expired or used")
        self.grant_id = grant_id


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a code verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def issue(conn: Connection, grant: Grant, redirect_uri: str, code_challenge: str, now: int) -> str:
    """A new code for a grant; only its digest is stored."""
    code = secrets.token_urlsafe(32)
    conn.execute(
        insert(CODE).values(
            digest=digest(code),
            grant_id=grant.grant_id,
            client_id=grant.client_id,
            redirect_uri=redirect_uri,
            code_challenge=code_challenge,
            expires_at=now + LIFETIME,
        )
    )
    return code


def redeem(conn: Connection, code: str, client_id: str, redirect_uri: str, verifier: str, now: int) -> Grant | Reused:
    """The grant a code stands for, used up by this call.

    Of any number of rivals one gets it. A second use ends the grant and is returned, not raised, so that the end
    is kept. Raises OAuthError invalid_grant for a code that is not this client's or does not fit.
    """
    row = conn.execute(select(CODE).where(CODE.c.digest == digest(code), CODE.c.client_id == client_id)).first()
    if row is None:
        raise OAuthError("invalid_grant", "the code is unknown, expired or used")
    if row.used_at is None:
        _check(row.redirect_uri == redirect_uri, "redirect_uri is not the one of the authorization request")
        _check(_verifies(verifier, row.code_challenge), "code_verifier does not fit the code_challenge")
        _check(row.expires_at > now, "the code is unknown, expired or used")
        if _spend(conn, row.digest, now):
            return _granted(conn, row.grant_id, now)
    grants.revoke_family(conn, row.grant_id, now)
    return Reused("code", row.grant_id)


def _granted(conn: Connection, grant_id: str, now: int) -> Grant:
    grant = grants.find(conn, grant_id)
    if grant is None or not grants.holds(conn, grant, now):
        raise OAuthError("invalid_grant", "what was granted has ended")
    return grant


def _spend(conn: Connection, code_digest: str, now: int) -> bool:
    unused = (CODE.c.digest == code_digest) & CODE.c.used_at.is_(None)
    return conn.execute(update(CODE).where(unused).values(used_at=now)).rowcount == 1


def _verifies(verifier: str, challenge: str) -> bool:
    return VERIFIER.fullmatch(verifier) is not None and hmac.compare_digest(challenge_of(verifier), challenge)


def _check(good: bool, fault: str) -> None:  # noqa: FBT001 - a condition, read at the call
    if not good:
        raise OAuthError("invalid_grant", fault)
