"""Token exchange: a registered client brings a token of another issuer and gets one of ours for the same person.

The operator lists the clients that may, each with the audience its tokens must name. Nobody is asked on a page, so the
grant stands on the page of apps, and once the person ends it the client gets nothing more for them.

Source: RFC 8693; RFC 9068 section 4; security requirements S13-S15, S21, S28, S29.
"""

import json
import secrets
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from auth import app_scopes, grants, jwks, tokens
from auth.app_scopes import AppScopes
from auth.errors import OAuthError
from auth.grants import Grant
from auth.issuers.federation import Federation
from auth.issuers.id_token import (
    ACCESS_TOKEN,
    ID_TOKEN,
    LEEWAY_S,
    MICROSECONDS,
    Expected,
    Token,
    TokenRefused,
    issuer_of,
    prove,
    read,
    sha256,
)
from auth.issuers.identity import Identity, identity
from auth.issuers.linking import Opened, open_account
from auth.issuers.settings import Endpoints, Issuer
from auth.seams import Choice, Handler, TokenRequest
from auth.store import ACCOUNT_LINK, GRANT, SUBJECT_TOKEN

GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN_TYPE: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a name
TYPES: Final = {"urn:ietf:params:oauth:token-type:id_token": ID_TOKEN, ACCESS_TOKEN_TYPE: ACCESS_TOKEN}
PURGED_AT_ONCE: Final = 1000
MARK: Final = "token_exchange"  # in the context of a grant: which issuer's tokens it stands for


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """Whose token came: as the issuer says, as an account, and as whom the account acts."""

    known: Identity
    account_id: str = field(repr=False)
    choice: Choice


def handlers(federation: Federation) -> dict[str, Handler]:
    """The grant type, for `AuthConfig.handlers`; none where no issuer is for it."""
    if not any(issuer.exchange for issuer in federation.issuers):
        return {}
    return {GRANT_TYPE: lambda request: exchange(request, federation)}


def exchange(request: TokenRequest, federation: Federation) -> dict[str, Any]:
    """RFC 8693: an access token of ours, never a refresh token. Raises OAuthError, jwks.KeysNeeded."""
    _check_form(request)
    issuer, endpoints, audience = _issuer(request, federation)
    try:
        token = _proved(request, issuer, endpoints, audience)
        known = identity(issuer, token)
    except TokenRefused as error:
        raise OAuthError("invalid_request", f"subject_token: {error}") from None
    _spend(request, issuer, token)
    opened = open_account(request.conn, known, federation, request.now)
    if opened is None:
        raise OAuthError("invalid_grant", "nobody here is exactly who the subject_token speaks of")
    subject = _Subject(known=known, account_id=opened.account_id, choice=_choice(request, opened))
    return _answer(request, subject)


def _check_form(request: TokenRequest) -> None:
    """What is asked is what is offered. Raises OAuthError."""
    form, base = request.form, request.config.fhir_base
    if request.client.kind != "confidential":
        raise OAuthError("unauthorized_client", "only confidential clients may exchange tokens")
    if "actor_token" in form or "actor_token_type" in form:
        raise OAuthError("invalid_request", "actor_token is not supported")
    if form.get("requested_token_type", ACCESS_TOKEN_TYPE) != ACCESS_TOKEN_TYPE:
        raise OAuthError("invalid_request", "only an access_token can be asked for")
    if form.get("subject_token_type") not in TYPES:
        raise OAuthError("invalid_request", f"subject_token_type must be one of {', '.join(TYPES)}")
    for name in ("resource", "audience"):
        if form.get(name, base).rstrip("/") != base:
            raise OAuthError("invalid_target", f"{name} is not the FHIR base of this server")


def _issuer(request: TokenRequest, federation: Federation) -> tuple[Issuer, Endpoints, str]:
    """The issuer the token names, and the audience this client's tokens of it must have. Raises OAuthError."""
    client_id = request.client.client_id
    theirs = [one for one in federation.issuers if client_id in one.exchange]
    if not theirs:
        raise OAuthError("unauthorized_client", "this client may not exchange tokens")
    iss = issuer_of(request.form.get("subject_token", ""))
    for one in theirs:
        if one.iss == iss and one.endpoints is not None:
            return one, one.endpoints, one.exchange[client_id]
    raise OAuthError("invalid_request", "subject_token: not a token of an issuer this client may bring tokens of")


def _proved(request: TokenRequest, issuer: Issuer, endpoints: Endpoints, audience: str) -> Token:
    types = TYPES[request.form["subject_token_type"]]
    expected = Expected(audience=audience, jwks=endpoints.jwks, types=types)
    token = read(request.form["subject_token"], issuer, expected, request.now)
    if endpoints.jwks in request.fetched:
        prove(token, jwks.last_good(request.conn, endpoints.jwks, request.now))
    else:
        prove(token, jwks.cached(request.conn, endpoints.jwks, token.kid, request.now))
    return token


def _spend(request: TokenRequest, issuer: Issuer, token: Token) -> None:
    """Use up a token; the unique key decides, so of any number of rivals one wins. Raises OAuthError."""
    conn, jti = request.conn, token.claims.get("jti")
    _purge(conn, request.now)
    digest = sha256(f"jti {jti}" if isinstance(jti, str) and jti else f"text {token.signed_part}")
    row = {"issuer": issuer.iss, "digest": digest, "expires_at": (token.exp + LEEWAY_S) * MICROSECONDS}
    try:
        conn.execute(insert(SUBJECT_TOKEN).values(row))
    except IntegrityError:
        raise OAuthError("invalid_request", "subject_token: used before") from None


