"""Public keys and exact JSON for signed tokens: the narrow part of JOSE that is used here.

No JWE, no symmetric key, no key from a token's own header; one algorithm at a time, chosen by us.

Source: RFC 7515, RFC 7517, RFC 7518, RFC 8725.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import base64_to_int

from auth.errors import RegistrationRefused

KEY_TYPE_OF: Final = {"RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "PS256": "RSA", "ES384": "EC"}
ASSERTION_ALGS: Final = ("RS384", "ES384", "RS512")
MIN_RSA_BITS: Final = 2048
MAX_RSA_BITS: Final = 8192  # bounds the cost of one verification
MAX_KEYS: Final = 50
MAX_JWKS: Final = 65_536
_SECRET_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class _Registry(jws.JWSRegistry):
    """joserfc's limits, wide enough for a header with a `jku`."""

    max_header_length = 4096
    max_payload_length = 16_384


_REGISTRIES: Final = {alg: _Registry(algorithms=[alg], strict_check_header=False) for alg in KEY_TYPE_OF}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key a client signs with. alg: the only algorithm it is for, None when the client did not say."""

    kid: str
    kty: str
    alg: str | None
    key: RSAKey | ECKey


def strict_object(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`. Raises ValueError: duplicate names, NaN, nesting, or not an object."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - one kind of fault for the caller
    return value


def parse_jwks(text: str) -> tuple[PublicKey, ...]:
    """The signing keys of a client's JSON Web Key Set.

    Keys for encryption, of other kinds, or without `kid` are passed over. Raises RegistrationRefused
    for private or symmetric material, RSA below 2048 bits, a broken key, a doubled kid, or no usable key.
    """
    keys = tuple(key for member in _members(text) if (key := _public_key(member)) is not None)
    if not keys:
        raise RegistrationRefused("the JWKS holds no RSA or P-384 signing key with a kid")
    if len({(key.kid, key.kty) for key in keys}) < len(keys):
        raise RegistrationRefused("two keys of the JWKS have the same kid")
    return keys


def key_for(keys: tuple[PublicKey, ...], kid: str, alg: str) -> PublicKey | None:
    """The one key with this kid and of the algorithm's type; None when there is none or more than one."""
    found = [key for key in keys if key.kid == kid and key.kty == KEY_TYPE_OF[alg] and key.alg in (None, alg)]
    return found[0] if len(found) == 1 else None


def signature_holds(compact: str, key: PublicKey, alg: str) -> bool:
    """True when the compact JWS was signed with `alg`, which must be of KEY_TYPE_OF, by this key."""
    try:
        jws.deserialize_compact(compact, key.key, registry=_REGISTRIES[alg])
    except (JoseError, ValueError):
        return False
    return True


def _members(text: str) -> list[dict[str, Any]]:
    if len(text) > MAX_JWKS:
        raise RegistrationRefused("the JWKS is over 64 kB")
    try:
        members = strict_object(text.encode()).get("keys")
    except ValueError:
        raise RegistrationRefused("the JWKS is not a JSON object") from None
    if not isinstance(members, list) or len(members) > MAX_KEYS or not all(isinstance(each, dict) for each in members):
        raise RegistrationRefused(f"the JWKS needs a list of at most {MAX_KEYS} keys")
    return members


def _public_key(member: Mapping[str, Any]) -> PublicKey | None:
    if member.get("kty") == "oct" or _SECRET_MEMBERS & member.keys():
        raise RegistrationRefused("the JWKS holds private or symmetric key material")
    key = _imported(member)
    kid, alg = member.get("kid"), member.get("alg")
    if key is None or not isinstance(kid, str) or not kid or member.get("use", "sig") != "sig":
        return None
    return PublicKey(kid, key.key_type, alg, key)


def _imported(member: Mapping[str, Any]) -> RSAKey | ECKey | None:
    """The key of a kind we verify with, None for other kinds; only the members that make a key are read."""
    try:
        if member.get("kty") == "RSA":
            _check_size(member["n"])
            return RSAKey.import_key({"kty": "RSA", "n": member["n"], "e": member["e"]})
        if member.get("kty") == "EC" and member.get("crv") == "P-384":
            return ECKey.import_key({"kty": "EC", "crv": "P-384", "x": member["x"], "y": member["y"]})
    except (JoseError, ValueError, TypeError, KeyError):
        raise RegistrationRefused("a key of the JWKS is broken") from None
    return None


def _check_size(modulus: str) -> None:
    """Before the key is built: a weak one is refused, a huge one costs nothing."""
    bits = base64_to_int(modulus).bit_length()
    if not MIN_RSA_BITS <= bits <= MAX_RSA_BITS:
        raise RegistrationRefused(f"RSA keys need {MIN_RSA_BITS} to {MAX_RSA_BITS} bits")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name appears twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
