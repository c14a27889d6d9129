"""What this package needs from the service that mounts it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from auth.outgoing import Fetched, fetch
from auth.tokens import LIFETIME_S

T = TypeVar("T")


class Run(Protocol):
    """Runs a function inside one write transaction, off the event loop.

    Commits when it returns, rolls back when it raises; what it raises reaches the caller.
    """

    def __call__(self, work: Callable[[Connection], T], /) -> Awaitable[T]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthConfig:
    """Settings and seams.

    issuer, fhir_base, token_endpoint: absolute URLs, from configuration and never from a Host header.
    fhir_path: path of the FHIR base on this server. clock: microseconds since the epoch.
    supported_types: the resource types that scopes may name. allow_loopback_jwks: tests and demonstration only.
    fetch: the outgoing client (blocking; run in a thread).
    """

    issuer: str
    fhir_base: str
    fhir_path: str
    token_endpoint: str
    run: Run
    clock: Callable[[], int]
    supported_types: tuple[str, ...]
    token_lifetime_s: int = LIFETIME_S
    allow_loopback_jwks: bool = False
    fetch: Callable[..., Fetched] = fetch

    def __post_init__(self) -> None:
        """Refuses a lifetime beyond what SMART Backend Services allows."""
        if not 0 < self.token_lifetime_s <= LIFETIME_S:
            msg = f"token_lifetime_s must be 1 to {LIFETIME_S}"
            raise ValueError(msg)
