"""What a token is worth, told to those who may know: its client, or a registered resource server.

The verdict is the one the API would give: a revoked grant, a closed account or an ended tie makes a token inactive.

Source: RFC 7662; RFC 7009; SMART App Launch 2.2, token-introspection; security requirements S12, S13.
"""

from typing import Any, Final

from sqlalchemy import Connection, select

from auth import clients, grants, id_tokens, refresh_tokens, tokens
from auth.clients import Client
from auth.config import AuthConfig
from auth.errors import Unauthorized
from auth.grants import Grant
from auth.principal import Principal
from auth.store import ACCESS_TOKEN
from auth.tokens import MICROSECONDS, TOKEN_ROW

INACTIVE: Final[dict[str, Any]] = {"active": False}


def introspect(config: AuthConfig, conn: Connection, asker: Client, token: str, now: int) -> dict[str, Any]:
    """The answer of RFC 7662. Any token that is not the asker's to ask about is as good as unknown."""
    found = _access(config, conn, token, now) or _refresh(config, conn, token, now)
    if found is None or not (asker.may_introspect or found["client_id"] == asker.client_id):
        return INACTIVE
    return {"active": True, **found, "iss": config.issuer, "aud": config.fhir_base}


def asker_of(conn: Connection, principal: Principal) -> Client:
    """The client that asks with a bearer token of its own. Raises Unauthorized."""
    client = clients.find(conn, principal.client_id)
    if client is None:
        raise Unauthorized(tokens.UNKNOWN)
    return client


def revoke(config: AuthConfig, conn: Connection, client: Client, token: str, now: int) -> None:
    """End a token of this client; a refresh token ends its grant, and so all that came of it."""
    if tokens.revoke(conn, token, client.client_id, now):
        config.note(conn, "revocation", "ended", client_id=client.client_id)
        return
    row = refresh_tokens.find(conn, token)
    if row is not None and row.client_id == client.client_id and grants.revoke_family(conn, row.grant_id, now):
        config.note(conn, "revocation", "ended", client_id=client.client_id, grant_id=row.grant_id)


def admitted(config: AuthConfig, conn: Connection, token_digest: str, now: int) -> Principal:
    """The principal of a token by the API's own verdict. Raises Unauthorized."""
    principal = tokens.admit(conn.execute(TOKEN_ROW, {"digest": token_digest}).first(), token_digest, now)
    if not config.still_holds(conn, principal, now):
        raise Unauthorized(tokens.UNKNOWN)
    return principal


def _access(config: AuthConfig, conn: Connection, token: str, now: int) -> dict[str, Any] | None:
    named = tokens.digest(token)
    try:
        principal = admitted(config, conn, named, now)
    except Unauthorized:
        return None
    row = conn.execute(select(ACCESS_TOKEN).where(ACCESS_TOKEN.c.digest == named)).one()
    return {
        **_about(config, principal, row.scope),
        "token_type": "Bearer",
        "iat": row.issued_at // MICROSECONDS,
        "exp": row.expires_at // MICROSECONDS,
    }


def _refresh(config: AuthConfig, conn: Connection, token: str, now: int) -> dict[str, Any] | None:
    row = refresh_tokens.find(conn, token)
    if row is None or row.used_at is not None or row.expires_at <= now:
        return None
    grant, client = grants.find(conn, row.grant_id), clients.find(conn, row.client_id)
    if grant is None or client is None or not _lives(config, conn, grant, client, now):
        return None
    principal = grants.principal_of(grant, client.name, row.scope, row.digest)
    times = {"iat": row.issued_at // MICROSECONDS, "exp": row.expires_at // MICROSECONDS}
    return {**_about(config, principal, row.scope), **times}


def _lives(config: AuthConfig, conn: Connection, grant: Grant, client: Client, now: int) -> bool:
    principal = grants.principal_of(grant, client.name, grant.scope, "")
    return client.status == "active" and grants.holds(conn, grant, now) and config.still_holds(conn, principal, now)


def _about(config: AuthConfig, principal: Principal, scope: str) -> dict[str, Any]:
    """Whose token it is: the client's own, or a person's."""
    said: dict[str, Any] = {"client_id": principal.client_id, "scope": scope, "sub": principal.client_id}
    if principal.account_id is None:
        return said
    if principal.patient is not None:
        said["patient"] = principal.patient
    return {**said, **id_tokens.person(config, principal.account_id, principal.fhir_user, scope)}
