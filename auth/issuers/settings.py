"""The allow-list: which issuers are believed, of what, and how we prove ourselves to them.

Read from a TOML file at start (`PHB_ISSUERS_FILE`), one table `[[issuer]]` each; docs/issuers.md explains every member.

Source: security requirements S20, S28; OpenID Connect Core 1.0 section 3.1.3.7; RFC 7523 (how we prove ourselves).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from auth.issuers.profiles import EXCHANGE, PEOPLE, PROFILES, STAFF, USES, Claims, Profile
from auth.issuers.section import IssuersRefused, Section, sections
from auth.jose import KEY_TYPE_OF, MIN_RSA_BITS
from auth.outgoing import FetchRefused, check_url

MAX_AGE_S: Final = 3600
MEMBERS: Final = frozenset(
    (
        *(
            "id",
            "label",
            "profile",
            "iss",
            "use",
            "login",
            "client_id",
            "key_file",
            "key_alg",
            "key_id",
            "assertion_aud",
        ),
        *("metadata", "hosts", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"),
        *("response_iss", "id_token_algs", "scope", "vtr", "acr_values", "max_age", "sso", "at_hash"),
        *("require", "claims", "exchange"),
    )
)
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where an issuer is spoken to. userinfo: empty, nothing is asked. response_iss: its answers must name it."""

    authorization: str
    token: str
    userinfo: str
    jwks: str
    response_iss: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """The key we prove ourselves with."""

    kid: str
    alg: str
    key: RSAKey | ECKey = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """One issuer. id: as in our addresses. uses: of USES. login: whether people are sent there.

    endpoints: None when its metadata tells, which may then name `hosts` only, the first for people. id_token_algs: what
    it may sign with. require: claims of which each must have one of the values. sso: whether an earlier login there
    will do, of `max_age` seconds at most (0: any). at_hash: whether its tokens must carry it. exchange: our clients
    that may bring its tokens, each with the audience those must name.
    """

    id: str
    label: str
    iss: str
    uses: frozenset[str]
    login: bool
    client_id: str
    key: SigningKey | None
    assertion_aud: str
    endpoints: Endpoints | None
    hosts: tuple[str, ...]
    id_token_algs: tuple[str, ...]
    scope: str
    vtr: tuple[str, ...]
    acr_values: tuple[str, ...]
    max_age: int
    sso: bool
    at_hash: bool
    require: Mapping[str, tuple[str, ...]]
    claims: Claims
    exchange: Mapping[str, str]

    @property
    def origin(self) -> str:
        """Where its login pages are, as an origin."""
        parts = urlsplit(self.endpoints.authorization if self.endpoints else self.iss)
        return f"{parts.scheme}://{parts.netloc if self.endpoints else self.hosts[0]}"


def load(path: Path, *, allow_loopback: bool = False) -> tuple[Issuer, ...]:
    """The issuers of a file. Raises IssuersRefused, naming the line; allow_loopback: tests and demonstration only."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise IssuersRefused(f"{path.name}: the file cannot be read") from None
    reader = _Reader(path.parent, allow_loopback=allow_loopback)
    found = sections(path.name, text, "issuer")
    issuers = tuple(reader.issuer(section) for section in found)
    for name in ("id", "iss"):
        seen = [getattr(issuer, name) for issuer in issuers]
        for section, value in zip(found, seen, strict=True):
            if seen.count(value) > 1:
                section.refuse(name, "used twice")
    return issuers


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes an issuer of a section. folder: key files are named from there."""

    folder: Path
    allow_loopback: bool = field(kw_only=True)

    def issuer(self, section: Section) -> Issuer:
        section.only(MEMBERS)
        profile = PROFILES.get(section.text("profile"))
        if profile is None:
            section.refuse("profile", f"one of {', '.join(PROFILES)} is needed")
        iss, login = self._url(section, "iss"), section.flag("login", default=True)
        return _checked(section, Issuer(
            id=_id(section),
            label=section.text("label"),
            iss=iss,
            uses=frozenset(_uses(section, profile)),
            login=login,
            client_id=section.text("client_id", None if login else ""),
            assertion_aud=_one_of(section, "assertion_aud", ("token-endpoint", "issuer")),
            endpoints=self._endpoints(section, login=login),
            hosts=section.words("hosts", (urlsplit(iss).netloc,)),
            id_token_algs=_algs(section, profile),
            scope=_scope(section, profile),
            vtr=section.words("vtr", profile.vtr),
            acr_values=section.words("acr_values", profile.acr_values),
            max_age=section.number("max_age", MAX_AGE_S),
            sso=section.flag("sso"),
            at_hash=section.flag("at_hash"),
            require=_require(section, profile, iss),
            claims=_claims(section, profile),
            exchange=_exchange(section),
            key=self._key(section, profile.key_alg) if login else None,
        ))  # fmt: skip

    def _url(self, section: Section, key: str, default: str | None = None) -> str:
        url = section.text(key, default)
        if url == default:
            return url
        try:
            check_url(url, allow_loopback=self.allow_loopback)
        except FetchRefused:
            section.refuse(key, "an https URL on port 443 or 8443 is needed")
        return url

    def _endpoints(self, section: Section, *, login: bool) -> Endpoints | None:
        if section.flag("metadata"):
            for key in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "response_iss"):
                if key in section.table:
                    section.refuse(key, "either metadata = true or pinned endpoints")
            return None
        needed = None if login else ""
        return Endpoints(
            authorization=self._url(section, "authorization_endpoint", needed),
            token=self._url(section, "token_endpoint", needed),
            userinfo=self._url(section, "userinfo_endpoint", ""),
            jwks=self._url(section, "jwks_uri"),
            response_iss=section.flag("response_iss"),
        )

    def _key(self, section: Section, usual_alg: str) -> SigningKey:
        alg = section.text("key_alg", usual_alg)
        if alg not in KEY_TYPE_OF:
            section.refuse("key_alg", f"one of {', '.join(KEY_TYPE_OF)} is needed")
        key = self._private_key(section, KEY_TYPE_OF[alg])
        return SigningKey(kid=section.text("key_id", key.thumbprint()), alg=alg, key=key)

    def _private_key(self, section: Section, kty: str) -> RSAKey | ECKey:
        try:
            pem = (self.folder / section.text("key_file")).read_bytes()
            key = (RSAKey if kty == "RSA" else ECKey).import_key(pem)
        except (OSError, ValueError, JoseError):
            section.refuse("key_file", f"a private {kty} key in PEM form is needed")
        if not key.is_private or (isinstance(key, RSAKey) and key.raw_value.key_size < MIN_RSA_BITS):
            section.refuse("key_file", f"a private key is needed, RSA of {MIN_RSA_BITS} bits at least")
        if isinstance(key, ECKey) and key.curve_name != "P-384":
            section.refuse("key_file", "ES384 needs a P-384 key")
        return key


