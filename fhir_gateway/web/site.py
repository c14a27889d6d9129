"""What every page of ours needs: the configuration, who is logged in, forms that are ours, and refusals as pages.

Source: security requirements S17-S19, S62, S66, S67.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from auth import csrf, sessions
from auth.config import AuthConfig
from auth.errors import AuthError, OAuthError
from auth.forms import read_form
from auth.passwords import TooBusy
from auth.sessions import LoginSession
from auth.throttle import Throttled
from fhir_gateway.errors import ServiceUnavailable
from fhir_gateway.web import addresses, answers

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]
MAX_FIELDS: Final = 200  # a box for each scope an app may ask

log: Final = logging.getLogger("fhir_gateway")


class Look(Protocol):
    """That somebody looked at a person's records. at: microseconds. The rest is for people to read."""

    @property
    def at(self) -> int: ...
    @property
    def who(self) -> str: ...
    @property
    def organisation(self) -> str | None: ...
    @property
    def what(self) -> str: ...
    @property
    def why(self) -> str | None: ...


Looked = Callable[[str, int | None, int], Awaitable[Sequence[Look]]]


async def _nobody(_person: str, _before: int | None, _limit: int) -> Sequence[Look]:
    """Where no list of looks is kept."""
    return ()


class NotLoggedIn(AuthError):
    """Nobody is logged in at this browser, or not any more."""


class Elsewhere(Protocol):
    """Somebody else who can log people in. id: in the address. label: on the button. origin: where that leads."""

    @property
    def id(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def origin(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of somebody who is logged in, inside its transaction. now: microseconds."""

    conn: Connection
    session: LoginSession
    now: int
    form: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The pages' surroundings. issuers: who else logs people in.

    looked: who looked at the records of a person, from an instant back, at most so many.
    """

    config: AuthConfig
    looked: Looked = _nobody
    issuers: Callable[[], Sequence[Elsewhere]] = tuple

    @property
    def secure(self) -> bool:
        """Whether we are reached by https."""
        return self.config.issuer.startswith("https:")

    @property
    def origin(self) -> str:
        """Our own origin, from configuration."""
        parts = urlsplit(self.config.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    # --- answers

    def page(self, template: str, status: int = 200, *, form_action: Sequence[str] = (), **known: Any) -> Response:
        """A page. csrf among `known` is what its forms carry; empty where nobody is logged in."""
        common = {"service": self.config.brand.name, "csrf": "", "logged_in": False}
        return answers.html(template, status, secure=self.secure, form_action=form_action, **(common | known))

    def go(self, address: str) -> Response:
        """303 to an address."""
        return answers.see_other(address, secure=self.secure)

    def message(self, status: int, title: str, text: str, wait_s: int | None = None) -> Response:
        """A page that says one thing. wait_s: after which to try again."""
        response = self.page("message.html", status, title=title, text=text)
        if wait_s is not None:
            response.headers["Retry-After"] = str(wait_s)
        return response

    # --- requests

    async def visited(self, request: Request, work: Callable[[Visit], T]) -> T:
        """What `work` makes of a visit, in one transaction. Raises NotLoggedIn."""
        now = self.config.clock()
        return await self.config.run(lambda conn: work(Visit(conn=conn, session=_session(conn, request, now), now=now)))

    async def posted(self, request: Request, work: Callable[[Visit], T]) -> T:
        """The same of a form that one of our pages of this login sent. Raises NotLoggedIn, Forged."""
        form, now = await self.form(request), self.config.clock()

        def checked(conn: Connection) -> T:
            session = _session(conn, request, now)
            csrf.check(form.get(csrf.FIELD), session.csrf)
            return work(Visit(conn=conn, session=session, now=now, form=form))

        return await self.config.run(checked)

    async def form(self, request: Request) -> dict[str, str]:
        """A form the browser says is ours. Raises Forged, OAuthError."""
        csrf.check_origin(request.headers, self.origin)
        return await read_form(request, MAX_FIELDS)

    def guarded(self, handler: Handler) -> Handler:
        """The handler, its refusals told as pages."""

        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except NotLoggedIn:
                return self.go(addresses.login(_address(request)))
            except (AuthError, ServiceUnavailable) as error:
                return self._refused(error)
            except SQLAlchemyError as error:
                # the class alone: the text and the trace of a database error can hold values
                log.error("the store failed: %s", type(error).__name__)  # noqa: TRY400
                return self._refused(ServiceUnavailable("the store failed"))

        return answer

    def _refused(self, error: AuthError | ServiceUnavailable) -> Response:
        if isinstance(error, Throttled):
            return self.message(429, "Too many tries", _wait(error.wait_s), error.wait_s)
        if isinstance(error, csrf.Forged):
            return self.message(403, "This form is too old", "Go back, load the page again and send the form again.")
        if isinstance(error, OAuthError) and error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return self.message(error.status, "This cannot be read", "The form did not arrive as we sent it.")
        busy = "Many people are logging in just now." if isinstance(error, TooBusy) else "We cannot do this just now."
        return self.message(503, "Try again shortly", f"{busy} Wait a moment and try again.", 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class OurPages:
    """Where the authorization server sends people, and its error page. service: the name on our pages."""

    service: str
    secure: bool

    def login(self, handle: str) -> str:
        return addresses.login(self.consent(handle))

    def consent(self, handle: str) -> str:
        return addresses.consent(handle)

    def refused(self, title: str, text: str) -> Response:
        known: dict[str, Any] = {"service": self.service, "csrf": "", "logged_in": False}
        return answers.html("message.html", 400, secure=self.secure, title=title, text=text, **known)


def session_of(conn: Connection, request: Request, now: int) -> LoginSession | None:
    """Who is logged in at the browser of a request."""
    return sessions.current(conn, request.cookies.get(sessions.COOKIE), now)


def _session(conn: Connection, request: Request, now: int) -> LoginSession:
    found = session_of(conn, request, now)
    if found is None:
        raise NotLoggedIn
    return found


def _address(request: Request) -> str:
    """Where to go on after the login: the page asked for, the home page after a form that came too late."""
    if request.method != "GET":
        return addresses.HOME
    query = request.scope["query_string"].decode("latin-1")
    return addresses.own(request.scope["path"] + (f"?{query}" if query else ""))


def _wait(seconds: int) -> str:
    return f"Wait {seconds} second{'' if seconds == 1 else 's'} and try again."
