"""The authorization endpoint: judges what an app asks, keeps it, and sends the person to log in and decide.

Nothing is redirected to an app before its name and its address are proved; an unproved one gets our error page.

Source: RFC 6749 section 4.1; RFC 7636; RFC 9207; RFC 8707; OpenID Connect Core 1.0 section 3.1.2; SMART App Launch 2.2.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from auth import app_scopes, authorizations, clients, codes, id_tokens, launches, redirects, remembered
from auth.authorizations import LIFETIME, AuthorizationRequest
from auth.clients import Client
from auth.config import AuthConfig
from auth.errors import AuthError, OAuthError
from auth.forms import Pairs, pairs_of, read_pairs
from auth.sessions import LoginSession

MAX_STATE: Final = 4096
PROMPTS: Final = frozenset({"none", "login", "consent", "select_account"})
NOT_OFFERED: Final = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}
HEADERS: Final = {"Cache-Control": "no-store", "Pragma": "no-cache", "Referrer-Policy": "no-referrer"}
_VISIBLE: Final = re.compile(r"[\x20-\x7e]*", re.ASCII)
_SECONDS: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


class NotProved(AuthError):
    """The client or its address is not proved: the person is told, the app is not."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a request, those without a value left out. doubled: names that came more than once."""

    values: Mapping[str, str]
    doubled: frozenset[str]

    @classmethod
    def of(cls, pairs: Pairs) -> "Asked":
        """The parameters as they came."""
        counted = Counter(name for name, _ in pairs)
        doubled = frozenset(name for name, times in counted.items() if times > 1)
        return cls({name: value for name, value in pairs if value and name not in doubled}, doubled)


async def authorize(config: AuthConfig, request: Request) -> Response:
    """GET and POST of the authorization endpoint: 303 to our pages or back to the app, or the error page."""
    now = config.clock()
    try:
        pairs = pairs_of(request.scope["query_string"]) if request.method == "GET" else await read_pairs(request)
        asked = Asked.of(pairs)
        address = await config.run(lambda conn: _address(config, conn, request, asked, now))
    except NotProved as error:
        return _page(config, str(error))
    except OAuthError as error:
        if error.status >= 500:  # noqa: PLR2004
            raise
        return _page(config, "The app sent a request that cannot be read.")
    return Response(status_code=303, headers={**HEADERS, "Location": address})


def _page(config: AuthConfig, text: str) -> Response:
    page = config.pages.refused("This app cannot be connected", text)
    page.headers.update(HEADERS)
    return page


def _address(config: AuthConfig, conn: Connection, request: Request, asked: Asked, now: int) -> str:
    """Where the browser goes next. Raises NotProved."""
    client = _client(conn, asked)
    redirect_uri, state = _redirect_uri(client, asked), _state(asked)
    try:
        wanted = _launched(conn, asked, _judged(config, conn, asked, client, redirect_uri, now))
        return _sent_on(config, conn, wanted, client, config.session(conn, request, now), now)
    except OAuthError as error:
        config.note(conn, "authorize", error.error, client_id=client.client_id)
        return redirects.with_parameters(
            redirect_uri, error=error.error, error_description=error.description, state=state, iss=config.issuer
        )


# --- what must be proved before anything is redirected


def _client(conn: Connection, asked: Asked) -> Client:
    client = clients.find(conn, asked.values.get("client_id", ""))
    if client is None or client.status != "active" or not client.for_people:
        raise NotProved("The app is not registered here.")
    return client


def _redirect_uri(client: Client, asked: Asked) -> str:
    given = asked.values.get("redirect_uri", "")
    if not redirects.matches(client.redirects, given, public=client.kind == "public"):
        raise NotProved("The address the app wants its answer sent to is not one it registered.")
    return given


def _state(asked: Asked) -> str | None:
    """The app's own note, which goes back as it came. One that cannot go back is the app's fault."""
    state = asked.values.get("state")
    if "state" in asked.doubled or (state and (len(state) > MAX_STATE or _VISIBLE.fullmatch(state) is None)):
        raise NotProved("The app sent a request that cannot be answered.")
    return state


# --- what is told to the app


def _judged(
    config: AuthConfig, conn: Connection, asked: Asked, client: Client, redirect_uri: str, now: int
) -> AuthorizationRequest:
    """The request, every parameter judged. Raises OAuthError."""
    values = asked.values
    _check_form(asked)
    _check_response(values)
    _check_challenge(values)
    _check_audience(config, values)
    _check_scope(config, values, client)
    return AuthorizationRequest(
        client_id=client.client_id,
        redirect_uri=redirect_uri,
        scope=values["scope"],
        state=values.get("state"),
        nonce=_nonce(values),
        code_challenge=values["code_challenge"],
        audience=config.fhir_base,
        prompt=_prompt(values),
        max_age=_max_age(values),
        launch=None,
        account_id=_hinted(config, conn, values, now),
        created_at=now,
        expires_at=now + LIFETIME,
    )


