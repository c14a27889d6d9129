"""OpenID Connect: who logged in, told to the app in a signed id_token and at the userinfo endpoint.

Source: OpenID Connect Core 1.0 sections 2, 3.1.3.6 (at_hash), 5.3; SMART App Launch 2.2 (fhirUser).
"""

import base64
import hashlib
import json
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from sqlalchemy import Connection

from auth import keys
from auth.app_scopes import parse
from auth.config import AuthConfig
from auth.grants import Grant
from auth.tokens import MICROSECONDS

ALG: Final = "RS256"
LIFETIME_S: Final = 300
MAX_HINT: Final = 8192


def issue(config: AuthConfig, conn: Connection, grant: Grant, access_token: str, now: int) -> str:
    """The id_token beside an access token."""
    kid, key = _signer(config, conn, now)
    seconds = now // MICROSECONDS
    claims = {
        "iss": config.issuer,
        "aud": grant.client_id,
        "iat": seconds,
        "exp": seconds + LIFETIME_S,
        "auth_time": grant.auth_time // MICROSECONDS,
        "amr": json.loads(grant.amr),
        "acr": grant.acr,
        "nonce": grant.nonce,
        "at_hash": at_hash(access_token),
        **person(config, grant.account_id, grant.fhir_user, grant.scope),
    }
    said = {name: value for name, value in claims.items() if value not in (None, [])}
    return jwt.encode({"alg": ALG, "kid": kid, "typ": "JWT"}, said, key, algorithms=[ALG])


def person(config: AuthConfig, account_id: str, fhir_user: str | None, scope: str) -> dict[str, Any]:
    """The claims about the person that a scope opens. `profile` is the older name of `fhirUser`."""
    told = {"sub": account_id}
    if fhir_user is not None and {"fhirUser", "profile"} & set(parse(scope).words):
        told["fhirUser"] = f"{config.fhir_base}/{fhir_user}"
    return told


def at_hash(access_token: str) -> str:
    """The left half of the SHA-256 of a token, base64url."""
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def hinted(config: AuthConfig, conn: Connection, text: str, now: int) -> str | None:
    """The account an id_token of ours was about, also when it has expired; None for anything else."""
    for member in keys.public_jwks(conn, now)["keys"] if len(text) <= MAX_HINT else ():
        if member["alg"] == ALG and (claims := _claims(text, member)) is not None:
            ours = claims.get("iss") == config.issuer and isinstance(claims.get("sub"), str)
            return claims["sub"] if ours else None
    return None


def ensure_keys(config: AuthConfig, conn: Connection, now: int) -> dict[str, list[dict[str, Any]]]:
    """The public key set, the first keys made when there are none yet."""
    found = keys.public_jwks(conn, now)
    if found["keys"]:
        return found
    keys.ensure(conn, config.sealer(), now)
    return keys.public_jwks(conn, now)


def _signer(config: AuthConfig, conn: Connection, now: int) -> tuple[str, Any]:
    try:
        return keys.signer(conn, config.sealer(), ALG)
    except LookupError:
        keys.ensure(conn, config.sealer(), now)
        return keys.signer(conn, config.sealer(), ALG)


def _claims(text: str, member: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return dict(jwt.decode(text, RSAKey.import_key(member), algorithms=[ALG]).claims)
    except (JoseError, ValueError):
        return None
