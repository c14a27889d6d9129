"""What may be registered of a client: its kind decides its scopes, its proof and its addresses.

Source: RFC 7591 section 2; RFC 8252; SMART App Launch 2.2 (client kinds); security requirements S1, S14.
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from auth.app_scopes import is_app_scope
from auth.errors import OAuthError, RegistrationRefused
from auth.jose import parse_jwks
from auth.outgoing import FetchRefused, check_url
from auth.redirects import check_launch_uri, check_origin, check_redirect_uri
from auth.scopes import Scope, check_size

AUD_POLICIES: Final = ("either", "token-endpoint", "issuer")
KINDS: Final = ("system", "public", "confidential")
MAX_ADDRESSES: Final = 20
_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:/-]{0,254}", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What is registered of a client. Keys inline (`jwks`, JSON text) or by `jwks_url`, never both.

    scope: the most it may be granted. aud: which audience its assertions may name: `token-endpoint`, `issuer`
    or `either`. kind: `system`, or for people who log in `public` or `confidential`. redirect_uris, origins: JSON
    lists. role, organisation, purpose: what a system client is in the access policy; without a role it reaches nothing.
    may_introspect: a resource server, which may ask about anybody's token.
    """

    client_id: str
    name: str
    scope: str
    jwks: str | None = None
    jwks_url: str | None = None
    aud: str = "either"
    kind: str = "system"
    secret_digest: str | None = field(default=None, repr=False)
    redirect_uris: str = "[]"
    launch_uri: str | None = None
    origins: str = "[]"
    role: str | None = None
    organisation: str | None = None
    purpose: str | None = None
    may_introspect: bool = False

    @property
    def redirects(self) -> tuple[str, ...]:
        """Where answers may be sent."""
        return tuple(json.loads(self.redirect_uris))

    @property
    def for_people(self) -> bool:
        """Whether it acts for people who log in, and never for itself."""
        return self.kind != "system"


def check(wanted: Registration, roles: Collection[str] | None, *, allow_loopback: bool) -> None:
    """Raises RegistrationRefused, naming the fault. roles: those the access policy knows, None leaves them open."""
    _check_names(wanted)
    _check_scope(wanted)
    if wanted.kind == "system":
        check_keys(wanted.jwks, wanted.jwks_url, allow_loopback=allow_loopback)
        _check_system(wanted, roles)
        return
    _check_proof(wanted, allow_loopback=allow_loopback)
    _check_addresses(wanted)


def check_keys(jwks: str | None, jwks_url: str | None, *, allow_loopback: bool) -> None:
    """Exactly one source of public keys. Raises RegistrationRefused."""
    if (jwks is None) == (jwks_url is None):
        raise RegistrationRefused("keys: either a JWKS or a JWKS URL is needed")
    if jwks is not None:
        parse_jwks(jwks)
    if jwks_url is not None:
        try:
            check_url(jwks_url, allow_loopback=allow_loopback)
        except FetchRefused:
            raise RegistrationRefused("jwks_url: an https URL on port 443 or 8443 is needed") from None


def _check_names(wanted: Registration) -> None:
    if _CLIENT_ID.fullmatch(wanted.client_id) is None:
        raise RegistrationRefused("client_id: 1 to 255 letters, digits and . _ ~ : / - are allowed")
    for name, text in (("name", wanted.name), ("organisation", wanted.organisation), ("purpose", wanted.purpose)):
        if text is not None and (not text.strip() or not text.isprintable()):
            raise RegistrationRefused(f"{name}: printable text is needed")
    if wanted.aud not in AUD_POLICIES:
        raise RegistrationRefused(f"aud: one of {', '.join(AUD_POLICIES)}")
    if wanted.kind not in KINDS:
        raise RegistrationRefused(f"kind: one of {', '.join(KINDS)}")


def _check_scope(wanted: Registration) -> None:
    """A registration says exactly what it means: each scope must be readable and of the client's kind."""
    try:
        check_size(wanted.scope)
    except OAuthError as error:
        raise RegistrationRefused(f"scope: {error.description}") from error
    for word in wanted.scope.split(" "):
        if wanted.for_people and not is_app_scope(word):
            raise RegistrationRefused(f"scope: {word!r} is no scope of an app, such as openid or patient/Claim.rs")
        if not wanted.for_people and not _is_system_scope(word):
            raise RegistrationRefused(f"scope: {word!r} is not a system scope such as system/Claim.rs")


def _is_system_scope(word: str) -> bool:
    scope = Scope.parse(word)
    return scope is not None and scope.context == "system"


def _check_system(wanted: Registration, roles: Collection[str] | None) -> None:
    if wanted.secret_digest is not None:
        raise RegistrationRefused("secret: a system client proves itself by keys")
    if wanted.redirects or wanted.launch_uri or json.loads(wanted.origins):
        raise RegistrationRefused("redirect_uri: a system client has no pages")
    check_role(wanted.role, roles)


def check_role(role: str | None, roles: Collection[str] | None) -> None:
    """A role the access policy knows. Raises RegistrationRefused."""
    if role is not None and roles is not None and role not in roles:
        raise RegistrationRefused(f"role: one of {', '.join(roles)}")


def _check_proof(wanted: Registration, *, allow_loopback: bool) -> None:
    """A public client has no proof, a confidential one a secret or keys. Whom an app acts for, its people say."""
    if wanted.role is not None or wanted.organisation is not None:
        raise RegistrationRefused("role: an app acts in the role of whoever logs in")
    keyed = wanted.jwks is not None or wanted.jwks_url is not None
    if wanted.kind == "public" and (keyed or wanted.secret_digest is not None):
        raise RegistrationRefused("kind: a public client can keep neither a secret nor a key")
    if wanted.kind == "confidential" and keyed == (wanted.secret_digest is not None):
        raise RegistrationRefused("kind: a confidential client needs either a secret or keys")
    if keyed:
        check_keys(wanted.jwks, wanted.jwks_url, allow_loopback=allow_loopback)
    if wanted.secret_digest is not None and _DIGEST.fullmatch(wanted.secret_digest) is None:
        raise RegistrationRefused("secret: the SHA-256 of a secret made here is needed")


def _check_addresses(wanted: Registration) -> None:
    redirects, origins = _list_of(wanted.redirect_uris, "redirect_uri"), _list_of(wanted.origins, "origin")
    if not redirects:
        raise RegistrationRefused("redirect_uri: at least one is needed")
    for uri in redirects:
        check_redirect_uri(uri)
    for origin in origins:
        check_origin(origin)
    if wanted.launch_uri is not None:
        check_launch_uri(wanted.launch_uri)


def _list_of(text: str, name: str) -> list[str]:
    found = json.loads(text)
    if not isinstance(found, list) or len(found) > MAX_ADDRESSES or not all(isinstance(one, str) for one in found):
        raise RegistrationRefused(f"{name}: a list of at most {MAX_ADDRESSES} addresses is needed")
    return found