def _check_form(asked: Asked) -> None:
    if asked.doubled:
        raise OAuthError("invalid_request", "a parameter is repeated")
    for name, error in NOT_OFFERED.items():
        if name in asked.values:
            raise OAuthError(error, f"{name} is not supported")


def _check_response(values: Mapping[str, str]) -> None:
    if "response_type" not in values:
        raise OAuthError("invalid_request", "response_type is missing")
    if values["response_type"] != "code":
        raise OAuthError("unsupported_response_type", "response_type must be code")
    if values.get("response_mode", "query") != "query":
        raise OAuthError("invalid_request", "response_mode must be query")


def _check_challenge(values: Mapping[str, str]) -> None:
    if "code_challenge" not in values:
        raise OAuthError("invalid_request", "code_challenge is missing")
    if values.get("code_challenge_method") != "S256":
        raise OAuthError("invalid_request", "code_challenge_method must be S256")
    if codes.CHALLENGE.fullmatch(values["code_challenge"]) is None:
        raise OAuthError("invalid_request", "code_challenge must be 43 characters of base64url")


def _check_audience(config: AuthConfig, values: Mapping[str, str]) -> None:
    """`aud` of SMART or `resource` of RFC 8707: at least one, and every one our FHIR base."""
    if "aud" not in values and "resource" not in values:
        raise OAuthError("invalid_request", "aud is missing")
    for name, error in (("aud", "invalid_request"), ("resource", "invalid_target")):
        if values.get(name, config.fhir_base) not in (config.fhir_base, config.fhir_base + "/"):
            raise OAuthError(error, f"{name} is not the FHIR base of this server")


def _check_scope(config: AuthConfig, values: Mapping[str, str], client: Client) -> None:
    found = app_scopes.offered(values.get("scope", ""), client.scope, config.supported_types)
    if not found.resources and "openid" not in found.words:
        raise OAuthError("invalid_scope", "nothing of what is asked is registered for this app")
    if "launch" in values and "launch" not in found.words:
        raise OAuthError("invalid_scope", "a launch needs the scope launch")


def _nonce(values: Mapping[str, str]) -> str | None:
    nonce = values.get("nonce")
    if nonce is not None and (len(nonce) > MAX_STATE or _VISIBLE.fullmatch(nonce) is None):
        raise OAuthError("invalid_request", "nonce must be at most 4096 visible ASCII characters")
    return nonce


def _prompt(values: Mapping[str, str]) -> str | None:
    words = frozenset(values.get("prompt", "").split())
    if not words <= PROMPTS or ("none" in words and len(words) > 1):
        raise OAuthError("invalid_request", "prompt must be none alone, or of login, consent and select_account")
    return " ".join(sorted(words)) or None


def _max_age(values: Mapping[str, str]) -> int | None:
    text = values.get("max_age")
    if text is not None and _SECONDS.fullmatch(text) is None:
        raise OAuthError("invalid_request", "max_age must be a whole number of seconds")
    return None if text is None else int(text)


def _hinted(config: AuthConfig, conn: Connection, values: Mapping[str, str], now: int) -> str | None:
    """The account an id_token_hint names: nobody else may answer this request."""
    hint = values.get("id_token_hint")
    if hint is None:
        return None
    account_id = id_tokens.hinted(config, conn, hint, now)
    if account_id is None:
        raise OAuthError("invalid_request", "id_token_hint is no id_token of this server")
    return account_id


# --- where it goes on


def _launched(conn: Connection, asked: Asked, wanted: AuthorizationRequest) -> AuthorizationRequest:
    """With the context of the launch it came from, which is used up. Raises OAuthError."""
    handle = asked.values.get("launch")
    if handle is None:
        return wanted
    found = launches.consume(conn, handle, wanted.client_id, wanted.created_at)
    if found is None or wanted.account_id not in (None, found[0]):
        raise OAuthError("invalid_request", "the launch is unknown, expired or used")
    return replace(wanted, account_id=found[0], launch=found[1])


def _sent_on(
    config: AuthConfig,
    conn: Connection,
    wanted: AuthorizationRequest,
    client: Client,
    session: LoginSession | None,
    now: int,
) -> str:
    """Our pages, or the app where the person may not be asked. Raises OAuthError."""
    if wanted.prompt == "none":
        return _without_asking(config, conn, wanted, client, session, now)
    handle = authorizations.save(conn, wanted)
    return config.pages.consent(handle) if wanted.takes(session) else config.pages.login(handle)


def _without_asking(
    config: AuthConfig,
    conn: Connection,
    wanted: AuthorizationRequest,
    client: Client,
    session: LoginSession | None,
    now: int,
) -> str:
    if session is None or not wanted.takes(session):
        raise OAuthError("login_required", "the person would have to log in")
    address = remembered.answer(config, conn, wanted, client, session, now)
    if address is None:
        raise OAuthError("consent_required", "the person would have to be asked")
    return address
