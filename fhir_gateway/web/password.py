"""The page where people choose another password.

Source: security requirements S17, S19; OWASP ASVS 5 V6.2.2, V6.2.3 (the current one is asked for).
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from auth import accounts, passwords, sessions
from auth.accounts import Account
from auth.passwords import TURNS, PasswordRefused
from auth.sessions import LoginSession
from fhir_gateway.web.answers import keep_cookie
from fhir_gateway.web.proof import Try, source_of
from fhir_gateway.web.site import Site, Visit

TEMPLATE: Final = "password.html"
WRONG: Final = "The current password is not right"
DIFFERENT: Final = "The two new passwords are not the same"
NONE_HERE: Final = "You log in elsewhere, so there is no password here."


@dataclass(frozen=True, slots=True)
class PasswordPage:
    """The form, and what it does."""

    site: Site

    async def show(self, request: Request) -> Response:
        """GET: the form."""
        visit, account = await self.site.visited(request, _whose)
        return self._page(visit.session, account)

    async def change(self, request: Request) -> Response:
        """POST: the new password holds, every other login of the account has ended, and this one has a new cookie."""
        visit, account = await self.site.posted(request, _whose)
        new = visit.form.get("new", "")
        error = _fault(account, new, visit.form.get("again", ""))
        if error is not None:
            return self._page(visit.session, account, error)
        one = Try(self.site, "password", account.username or "", visit.form.get("current", ""), source_of(request))
        hashed = await TURNS.run(passwords.hashed, new)
        cookie = await one.proved(lambda conn, found: self._changed(conn, found, visit.session, hashed))
        if cookie is None:
            return self._page(visit.session, account, WRONG)
        response = self.site.message(200, "Your password is changed", "You are logged out everywhere else.")
        keep_cookie(response, sessions.COOKIE, cookie)
        return response

    def _changed(self, conn: Connection, account: Account, session: LoginSession, hashed: str) -> str:
        now = self.site.config.clock()
        accounts.keep_hash(conn, account.account_id, hashed)
        cookie, fresh = sessions.begin(conn, account.account_id, now, replaces=session)
        sessions.end_all(conn, account.account_id, now, but=fresh.digest)
        return cookie

    def _page(self, session: LoginSession, account: Account, error: str | None = None) -> Response:
        if account.password_hash is None:
            return self.site.message(200, "Password", NONE_HERE)
        return self.site.page(
            TEMPLATE,
            400 if error else 200,
            csrf=session.csrf,
            logged_in=True,
            error=error,
            username=account.username,
            shortest=passwords.MIN_LENGTH,
        )


def _whose(visit: Visit) -> tuple[Visit, Account]:
    account = accounts.get(visit.conn, visit.session.account_id)
    assert account is not None, "a login is of an account"
    return visit, account


def _fault(account: Account, new: str, again: str) -> str | None:
    """What is wrong with a new password, for people to read."""
    if new != again:
        return DIFFERENT
    try:
        passwords.check(new, account.username)
    except PasswordRefused as refused:
        text = str(refused)
        return text[0].upper() + text[1:]
    return None
