"""The grant types of the token endpoint: each takes a request whose client is proved and returns the JSON body.

Source: RFC 6749 sections 4.1.3, 4.4, 5.1, 6; SMART App Launch 2.2 (launch context); security requirements S3, S6-S8.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from auth import app_scopes, codes, consent, grants, id_tokens, refresh_tokens, tokens
from auth.codes import Reused
from auth.config import AuthConfig
from auth.errors import OAuthError
from auth.grants import Grant
from auth.scopes import narrow
from auth.seams import Handler, TokenRequest
from auth.tokens import MICROSECONDS, IssuedToken

STYLE_PATH: Final = "/smart-style.json"


def handlers(config: AuthConfig) -> Mapping[str, Handler]:
    """What answers each grant_type here."""
    return {
        "authorization_code": authorization_code,
        "refresh_token": refresh_token,
        "client_credentials": client_credentials,
        **config.handlers,
    }


def client_credentials(request: TokenRequest) -> dict[str, Any]:
    """RFC 6749 section 4.4: an access token for the client itself."""
    client, config = request.client, request.config
    if client.for_people:
        raise OAuthError("unauthorized_client", "this client acts for people, never for itself")
    # NHS clients send no scope: they are given what they registered
    scope = narrow(request.form.get("scope", client.scope), client.scope, config.supported_types)
    if not scope:
        raise OAuthError("invalid_scope", "none of the scopes asked for is registered for this client")
    issued = tokens.issue(request.conn, client.client_id, scope, request.now, config.token_lifetime_s)
    config.note(request.conn, "token", "issued", client_id=client.client_id)
    return body_of(issued)


def authorization_code(request: TokenRequest) -> dict[str, Any] | OAuthError:
    """RFC 6749 section 4.1.3: the tokens of a code."""
    _check_for_people(request)
    code, redirect_uri = needed(request.form, "code"), needed(request.form, "redirect_uri")
    verifier = request.form.get("code_verifier", "")
    grant = codes.redeem(request.conn, code, request.client.client_id, redirect_uri, verifier, request.now)
    if isinstance(grant, Reused):
        return _told(request, "token", grant)
    _check_still_holds(request, grant)
    return _answer(request, "token", grant, grant.scope, grant.scope)


def refresh_token(request: TokenRequest) -> dict[str, Any] | OAuthError:
    """RFC 6749 section 6: new tokens for a refresh token, for as much as was granted or less."""
    _check_for_people(request)
    token = needed(request.form, "refresh_token")
    held = refresh_tokens.held(request.conn, token, request.client.client_id, request.now)
    if isinstance(held, Reused):
        return _told(request, "refresh", held)
    _check_still_holds(request, held.grant)
    asked = request.form.get("scope")
    scope = _still_allowed(request, held.grant, app_scopes.narrowed_to(asked or held.scope, held.scope))
    lost = refresh_tokens.spend(request.conn, held, request.now)
    return _told(request, "refresh", lost) if lost else _answer(request, "refresh", held.grant, scope, held.scope)


def body_of(issued: IssuedToken) -> dict[str, Any]:
    """What every successful answer says."""
    return {
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "scope": issued.scope,
    }


def needed(form: Mapping[str, str], name: str) -> str:
    """A parameter. Raises OAuthError invalid_request when it is missing."""
    if name not in form:
        raise OAuthError("invalid_request", f"{name} is missing")
    return form[name]


def _answer(request: TokenRequest, kind: str, grant: Grant, scope: str, refresh_scope: str) -> dict[str, Any]:
    """The tokens of a grant. scope: of the access token; refresh_scope: of the next refresh token."""
    conn, config, now = request.conn, request.config, request.now
    left = max((grant.expires_at - now) // MICROSECONDS, 1)
    lifetime = min(config.person_token_lifetime_s, left)
    issued = tokens.issue(conn, grant.client_id, scope, now, lifetime, grant_id=grant.grant_id)
    body = {**body_of(issued), **_context(config, grant)}
    if app_scopes.parse(refresh_scope).refreshes:
        body["refresh_token"] = refresh_tokens.issue(conn, grant, refresh_scope, now)
    if kind == "token" and "openid" in app_scopes.parse(scope).words:
        body["id_token"] = id_tokens.issue(config, conn, grant, issued.access_token, now)
    config.note(conn, kind, "issued", **_about(grant))
    return body


def _context(config: AuthConfig, grant: Grant) -> dict[str, Any]:
    """The launch context, at the top level of the answer."""
    patient = {} if grant.patient is None else {"patient": grant.patient}
    return {**patient, **json.loads(grant.context), "smart_style_url": config.issuer + STYLE_PATH}


def _check_for_people(request: TokenRequest) -> None:
    """A client of people, and a token for nobody's server but ours. Raises OAuthError."""
    if not request.client.for_people:
        raise OAuthError("unauthorized_client", "this client acts for itself and for no person")
    resource = request.form.get("resource", request.config.fhir_base)
    if resource.rstrip("/") != request.config.fhir_base:
        raise OAuthError("invalid_target", "resource is not the FHIR base of this server")


def _check_still_holds(request: TokenRequest, grant: Grant) -> None:
    """What a grant rests on may have ended since. Raises OAuthError invalid_grant."""
    principal = grants.principal_of(grant, request.client.name, grant.scope, "")
    if not request.config.still_holds(request.conn, principal, request.now):
        raise OAuthError("invalid_grant", "what was granted has ended")


def _still_allowed(request: TokenRequest, grant: Grant, scope: str) -> str:
    """The part of a granted scope that the client's registration and the role allow today. Raises OAuthError."""
    registered = app_scopes.within(app_scopes.parse(scope), app_scopes.parse(request.client.scope))
    role = app_scopes.within(registered, consent.role_limit(request.config, grant.role))
    found = str(app_scopes.AppScopes(registered.words, role.resources))
    if not found:
        raise OAuthError("invalid_scope", "nothing of what was granted is allowed any more")
    return found


def _told(request: TokenRequest, kind: str, reused: Reused) -> OAuthError:
    """The refusal of a second use, put on record."""
    about = {"client_id": request.client.client_id, "grant_id": reused.grant_id}
    request.config.note(request.conn, kind, "reused", **about)
    return reused


def _about(grant: Grant) -> dict[str, Any]:
    return {"client_id": grant.client_id, "account_id": grant.account_id, "grant_id": grant.grant_id}
