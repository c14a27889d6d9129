"""Proving a password, wherever one is asked for.

In three steps: the try is counted, the hash is compared with no transaction open, and what came of it is put on record
together with what it leads to. An unknown name goes the same way and costs the same.

Source: security requirements S17, S18, S63; OWASP ASVS 5 V6.3.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection
from starlette.requests import Request

from auth import accounts, passwords, throttle
from auth.accounts import Account
from auth.passwords import TURNS
from auth.throttle import Throttled
from fhir_gateway.web.site import Site

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Try:
    """One try at a password. username: as typed. kind: of the event on record. source: an address."""

    site: Site
    kind: str
    username: str
    password: str = field(repr=False)
    source: str

    async def proved(self, work: Callable[[Connection, Account], T]) -> T | None:
        """What `work` makes of the account, in the transaction that records the success; None when it is wrong.

        Raises Throttled, TooBusy.
        """
        account = await self._entered()
        stored = account.password_hash if account is not None and account.status == "active" else None
        right = await TURNS.run(passwords.matches, stored, self.password)
        renewed = await TURNS.run(passwords.hashed, self.password) if right and _old(stored) else stored

        def written(conn: Connection) -> T | None:
            found = self._right(conn, stored, renewed) if right else None
            self._note(conn, "denied" if found is None else "granted", account)
            return None if found is None else work(conn, found)

        return await self.site.config.run(written)

    async def _entered(self) -> Account | None:
        def counted(conn: Connection) -> Account | None:
            throttle.enter(conn, self.name, self.source, self.site.config.clock())
            return accounts.find(conn, self.name)

        try:
            return await self.site.config.run(counted)
        except Throttled:
            await self.site.config.run(lambda conn: self._note(conn, "throttled", accounts.find(conn, self.name)))
            raise

    def _right(self, conn: Connection, stored: str | None, renewed: str | None) -> Account | None:
        """The account, unless it was closed or given another password meanwhile."""
        account = accounts.find(conn, self.name)
        if account is None or account.status != "active" or account.password_hash != stored:
            return None
        throttle.succeeded(conn, self.name, self.source, self.site.config.clock())
        if renewed is not None and renewed != stored:
            accounts.keep_hash(conn, account.account_id, renewed)
        return account

    def _note(self, conn: Connection, outcome: str, account: Account | None) -> None:
        about = {} if account is None else {"account_id": account.account_id}
        self.site.config.note(conn, self.kind, outcome, **about)

    @property
    def name(self) -> str:
        """The user name in the form it is stored and counted under."""
        return accounts.fold(self.username)


def source_of(request: Request) -> str:
    """Where a request comes from, as the server was told."""
    return request.client.host if request.client else ""


def _old(stored: str | None) -> bool:
    return stored is not None and passwords.outdated(stored)
