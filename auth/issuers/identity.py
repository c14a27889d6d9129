"""Who an issuer says somebody is: (iss, sub), how well it knows that, and what a record could be found by.

Source: OpenID Connect Core 1.0 sections 5.1, 5.3.2; security requirements S28, S29.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from auth.issuers.id_token import Token, TokenRefused, texts
from auth.issuers.settings import Issuer

MICROSECONDS: Final = 1_000_000
# what only the signed token may say
SIGNED: Final = frozenset({"acr", "vot", "vtm", "amr", "auth_time"})
_NHS_NUMBER: Final = re.compile(r"[0-9]{10}", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CODE: Final = re.compile(r"[A-Za-z0-9-]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A registered role of a worker, and the ODS code of the body it is in."""

    role_id: str
    ods_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A proved identity. auth_time: microseconds, None when not told. acr: `acr` or `vot`, as the issuer says it."""

    issuer: Issuer
    subject: str = field(repr=False)
    acr: str | None
    amr: tuple[str, ...]
    auth_time: int | None
    claims: Mapping[str, Any] = field(repr=False)

    @property
    def person(self) -> tuple[str, date] | None:
        """The NHS number and the birth date of a person, when both are told whole."""
        names = self.issuer.claims
        number, born = self.claims.get(names.nhs_number), self.claims.get(names.birth_date)
        if not isinstance(number, str) or _NHS_NUMBER.fullmatch(number) is None:
            return None
        if not isinstance(born, str) or _DAY.fullmatch(born) is None:
            return None
        try:
            return number, date.fromisoformat(born)
        except ValueError:
            return None

    @property
    def worker(self) -> Worker | None:
        """The role a worker came in and its body, when both are told."""
        names = self.issuer.claims
        role_id, ods_code = self.claims.get(names.worker), self._ods_code()
        if not isinstance(role_id, str) or not isinstance(ods_code, str):
            return None
        if _CODE.fullmatch(role_id) is None or _CODE.fullmatch(ods_code) is None:
            return None
        return Worker(role_id=role_id, ods_code=ods_code)

    def _ods_code(self) -> object:
        names = self.issuer.claims
        if not names.roles:
            return self.claims.get(names.organisation)
        entries = self.claims.get(names.roles)
        chosen = self.claims.get(names.worker)
        found = [
            entry.get(names.organisation)
            for entry in (entries if isinstance(entries, list) else ())
            if isinstance(entry, dict) and chosen is not None and entry.get(names.role_key) == chosen
        ]
        return found[0] if len(found) == 1 else None


def identity(issuer: Issuer, token: Token, userinfo: Mapping[str, Any] | None = None) -> Identity:
    """The identity of a proved token, with what the issuer adds about the same subject.

    Raises TokenRefused when that is about another subject, contradicts the token, or the level needed is not reached.
    """
    claims = dict(token.claims) if userinfo is None else _together(issuer, token, userinfo)
    for name, values in issuer.require.items():
        if claims.get(name) not in values:
            raise TokenRefused(f"{name} is not of the level needed")
    auth_time = token.claims.get("auth_time")
    told = [value for value in (claims.get("acr"), claims.get("vot")) if isinstance(value, str) and value.isprintable()]
    return Identity(
        issuer=issuer,
        subject=token.sub,
        acr=told[0] if told else None,
        amr=tuple(texts(claims.get("amr"))),
        auth_time=int(auth_time) * MICROSECONDS if auth_time is not None else None,
        claims=claims,
    )


def _together(issuer: Issuer, token: Token, userinfo: Mapping[str, Any]) -> dict[str, Any]:
    if userinfo.get("sub") != token.sub:
        raise TokenRefused("userinfo speaks of somebody else")
    looked_up = (issuer.claims.nhs_number, issuer.claims.birth_date, issuer.claims.worker)
    if any(userinfo[name] != token.claims[name] for name in looked_up if name in userinfo and name in token.claims):
        raise TokenRefused("userinfo contradicts the token")
    added = {name: value for name, value in userinfo.items() if name not in SIGNED}
    return {**added, **token.claims}
