"""The scopes of an app that acts for a person: words such as `openid`, and resource scopes of `patient/` and `user/`.

Source: SMART App Launch 2.2, scopes-and-launch-context; security requirement S14.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from auth.errors import OAuthError
from auth.scopes import MAX_GRANTED_TEXT, Scope, ScopeSet, check_size, intersection

IDENTITY: Final = ("openid", "fhirUser", "profile")
CONTEXT: Final = ("launch", "launch/patient")
REFRESH: Final = ("offline_access", "online_access")
WORDS: Final = (*IDENTITY, *CONTEXT, *REFRESH)
CONTEXTS: Final = ("patient", "user")


@dataclass(frozen=True, slots=True)
class AppScopes:
    """A scope text in its two parts, each in the order it was asked. resources: as text."""

    words: tuple[str, ...]
    resources: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join((*self.words, *self.resources))

    @property
    def offline(self) -> bool:
        """Whether a refresh token is to outlive the login."""
        return "offline_access" in self.words

    @property
    def refreshes(self) -> bool:
        """Whether there is to be a refresh token at all."""
        return any(word in self.words for word in REFRESH)


def parse(text: str) -> AppScopes:
    """What can be read of a scope text; the rest is left out, duplicates too."""
    asked = tuple(dict.fromkeys(text.split(" ")))
    words = tuple(word for word in asked if word in WORDS)
    resources = tuple(one.text for one in ScopeSet.parse(text).scopes if one.context in CONTEXTS)
    return AppScopes(words, resources)


def offered(requested: str, registered: str, types: Collection[str]) -> AppScopes:
    """What of a request the registration allows. Raises OAuthError invalid_scope for one beyond 2 kB or 100 scopes."""
    check_size(requested)
    wanted, known = parse(requested), parse(registered)
    words = tuple(word for word in wanted.words if word in known.words)
    return AppScopes(words, _narrowed(wanted.resources, known.resources, types))


def within(wanted: AppScopes, limit: AppScopes) -> AppScopes:
    """What of one both say."""
    words = tuple(word for word in wanted.words if word in limit.words)
    return AppScopes(words, _narrowed(wanted.resources, limit.resources))


def narrowed_to(requested: str, granted: str) -> str:
    """The scope of a refreshed token: what is asked, all of it within the grant.

    Raises OAuthError invalid_scope when anything asked was not granted.
    """
    readable = parse(requested if len(requested) <= MAX_GRANTED_TEXT else "")
    allowed = str(within(readable, parse(granted)))
    if not allowed or set(allowed.split(" ")) != set(requested.split(" ")):
        raise OAuthError("invalid_scope", "a refresh may ask for no more than was granted")
    return allowed


def without_patient(scopes: AppScopes) -> AppScopes:
    """The scopes that need no person in the launch context."""
    words = tuple(word for word in scopes.words if word not in CONTEXT)
    return AppScopes(words, tuple(text for text in scopes.resources if not text.startswith("patient/")))


def is_app_scope(text: str) -> bool:
    """Whether an app may register this."""
    scope = Scope.parse(text)
    return text in WORDS or (scope is not None and scope.context in CONTEXTS)


def _narrowed(wanted: tuple[str, ...], limit: tuple[str, ...], types: Collection[str] | None = None) -> tuple[str, ...]:
    if not wanted or not limit:
        return ()
    text = intersection(" ".join(wanted), " ".join(limit), types)
    return tuple(text.split(" ")) if text else ()
