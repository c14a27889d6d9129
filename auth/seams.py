"""What the service that mounts this package plugs into it, as types.

Source: design section 3 (`auth` knows no FHIR storage); RFC 6749 section 4.5 (extension grants).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from auth.clients import Client
from auth.errors import OAuthError
from auth.principal import Principal
from auth.sessions import LoginSession

if TYPE_CHECKING:  # the configuration holds these seams
    from auth.config import AuthConfig

T = TypeVar("T")


class Run(Protocol):
    """Runs a function inside one write transaction, off the event loop.

    Commits when it returns, rolls back when it raises; what it raises reaches the caller.
    """

    def __call__(self, work: Callable[[Connection], T], /) -> Awaitable[T]: ...


class Note(Protocol):
    """Puts an event on record, in the transaction of the event.

    kind: authorize, consent, token, refresh, introspection, revocation, launch. outcome: `granted`, `denied`,
    `issued`, `ended`, `reused`, or the error code of a refusal. about: client_id, account_id, grant_id, patient.
    """

    def __call__(self, conn: Connection, kind: str, outcome: str, /, **about: Any) -> None: ...


def unnoted(_conn: Connection, _kind: str, _outcome: str, /, **_about: Any) -> None:
    """A note that is kept nowhere, where the service keeps no record of its own."""


class Pages(Protocol):
    """The pages people see."""

    def login(self, handle: str) -> str:
        """Address of the page where a person logs in, to go on with the request of this handle."""

    def consent(self, handle: str) -> str:
        """Address of the page where a person decides on the request of this handle."""

    def refused(self, title: str, text: str) -> Response:
        """The error page, status 400: an app sent somebody here wrongly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Somebody an account may act as, and for whom.

    link_id: what the choice rests on. fhir_user: such as `Patient/x`. role: in the access policy.
    patient: id of the person whose record it is, None for staff. label: for people to read.
    """

    link_id: str
    fhir_user: str
    role: str
    organisation: str | None
    patient: str | None
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """Whose gateway it is, for apps that list where people may connect. identifier: a URI; none: the issuer."""

    name: str = "PHB gateway"
    website: str | None = None
    identifier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """One request to the token endpoint, its client proved. now: microseconds.

    fetched: the key set URLs fetched for this request; a handler that needs another raises `jwks.KeysNeeded`
    and is asked again, in a new transaction.
    """

    conn: Connection
    client: Client
    form: Mapping[str, str] = field(repr=False)
    now: int
    config: "AuthConfig"
    fetched: frozenset[str] = frozenset()


# What answers one grant_type: the JSON body. An OAuthError that is returned is answered after what was written
# is committed; one that is raised undoes it.
Handler = Callable[[TokenRequest], dict[str, Any] | OAuthError]

People = Callable[[Connection, str, int], tuple[Choice, ...]]
RoleScopes = Callable[[str], str]
CurrentSession = Callable[[Connection, Request, int], LoginSession | None]
StillHolds = Callable[[Connection, Principal, int], bool]
