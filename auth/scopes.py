"""What was granted, as SMART scope strings: v2 `system/Claim.rs?status=active`, v1 `system/*.read`.

A scope this module cannot read grants nothing; a narrower offer narrows, nothing ever widens.

Source: SMART App Launch 2.2, scopes-and-launch-context; RFC 6749 section 3.3.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Self

from auth.errors import OAuthError

ACTIONS: Final = "cruds"
MAX_TEXT: Final = 2048
MAX_SCOPES: Final = 100
MAX_GRANTED_TEXT: Final = 8192

_V1: Final = {"read": frozenset("rs"), "write": frozenset("cud"), "*": frozenset(ACTIONS)}
_V1_NAMES: Final = {actions: name for name, actions in _V1.items()}
_SCOPE: Final = re.compile(
    r"(patient|user|system)/(\*|[A-Z][A-Za-z]{0,63})\.(?:(read|write|\*)|(c?r?u?d?s?)(?:\?(.+))?)", re.ASCII
)
# literal text, as SMART writes it: no percent-encoding, so what is echoed is what was asked
_PARAM: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_:.-]{0,63})=([!#$'-\[\]-~]+)", re.ASCII)

Params = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """One resource scope.

    resource_type: a type name or `*`. actions: letters of `cruds`. params: all must hold for a row to be
    reached (empty: every row). text: as asked, v1 or v2.
    """

    context: str
    resource_type: str
    actions: frozenset[str]
    params: Params = ()
    v1: bool = False
    text: str = field(default="", compare=False)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The scope in `text`, None when it is no resource scope or its suffix is undefined or out of order."""
        found = _SCOPE.fullmatch(text)
        if found is None:
            return None
        context, resource_type, word, letters, query = found.groups()
        if word is not None:
            return cls(context, resource_type, _V1[word], v1=True, text=text)
        params = _params(query)
        if not letters or params is None:
            return None
        return cls(context, resource_type, frozenset(letters), params, text=text)

    def covers_rows_of(self, other: "Scope") -> bool:
        """True when every row `other` speaks of is one this scope speaks of."""
        return self.resource_type in ("*", other.resource_type) and set(self.params) <= set(other.params)

    def meets(self, other: "Scope") -> bool:
        """True when the two speak of the same context and share a type."""
        types = {self.resource_type, other.resource_type}
        return self.context == other.context and (len(types) == 1 or "*" in types)


@dataclass(frozen=True, slots=True)
class ScopeSet:
    """The scopes of one grant; what it cannot read is left out."""

    scopes: tuple[Scope, ...]
    _index: Mapping[tuple[str, str], tuple[Scope, ...]] = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> "ScopeSet":
        """The readable scopes of a space-separated string, duplicates dropped, order kept."""
        return _parse(text)

    def grants(self, resource_type: str, action: str) -> tuple[Scope, ...]:
        """The scopes that allow `action` (a letter of `cruds`) on a type; empty means refused.

        Several are a union. A scope with params reaches only rows where all of its params hold;
        the caller turns them into predicates.
        """
        return self._index.get((resource_type, action)) or self._index.get(("*", action), ())

    def __str__(self) -> str:
        return " ".join(scope.text for scope in self.scopes)


def narrow(requested: str, registered: str, types: Collection[str] | None = None) -> str:
    """What of `requested` the registration allows, empty when nothing.

    A scope allowed whole is echoed exactly; otherwise the parts both sides name are granted.
    types: the resource types there are; None leaves them open. Raises OAuthError invalid_scope for
    a request beyond 2 kB or 100 scopes, or a grant beyond 8 kB.
    """
    check_size(requested)
    return intersection(requested, registered, types)


def intersection(requested: str, registered: str, types: Collection[str] | None = None) -> str:
    """As `narrow`, for a request that is itself what was granted before and may be as long as a grant."""
    offered = ScopeSet.parse(registered).scopes
    granted = {
        scope.text: None
        for wanted in ScopeSet.parse(requested).scopes
        for scope in _allowed(wanted, offered)
        if types is None or scope.resource_type in types or scope.resource_type == "*"
    }
    text = " ".join(granted)
    if len(text) > MAX_GRANTED_TEXT:
        raise OAuthError("invalid_scope", "the grant would be too long: ask for fewer scopes")
    return text


def check_size(text: str) -> None:
    """Raises OAuthError invalid_scope for a scope string beyond 2 kB or 100 scopes."""
    if len(text) > MAX_TEXT or text.count(" ") >= MAX_SCOPES:
        raise OAuthError("invalid_scope", f"at most {MAX_TEXT} characters and {MAX_SCOPES} scopes")


def _allowed(wanted: Scope, offered: tuple[Scope, ...]) -> Iterator[Scope]:
    """The parts of `wanted` that the offers allow: together exactly the intersection."""
    near = [offer for offer in offered if offer.meets(wanted)]
    whole = frozenset[str]().union(*(offer.actions for offer in near if offer.covers_rows_of(wanted)))
    if wanted.actions <= whole:
        yield wanted
        return
    if wanted.actions & whole:
        yield _written(wanted, wanted.resource_type, wanted.actions & whole, wanted.params)
    for offer in near:
        actions = (wanted.actions & offer.actions) - whole
        if actions:
            resource_type = wanted.resource_type if offer.resource_type == "*" else offer.resource_type
            params = tuple(dict.fromkeys(wanted.params + offer.params))
            yield _written(wanted, resource_type, actions, params)


def _written(wanted: Scope, resource_type: str, actions: frozenset[str], params: Params) -> Scope:
    """A narrowed scope in the form (v1 or v2) it was asked in, where that form can say it."""
    v1 = wanted.v1 and not params and actions in _V1_NAMES
    suffix = _V1_NAMES[actions] if v1 else "".join(letter for letter in ACTIONS if letter in actions)
    query = "?" + "&".join(f"{name}={value}" for name, value in params) if params else ""
    text = f"{wanted.context}/{resource_type}.{suffix}{query}"
    return Scope(wanted.context, resource_type, actions, params, v1, text)


def _params(query: str | None) -> Params | None:
    """The `name=value` pairs of a granular scope; None when one of them is malformed."""
    if query is None:
        return ()
    found = [_PARAM.fullmatch(part) for part in query.split("&")]
    pairs = tuple((pair[1], pair[2]) for pair in found if pair is not None)
    return pairs if len(pairs) == len(found) else None


@lru_cache(maxsize=1024)
def _parse(text: str) -> ScopeSet:
    scopes = tuple(scope for word in dict.fromkeys(text.split(" ")) if (scope := Scope.parse(word)) is not None)
    return ScopeSet(scopes, MappingProxyType(_index_of(scopes)))


def _index_of(scopes: tuple[Scope, ...]) -> dict[tuple[str, str], tuple[Scope, ...]]:
    """For each type named (and `*`) and action, the scopes that allow it: asked on every request."""
    index: dict[tuple[str, str], tuple[Scope, ...]] = {}
    for name in {scope.resource_type for scope in scopes}:
        for action in ACTIONS:
            index[name, action] = tuple(
                scope for scope in scopes if action in scope.actions and scope.resource_type in ("*", name)
            )
    return index
