"""Logging in at another issuer: the browser is sent there, comes back once, and a login begins here or nothing does.

Source: OpenID Connect Core 1.0 section 3.1; RFC 9700 sections 2.1, 4.5, 4.7; RFC 9207; security requirements S28, S29.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from auth import csrf, sessions
from auth.config import AuthConfig
from auth.errors import OAuthError
from auth.forms import read_form
from auth.issuers.federation import Federation
from auth.issuers.id_token import TokenRefused, sha256
from auth.issuers.identity import Identity
from auth.issuers.linking import open_account
from auth.issuers.metadata import IssuerAway, MetadataFetcher
from auth.issuers.relying_party import Answered, Begun, RelyingParty, authorization_url
from auth.issuers.settings import Endpoints, Issuer
from auth.store import EXTERNAL_LOGIN, SESSION

PATH: Final = "/login/with"
COOKIE: Final = "__Host-phb-external"
LIFETIME_S: Final = 600
MICROSECONDS: Final = 1_000_000
MAX_QUERY: Final = 8192
MAX_PARAMETERS: Final = 50
PURGED_AT_ONCE: Final = 1000
HEADERS: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}

NOT_LOGGED_IN: Final = "You are not logged in"
TRY_AGAIN: Final = "Logging in did not work this time. Go back to where you started and try again."
AWAY: Final = "The service you log in with cannot be reached just now. Try again in a few minutes."
NO_RECORD: Final = "We could not find a record for you"
ASK: Final = (
    "You proved who you are, but nothing here matches it exactly. Ask the team that looks after your personal health "
    "budget to check the details they hold about you."
)

Endpoint = Callable[[Request], Awaitable[Response]]
log: Final = logging.getLogger("auth")


class _Refused(Exception):
    """A login that ends with a page. title, text: what the person is told. why: what is put on record."""

    def __init__(self, why: str, *, title: str = NOT_LOGGED_IN, text: str = TRY_AGAIN, status: int = 400) -> None:
        super().__init__(why)
        self.why = why
        self.title = title
        self.text = text
        self.status = status


def routes(config: AuthConfig, federation: Federation) -> list[Route]:
    """Two addresses for every issuer: where a login begins, and where the issuer sends the browser back."""
    service = _Login(config, federation)
    return [
        Route(PATH + "/{issuer}", service.answering(service.begin), methods=["POST"]),
        Route(PATH + "/{issuer}/callback", service.answering(service.callback), methods=["GET"]),
    ]


class _Login:
    """The two endpoints over one configuration."""

    def __init__(self, config: AuthConfig, federation: Federation) -> None:
        self._config = config
        self._federation = federation
        self._metadata = MetadataFetcher(config)
        self._party = RelyingParty(config, federation.send)

    async def begin(self, request: Request) -> Response:
        """Send the browser to the issuer. Form: `then`, a page of ours to go on to; `csrf`, as on the login page."""
        issuer = self._issuer(request)
        csrf.check_origin(request.headers, self._config.issuer)
        form = await read_form(request)
        csrf.check(form.get(csrf.FIELD), csrf.of_browser(request.cookies.get(csrf.COOKIE)))
        endpoints = await self._metadata.endpoints(issuer)
        begun, browser = Begun.fresh(), csrf.new_cookie()
        then = self._federation.own_page(form.get("then"))
        await self._config.run(lambda conn: self._keep(conn, issuer, begun, browser, then))
        response = RedirectResponse(authorization_url(issuer, endpoints, begun, self._redirect_uri(issuer)), 303)
        _set_cookie(response, COOKIE, browser, LIFETIME_S)
        return response

    async def callback(self, request: Request) -> Response:
        """The browser is back: believe it once, make the code good, begin a login."""
        issuer = self._issuer(request)
        told = _query(request)
        kept = await self._used(issuer, told.get("state", ""), request.cookies.get(COOKIE, ""))
        endpoints = await self._metadata.endpoints(issuer)
        answered = Answered(
            code=_code(issuer, endpoints, told),
            since=self._since(issuer, kept),
            nonce_digest=kept.nonce_digest,
            code_verifier=kept.code_verifier,
        )
        known = await self._party.identity(issuer, endpoints, answered, self._redirect_uri(issuer))
        cookie = await self._config.run(lambda conn: self._start(conn, request, known))
        if cookie is None:
            raise _Refused("no record matches", title=NO_RECORD, text=ASK, status=403)
        response = RedirectResponse(kept.then, 303)
        _set_cookie(response, sessions.COOKIE, cookie, None)
        _set_cookie(response, COOKIE, "", 0)
        return response

    def answering(self, endpoint: Endpoint) -> Endpoint:
        """Every refusal is a page, on record, and no cache keeps it."""

        @wraps(endpoint)
        async def answer(request: Request) -> Response:
            try:
                response = await self._answered(endpoint, request)
            except (OAuthError, SQLAlchemyError) as error:
                # the class alone: the text of a database error can hold values
                log.error("a login elsewhere failed: %s", type(error).__name__)  # noqa: TRY400
                response = self._page(_Refused("failed", text=AWAY, status=getattr(error, "status", 503)))
            response.headers.update(HEADERS)
            return response

        return answer

    async def _answered(self, endpoint: Endpoint, request: Request) -> Response:
        try:
            return await endpoint(request)
        except IssuerAway as error:
            refused = _Refused(str(error), text=AWAY, status=503)
        except TokenRefused as error:
            refused = _Refused(str(error))
        except csrf.Forged as error:
            refused = _Refused(str(error), status=403)
        except OAuthError as error:
            if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            refused = _Refused(error.description, status=error.status)
        except _Refused as error:
            refused = error
        issuer = request.path_params["issuer"]
        log.info("a login elsewhere was refused: %s", refused.why)
        await self._config.run(lambda conn: self._config.note(conn, "login", "refused", issuer=issuer, why=refused.why))
        return self._page(refused)

    def _page(self, refused: _Refused) -> Response:
        page = self._config.pages.refused(refused.title, refused.text)
        page.status_code = refused.status
        return page

    def _issuer(self, request: Request) -> Issuer:
        found = self._federation.issuer(request.path_params["issuer"])
        if found is None:
            raise _Refused("the issuer is not known", status=404)
        return found

    def _redirect_uri(self, issuer: Issuer) -> str:
        return f"{self._config.issuer}{PATH}/{issuer.id}/callback"

    def _since(self, issuer: Issuer, kept: Row[Any]) -> int | None:
        """Since when the person must have logged in there, seconds: since they were sent, or as long as we allow."""
        if not issuer.sso:
            return int(kept.expires_at) // MICROSECONDS - LIFETIME_S
        return self._config.clock() // MICROSECONDS - issuer.max_age if issuer.max_age else None

    def _keep(self, conn: Connection, issuer: Issuer, begun: Begun, browser: str, then: str) -> None:
        """Note a login that began, and forget those nobody finished."""
        now = self._config.clock()
        old = select(EXTERNAL_LOGIN.c.state_digest).where(EXTERNAL_LOGIN.c.expires_at < now).limit(PURGED_AT_ONCE)
        conn.execute(delete(EXTERNAL_LOGIN).where(EXTERNAL_LOGIN.c.state_digest.in_(old)))
        conn.execute(
            insert(EXTERNAL_LOGIN).values(
                state_digest=sha256(begun.state),
                issuer=issuer.id,
                browser_digest=sha256(browser),
                nonce_digest=sha256(begun.nonce),
                code_verifier=begun.code_verifier,
                then=then,
                expires_at=now + LIFETIME_S * MICROSECONDS,
            )
        )

    async def _used(self, issuer: Issuer, state: str, browser: str) -> Row[Any]:
        """What was kept of this login, which is used up by this one statement: same state, issuer and browser."""
        now = self._config.clock()
        mine = EXTERNAL_LOGIN.c.state_digest == sha256(state)
        bound = (EXTERNAL_LOGIN.c.issuer == issuer.id) & (EXTERNAL_LOGIN.c.browser_digest == sha256(browser))
        unused = EXTERNAL_LOGIN.c.used_at.is_(None) & (EXTERNAL_LOGIN.c.expires_at > now)

        def use(conn: Connection) -> Row[Any] | None:
            used = conn.execute(update(EXTERNAL_LOGIN).where(mine, bound, unused).values(used_at=now)).rowcount
            return conn.execute(select(EXTERNAL_LOGIN).where(mine)).one() if used == 1 else None

        kept = await self._config.run(use)
        if kept is None:
            raise _Refused("the state is unknown, used, late or of another browser")
        return kept

    def _start(self, conn: Connection, request: Request, known: Identity) -> str | None:
        """The cookie of a new login in place of the browser's last, None when the identity opens no account."""
        now = self._config.clock()
        opened = open_account(conn, known, self._federation, now)
        if opened is None:
            return None
        last = sessions.current(conn, request.cookies.get(sessions.COOKIE), now)
        cookie, session = sessions.begin(conn, opened.account_id, now, amr=known.amr, acr=known.acr, replaces=last)
        if known.issuer.sso and known.auth_time is not None:  # what they did there earlier is no fresh proof here
            proved = {"auth_time": min(known.auth_time, now)}
            conn.execute(update(SESSION).where(SESSION.c.digest == session.digest).values(proved))
        self._config.note(conn, "login", "granted", issuer=known.issuer.id, account_id=opened.account_id)
        return cookie


def _code(issuer: Issuer, endpoints: Endpoints, told: Mapping[str, str]) -> str:
    """The code in an answer that says it comes from this issuer."""
    unsaid = "" if endpoints.response_iss else issuer.iss
    if told.get("iss", unsaid) != issuer.iss:
        raise _Refused("iss in the answer is missing or another issuer's")
    if "error" in told or "code" not in told:
        raise _Refused("the issuer did not log the person in")
    return told["code"]


def _query(request: Request) -> dict[str, str]:
    """The parameters of an answer, each once."""
    text = request.scope["query_string"].decode("latin-1")
    try:
        pairs = parse_qsl(text[: MAX_QUERY + 1], keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        pairs = []
    found = dict(pairs)
    if not pairs or len(text) > MAX_QUERY or len(found) < len(pairs):
        raise _Refused("the answer is empty, too long, or repeats a parameter")
    return found


def _set_cookie(response: Response, name: str, value: str, max_age_s: int | None) -> None:
    """A cookie of this host alone; max_age_s: None keeps it as long as the browser runs, 0 drops it."""
    response.set_cookie(name, value, max_age_s, path="/", secure=True, httponly=True, samesite="lax")
