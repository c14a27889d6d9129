"""What the service plugs into logins elsewhere: the issuers believed, and how somebody is found in the record.

Source: design section 3 (`auth` knows no FHIR storage); security requirements S28, S29.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection

from auth.issuers.identity import Worker
from auth.issuers.relying_party import Send
from auth.issuers.settings import Issuer
from auth.outgoing import send_form

PERSON_ROLE: Final = "person"
HOME: Final = "/me"
MAX_THEN: Final = 2048
_NOT_IN_PATHS: Final = frozenset('\\ "<>#')


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Who somebody is in the record. fhir_user: such as `PractitionerRole/x`. role: in the access policy.

    organisation: id of the body a worker is of.
    """

    fhir_user: str
    role: str
    organisation: str | None = None


MatchPerson = Callable[[Connection, str, date], str | None]
MatchWorker = Callable[[Connection, Worker, int], Matched | None]


def own_path(text: str | None) -> str:
    """A path of this server, fit for `Location`; the home page for anything else."""
    given = text or ""
    plain = given.isascii() and given.isprintable() and len(given) <= MAX_THEN and not set(given) & _NOT_IN_PATHS
    return given if plain and given.startswith("/") and not given.startswith("//") else HOME


@dataclass(frozen=True, slots=True, kw_only=True)
class Federation:
    """The issuers believed, and the seams.

    match_person: the one live person with exactly this NHS number and birth date, such as `Patient/x`.
    match_worker: the one active role of this registered id in the body of this ODS code, at an instant (microseconds).
    own_page: the page of ours a login may lead on to. send: the outgoing client for forms (blocking; run in a thread).
    """

    issuers: tuple[Issuer, ...] = ()
    match_person: MatchPerson = lambda _conn, _nhs_number, _birth_date: None
    match_worker: MatchWorker = lambda _conn, _worker, _now: None
    own_page: Callable[[str | None], str] = own_path
    send: Send = send_form

    @property
    def offered(self) -> tuple[Issuer, ...]:
        """Those the login page offers; each tells its `id`, `label` and `origin`."""
        return tuple(one for one in self.issuers if one.login)

    def issuer(self, id: str) -> Issuer | None:  # noqa: A002
        """The issuer people may log in with under this name."""
        return next((one for one in self.offered if one.id == id), None)
