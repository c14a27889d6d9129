"""The page where people log in with a user name and a password, and the button that logs them out.

Source: security requirements S17, S19, S67; OWASP ASVS 5 V7.2; WCAG 2.2 3.3.8 (passwords may be pasted).
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from auth import csrf, sessions
from auth.accounts import Account
from fhir_gateway.web import addresses
from fhir_gateway.web.answers import drop_cookie, keep_cookie
from fhir_gateway.web.proof import Try, source_of
from fhir_gateway.web.site import Site, Visit, session_of

TEMPLATE: Final = "login.html"
WRONG: Final = "The user name or the password is not right"


@dataclass(frozen=True, slots=True)
class LoginPage:
    """The login form, and what it and the button "Log out" do."""

    site: Site

    async def show(self, request: Request) -> Response:
        """GET: always the form. Whoever is sent here is to prove who they are, again if need be."""
        return self._form(request, addresses.own(request.query_params.get("then")))

    async def log_in(self, request: Request) -> Response:
        """POST: a new login, or the form again with the same words for every way of being wrong."""
        form = await self.site.form(request)
        csrf.check(form.get(csrf.FIELD), csrf.of_browser(request.cookies.get(csrf.COOKIE)))
        name, then = form.get("username", ""), addresses.own(form.get("then"))
        one = Try(self.site, "login", name, form.get("password", ""), source_of(request))
        cookie = await one.proved(lambda conn, account: self._begin(conn, request, account))
        if cookie is None:
            return self._form(request, then, error=WRONG, username=name)
        response = self.site.go(then)
        keep_cookie(response, sessions.COOKIE, cookie)
        return response

    async def log_out(self, request: Request) -> Response:
        """POST: the login ends here, not only in the browser."""
        await self.site.posted(request, self._end)
        response = self.site.go(addresses.LOGIN)
        drop_cookie(response, sessions.COOKIE)
        return response

    def _begin(self, conn: Connection, request: Request, account: Account) -> str:
        now = self.site.config.clock()
        cookie, _ = sessions.begin(conn, account.account_id, now, replaces=session_of(conn, request, now))
        return cookie

    def _end(self, visit: Visit) -> None:
        sessions.end(visit.conn, visit.session, visit.now)
        self.site.config.note(visit.conn, "logout", "ended", account_id=visit.session.account_id)

    def _form(self, request: Request, then: str, error: str | None = None, username: str = "") -> Response:
        """The form, and the cookie that says which browser it was made for."""
        cookie = csrf.kept(request.cookies.get(csrf.COOKIE)) or csrf.new_cookie()
        others = tuple(self.site.issuers())
        response = self.site.page(
            TEMPLATE,
            400 if error else 200,
            form_action=[one.origin for one in others],
            csrf=csrf.of_cookie(cookie),
            then=then,
            issuers=others,
            error=error,
            username=username,
        )
        keep_cookie(response, csrf.COOKIE, cookie)
        return response