def _purge(conn: Connection, now: int) -> None:
    key = (SUBJECT_TOKEN.c.issuer, SUBJECT_TOKEN.c.digest)
    late = select(*key).where(SUBJECT_TOKEN.c.expires_at < now).limit(PURGED_AT_ONCE).with_for_update(skip_locked=True)
    conn.execute(delete(SUBJECT_TOKEN).where(tuple_(*key).in_(late)))


def _choice(request: TokenRequest, opened: Opened) -> Choice:
    """As whom the account acts: who the token says it is, else the only one it may act as. Raises OAuthError."""
    choices = request.config.people(request.conn, opened.account_id, request.now)
    if opened.matched is not None:
        choices = tuple(one for one in choices if one.fhir_user == opened.matched.fhir_user)
    if len(choices) != 1:
        raise OAuthError("invalid_grant", "the subject_token does not say as whom, or for whom, the client is to act")
    return choices[0]


def _answer(request: TokenRequest, subject: _Subject) -> dict[str, Any]:
    conn, config, client = request.conn, request.config, request.client
    most = _most(request, subject.choice, client.scope)
    asked = _most(request, subject.choice, request.form.get("scope", client.scope))
    if not asked:
        raise OAuthError("invalid_scope", "none of the scopes asked for can be granted to this client for this person")
    grant = _standing(request, subject, most)
    if not config.still_holds(conn, grants.principal_of(grant, client.name, asked, ""), request.now):
        raise OAuthError("invalid_grant", "what the account rests on has ended")
    lifetime = config.person_token_lifetime_s
    issued = tokens.issue(conn, client.client_id, asked, request.now, lifetime, grant_id=grant.grant_id)
    about = {"client_id": client.client_id, "account_id": grant.account_id, "grant_id": grant.grant_id}
    config.note(conn, "exchange", "issued", **about, issuer=subject.known.issuer.id)
    return {
        "access_token": issued.access_token,
        "issued_token_type": ACCESS_TOKEN_TYPE,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "scope": issued.scope,
        **({} if grant.patient is None else {"patient": grant.patient}),
    }


def _most(request: TokenRequest, choice: Choice, wanted: str) -> str:
    """Of some scopes those the client registered and the role allows; words such as openid grant nothing here."""
    offered = app_scopes.offered(wanted, request.client.scope, request.config.supported_types)
    role = app_scopes.parse(request.config.role_scopes(choice.role))
    within = AppScopes((), app_scopes.within(offered, role).resources)
    return str(within if choice.patient is not None else app_scopes.without_patient(within))


def _standing(request: TokenRequest, subject: _Subject, most: str) -> Grant:
    """The one grant of this client for this person, renewed or made. Raises OAuthError once the person ended it."""
    conn, now, choice = request.conn, request.now, subject.choice
    _check_not_ended(request, subject)
    mark = json.dumps({MARK: subject.known.issuer.iss})
    wanted = Grant(
        grant_id=secrets.token_urlsafe(16),
        client_id=request.client.client_id,
        account_id=subject.account_id,
        scope=most,
        fhir_user=choice.fhir_user,
        role=choice.role,
        organisation=choice.organisation,
        patient=choice.patient,
        purpose=request.client.purpose,
        context=mark,
        offline=True,  # it does not end with a login here
        session_digest=None,
        auth_time=subject.known.auth_time or now,
        acr=subject.known.acr,
        amr=json.dumps(subject.known.amr),
        nonce=None,
        created_at=now,
        expires_at=now + grants.OFFLINE,
    )
    for former in grants.living(conn, wanted.client_id, wanted.account_id, now):
        if _same(former, wanted):
            return _renewed(conn, former, wanted)
    return grants.keep(conn, wanted)


def _same(former: Grant, wanted: Grant) -> bool:
    names = ("context", "fhir_user", "role", "organisation", "patient", "purpose")
    return all(getattr(former, name) == getattr(wanted, name) for name in names)


def _renewed(conn: Connection, former: Grant, wanted: Grant) -> Grant:
    names = ("scope", "auth_time", "acr", "amr", "expires_at")
    changes = {name: getattr(wanted, name) for name in names}
    conn.execute(update(GRANT).where(GRANT.c.grant_id == former.grant_id).values(changes))
    return replace(former, **changes)


def _check_not_ended(request: TokenRequest, subject: _Subject) -> None:
    """Whoever ended what this client had for this person meant it, until the account is linked anew."""
    fhir_user = subject.choice.fhir_user
    theirs = (GRANT.c.client_id == request.client.client_id) & (GRANT.c.account_id == subject.account_id)
    ended = select(func.max(GRANT.c.revoked_at)).where(
        theirs, GRANT.c.fhir_user == fhir_user, GRANT.c.context == json.dumps({MARK: subject.known.issuer.iss})
    )
    mine = (ACCOUNT_LINK.c.account_id == subject.account_id) & (ACCOUNT_LINK.c.fhir_user == fhir_user)
    linked = request.conn.execute(select(func.max(ACCOUNT_LINK.c.created_at)).where(mine)).scalar()
    ended_at = request.conn.execute(ended).scalar()
    if ended_at is not None and (linked is None or ended_at >= linked):
        raise OAuthError("invalid_grant", "access by this client has been ended")
