"""An answer without asking: only where the request forbids asking, and a former decision says exactly this much.

An app on the person's own machine cannot prove which app it is, so it is never answered without asking.

Source: OpenID Connect Core 1.0 section 3.1.2.1 (prompt=none) and 3.1.2.6; RFC 8252 section 8.6; S15.
"""

from sqlalchemy import Connection

from auth import app_scopes, consent, grants
from auth.authorizations import AuthorizationRequest
from auth.clients import Client
from auth.config import AuthConfig
from auth.grants import Grant
from auth.redirects import is_loopback
from auth.sessions import LoginSession


def answer(
    config: AuthConfig,
    conn: Connection,
    request: AuthorizationRequest,
    client: Client,
    session: LoginSession,
    now: int,
) -> str | None:
    """The redirect with a code, None when the person would have to be asked."""
    former = _former(config, conn, request, client, session, now)
    if former is None:
        return None
    asked = consent.offered(config, request, client)
    scope = str(app_scopes.within(asked, app_scopes.parse(former.scope)))
    made = grants.again(conn, former, scope, session, request.nonce, now)
    about = {"client_id": client.client_id, "account_id": session.account_id, "grant_id": made.grant_id}
    config.note(conn, "consent", "granted", **about, patient=made.patient)
    return consent.answer(config, conn, request, made, now)


def _former(
    config: AuthConfig,
    conn: Connection,
    request: AuthorizationRequest,
    client: Client,
    session: LoginSession,
    now: int,
) -> Grant | None:
    """The newest living grant that allowed all that is asked now, for the same person."""
    if client.kind == "public" and is_loopback(request.redirect_uri):
        return None
    asked = str(consent.offered(config, request, client))
    patient = request.context.get("patient")
    for former in grants.living(conn, client.client_id, session.account_id, now):
        about_the_same = patient is None or former.patient == patient
        if (
            about_the_same
            and set(asked.split(" ")) <= set(former.scope.split(" "))
            and _holds(config, conn, former, now)
        ):
            return former
    return None


def _holds(config: AuthConfig, conn: Connection, former: Grant, now: int) -> bool:
    return (
        former.decided_here
        and grants.holds(conn, former, now)
        and config.still_holds(conn, grants.principal_of(former, "", former.scope, ""), now)
    )