def _checked(section: Section, issuer: Issuer) -> Issuer:
    """The issuer, if what it is used for can be done with it."""
    claims = issuer.claims
    if PEOPLE in issuer.uses and not (claims.nhs_number and claims.birth_date and issuer.require):
        section.refuse("use", "people need the claims nhs_number and birth_date, and a required level")
    if STAFF in issuer.uses and not (claims.worker and claims.organisation and issuer.require):
        section.refuse("use", "staff need the claims worker and organisation, and a required level")
    if (EXCHANGE in issuer.uses) != bool(issuer.exchange):
        section.refuse("exchange", "the use exchange needs a table of clients and audiences, and the other way round")
    if EXCHANGE in issuer.uses and issuer.endpoints is None:
        section.refuse("metadata", "the use exchange needs pinned endpoints")
    if not issuer.login and EXCHANGE not in issuer.uses:
        section.refuse("login", "without login and without the use exchange nothing is left")
    if not issuer.hosts:
        section.refuse("hosts", "at least one host is needed")
    return issuer


def _id(section: Section) -> str:
    found = section.text("id")
    if _ID.fullmatch(found) is None:
        section.refuse("id", "1 to 40 small letters, digits and - are needed")
    return found


def _one_of(section: Section, key: str, known: tuple[str, ...]) -> str:
    """The first is the default."""
    found = section.text(key, known[0])
    if found not in known:
        section.refuse(key, f"one of {', '.join(known)} is needed")
    return found


def _uses(section: Section, profile: Profile) -> tuple[str, ...]:
    found = section.words("use", profile.uses)
    if not found or not set(found) <= set(USES):
        section.refuse("use", f"some of {', '.join(USES)} are needed")
    if {PEOPLE, STAFF} <= set(found):
        section.refuse("use", "people or staff, not both")
    if not {PEOPLE, STAFF} & set(found):
        section.refuse("use", "say whom its tokens are about: people or staff")
    return found


def _algs(section: Section, profile: Profile) -> tuple[str, ...]:
    found = section.words("id_token_algs", profile.id_token_algs)
    if not found or not set(found) <= set(KEY_TYPE_OF):
        section.refuse("id_token_algs", f"some of {', '.join(KEY_TYPE_OF)} are needed")
    return found


def _scope(section: Section, profile: Profile) -> str:
    found = section.text("scope", profile.scope)
    if "openid" not in found.split(" "):
        section.refuse("scope", "openid is needed")
    return found


def _require(section: Section, profile: Profile, iss: str) -> dict[str, tuple[str, ...]]:
    own = {"vtm": (f"{iss}/trustmark/{urlsplit(iss).netloc}",)} if profile.trustmark else {}
    wanted = section.inner("require")
    told = {key: wanted.words(key) for key in wanted.table}
    for key, values in told.items():
        if not values:
            wanted.refuse(key, "at least one value is needed")
    return {**profile.require, **own, **told}


def _claims(section: Section, profile: Profile) -> Claims:
    told = section.inner("claims")
    names = [one.name for one in fields(Claims)]
    told.only(names)
    return Claims(**{name: told.text(name, getattr(profile.claims, name)) for name in names})


def _exchange(section: Section) -> dict[str, str]:
    told = section.inner("exchange")
    return {client: told.text(client) for client in told.table}
