"""The decision of a person: what an app asks of them, what they allow, and the answer that goes back to the app.

No page is made here: `ask` is what a page shows, `grant` and `deny` are its two buttons. Consent is asked for at
every request; only one that forbids asking (`prompt=none`) rests on a former decision, see `auth.remembered`.

Source: SMART App Launch 2.2 (scope picking, launch context); security requirements S4, S14, S15, S16.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from auth import app_scopes, authorizations, clients, codes, grants, redirects
from auth.app_scopes import CONTEXT, IDENTITY, REFRESH, AppScopes
from auth.authorizations import AuthorizationRequest
from auth.clients import Client
from auth.config import AuthConfig
from auth.errors import AuthError
from auth.grants import BANNER, OFFLINE
from auth.scopes import Scope
from auth.seams import Choice
from auth.sessions import LoginSession

__all__ = ["Ask", "Choice", "LoginNeeded", "NothingToDecide", "ask", "deny", "grant"]


class NothingToDecide(AuthError):
    """The request is unknown, expired, decided already, or another person's; the message is for people."""

    def __init__(self) -> None:
        super().__init__("This request has ended. Go back to the app and start again.")


class LoginNeeded(AuthError):
    """The request asks for a login newer than this one."""

    def __init__(self) -> None:
        super().__init__("Log in again to go on.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What an app asks. Every scope of `resources`, and `refresh`, may be unticked; the rest is told.

    redirect_uri: where the answer goes. identity: of openid, fhirUser, profile. refresh: `offline_access` or
    `online_access`, None without. offline_until: when offline access would end, microseconds. choices: whom the
    account may act as; of several the person picks one. patient: id of the person an EHR launch is about.
    fresh_since: the login must not be older than this, microseconds.
    """

    client_id: str
    client_name: str
    redirect_uri: str
    resources: tuple[Scope, ...]
    identity: tuple[str, ...]
    refresh: str | None
    offline_until: int | None
    choices: tuple[Choice, ...] = field(repr=False)
    patient: str | None = field(repr=False)
    fresh_since: int | None


def ask(config: AuthConfig, conn: Connection, handle: str, account_id: str, now: int) -> Ask | None:
    """What the request of this handle asks of an account, None when there is nothing to decide (any more)."""
    found = _open(conn, handle, now)
    if found is None or found[0].account_id not in (None, account_id):
        return None
    request, client = found
    scopes, choices = offered(config, request, client), _choices(config, conn, request, account_id, now)
    refresh = next((word for word in REFRESH if word in scopes.words), None)
    shown = (Scope.parse(text) for text in scopes.resources if _anybody_may(config, text, choices))
    return Ask(
        client_id=client.client_id,
        client_name=client.name,
        redirect_uri=request.redirect_uri,
        resources=tuple(scope for scope in shown if scope is not None),
        identity=tuple(word for word in IDENTITY if word in scopes.words),
        refresh=refresh,
        offline_until=now + OFFLINE if scopes.offline else None,
        choices=choices,
        patient=request.context.get("patient"),
        fresh_since=request.fresh_since,
    )


def grant(  # noqa: PLR0917 - who, what and when of one decision
    config: AuthConfig,
    conn: Connection,
    handle: str,
    session: LoginSession,
    ticked: Collection[str],
    picked: tuple[str, str | None],
    now: int,
) -> str:
    """Allow what is ticked, acting as one of the choices; the address to send the browser to.

    ticked: scope texts of `Ask.resources`, or narrower ones, and of `Ask.refresh`. picked: link_id and patient of
    one of `Ask.choices`. One decision a request. Allowing nothing is the same as refusing.
    Raises NothingToDecide, LoginNeeded.
    """
    request, client = _decided(conn, handle, session, now)
    choice = _chosen(_choices(config, conn, request, session.account_id, now), picked)
    patient = request.context.get("patient") or choice.patient
    scopes = allowed(config, offered(config, request, client), ticked, choice, patient)
    if not scopes.resources and "openid" not in scopes.words:
        return _denied(config, conn, request, session)
    decided = grants.Decision(
        client_id=client.client_id,
        choice=choice,
        patient=patient,
        scopes=scopes,
        context=_told(request),
        nonce=request.nonce,
        purpose=client.purpose,
    )
    made = grants.create(conn, decided, session, now)
    about = {"client_id": client.client_id, "account_id": session.account_id, "grant_id": made.grant_id}
    config.note(conn, "consent", "granted", **about, patient=patient)
    return answer(config, conn, request, made, now)


def deny(config: AuthConfig, conn: Connection, handle: str, session: LoginSession, now: int) -> str:
    """Refuse; the address to send the browser to. Raises NothingToDecide, LoginNeeded."""
    request, _ = _decided(conn, handle, session, now)
    return _denied(config, conn, request, session)


def answer(config: AuthConfig, conn: Connection, request: AuthorizationRequest, made: grants.Grant, now: int) -> str:
    """The redirect that brings the app its code."""
    code = codes.issue(conn, made, request.redirect_uri, request.code_challenge, now)
    return redirects.with_parameters(request.redirect_uri, code=code, state=request.state, iss=config.issuer)


def allowed(
    config: AuthConfig, asked: AppScopes, ticked: Collection[str], choice: Choice, patient: str | None
) -> AppScopes:
    """What is granted: asked, ticked, and within the role. `patient/` scopes need a person to be about."""
    kept = tuple(word for word in asked.words if word not in REFRESH or word in ticked)
    picked = app_scopes.within(AppScopes((), app_scopes.parse(" ".join(ticked)).resources), asked)
    scopes = AppScopes(kept, app_scopes.within(picked, role_limit(config, choice.role)).resources)
    return scopes if patient is not None else app_scopes.without_patient(scopes)


def role_limit(config: AuthConfig, role: str) -> AppScopes:
    """The most a role may be granted. What it may do as a user it may do within one person's record too."""
    limit = app_scopes.parse(config.role_scopes(role))
    narrower = (f"patient/{text.removeprefix('user/')}" for text in limit.resources if text.startswith("user/"))
    return AppScopes(limit.words, (*limit.resources, *narrower))


def offered(config: AuthConfig, request: AuthorizationRequest, client: Client) -> AppScopes:
    """What was asked and is registered. `launch` means the context of a launch: without one there is none to give."""
    found = app_scopes.offered(request.scope, client.scope, config.supported_types)
    if request.launch is not None:
        return found
    return AppScopes(tuple(word for word in found.words if word != CONTEXT[0]), found.resources)


def _open(conn: Connection, handle: str, now: int) -> tuple[AuthorizationRequest, Client] | None:
    """An undecided request and its client, both as they are now: an address taken back gets no answer."""
    request = authorizations.undecided(conn, handle, now)
    client = None if request is None else clients.find(conn, request.client_id)
    if request is None or client is None or client.status != "active":
        return None
    public = client.kind == "public"
    return (request, client) if redirects.matches(client.redirects, request.redirect_uri, public=public) else None


def _decided(conn: Connection, handle: str, session: LoginSession, now: int) -> tuple[AuthorizationRequest, Client]:
    found = _open(conn, handle, now)
    if found is None or found[0].account_id not in (None, session.account_id):
        raise NothingToDecide
    if not found[0].takes(session):
        raise LoginNeeded
    if not authorizations.decide(conn, handle, now):
        raise NothingToDecide
    return found


def _denied(config: AuthConfig, conn: Connection, request: AuthorizationRequest, session: LoginSession) -> str:
    config.note(conn, "consent", "denied", client_id=request.client_id, account_id=session.account_id)
    return redirects.with_parameters(
        request.redirect_uri,
        error="access_denied",
        error_description="the person did not allow it",
        state=request.state,
        iss=config.issuer,
    )


def _choices(
    config: AuthConfig, conn: Connection, request: AuthorizationRequest, account_id: str, now: int
) -> tuple[Choice, ...]:
    """Whom the account may act as; for a launch about a person, those it may act for them as."""
    found, patient = config.people(conn, account_id, now), request.context.get("patient")
    return found if patient is None else tuple(one for one in found if one.patient in (None, patient))


def _chosen(choices: tuple[Choice, ...], picked: tuple[str, str | None]) -> Choice:
    for one in choices:
        if (one.link_id, one.patient) == picked:
            return one
    raise NothingToDecide


def _anybody_may(config: AuthConfig, text: str, choices: tuple[Choice, ...]) -> bool:
    wanted = AppScopes((), (text,))
    return any(app_scopes.within(wanted, role_limit(config, role)).resources for role in {one.role for one in choices})


def _told(request: AuthorizationRequest) -> dict[str, Any]:
    """What the token response will tell of the launch besides the patient."""
    context = request.context
    told: dict[str, Any] = {BANNER: context.get(BANNER, True)}
    return {**told, "fhirContext": context["fhirContext"]} if context.get("fhirContext") else told
