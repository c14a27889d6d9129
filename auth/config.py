"""What this package needs from the service that mounts it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from auth.keys import Sealer
from auth.outgoing import Fetched, fetch
from auth.pages import PlainPages
from auth.seams import Brand, CurrentSession, Handler, Note, Pages, People, RoleScopes, Run, StillHolds, unnoted
from auth.tokens import LIFETIME_S

PERSON_LIFETIME_S = 600
LONGEST_PERSON_S = 3600
EVERY_SCOPE = "patient/*.cruds user/*.cruds"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthConfig:
    """Settings and seams.

    issuer, fhir_base, token_endpoint: absolute URLs, from configuration and never from a Host header.
    fhir_path: path of the FHIR base on this server. clock: microseconds since the epoch.
    supported_types: the resource types that scopes may name. allow_loopback_jwks: tests and demonstration only.
    token_lifetime_s: of a client's own tokens; person_token_lifetime_s: of those a person granted.
    sealer: opens the seal of the signing keys. fetch: the outgoing client (blocking; run in a thread).
    session: who is logged in at the browser of a request. pages: where people log in and decide.
    people: whom an account may act as. role_scopes: the most a role may be granted, as scope text.
    still_holds: whether what a person granted still rests on something. handlers: further grant types.
    note: puts events on record.
    """

    issuer: str
    fhir_base: str
    fhir_path: str
    token_endpoint: str
    run: Run
    clock: Callable[[], int]
    supported_types: tuple[str, ...]
    sealer: Callable[[], Sealer]
    token_lifetime_s: int = LIFETIME_S
    person_token_lifetime_s: int = PERSON_LIFETIME_S
    allow_loopback_jwks: bool = False
    fetch: Callable[..., Fetched] = fetch
    session: CurrentSession = lambda _conn, _request, _now: None
    pages: Pages = field(default_factory=PlainPages)
    people: People = lambda _conn, _account_id, _now: ()
    role_scopes: RoleScopes = lambda _role: EVERY_SCOPE
    still_holds: StillHolds = lambda _conn, _principal, _now: True
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    note: Note = unnoted
    brand: Brand = field(default_factory=Brand)

    def __post_init__(self) -> None:
        """Refuses a lifetime beyond what SMART Backend Services and SMART App Launch allow."""
        if not 0 < self.token_lifetime_s <= LIFETIME_S:
            msg = f"token_lifetime_s must be 1 to {LIFETIME_S}"
            raise ValueError(msg)
        if not 0 < self.person_token_lifetime_s <= LONGEST_PERSON_S:
            msg = f"person_token_lifetime_s must be 1 to {LONGEST_PERSON_S}"
            raise ValueError(msg)

    def endpoint(self, name: str) -> str:
        """The absolute URL of an endpoint that stands beside the token endpoint."""
        return self.token_endpoint.rpartition("/")[0] + "/" + name
