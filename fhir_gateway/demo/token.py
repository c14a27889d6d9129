"""An access token of a demonstration client, got as a real client gets it: by a signed assertion.

Source: SMART App Launch 2.2, backend services; RFC 7523 section 2.2.
"""

import json
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from fhir_gateway.demo import credentials

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME_S: Final = 240
TIMEOUT_S: Final = 10.0


class Refused(RuntimeError):
    """No token; the message says why in one line."""


def token(name: str, folder: Path) -> str:
    """A fresh access token of the client `name` of the credentials in `folder`. Raises Refused or Unusable."""
    found = credentials.read(folder / credentials.FILE)
    client = found["clients"].get(name)
    if client is None:
        raise Refused(f"there is no client {name!r}; there are {', '.join(sorted(found['clients']))}")
    if "private_jwk" not in client:
        raise Refused(f"{name} signs no assertions: it is an app in which people log in")
    return _asked(found["token_endpoint"], client)


def _asked(endpoint: str, client: Mapping[str, Any]) -> str:
    form = {
        "grant_type": "client_credentials",
        "scope": client["scope"],
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(client, endpoint),
    }
    try:
        reply = httpx.post(endpoint, data=form, timeout=TIMEOUT_S, trust_env=False)
        answer = reply.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Refused(f"{endpoint} does not answer; is the demonstration running?") from error
    if reply.is_error or "access_token" not in answer:
        raise Refused(f"{answer.get('error', reply.status_code)}: {answer.get('error_description', 'no reason given')}")
    return str(answer["access_token"])


def assertion(client: Mapping[str, Any], audience: str) -> str:
    """A signed assertion, good once and for four minutes."""
    jwk, now = client["private_jwk"], int(time.time())
    claims = {
        "iss": client["client_id"],
        "sub": client["client_id"],
        "aud": audience,
        "jti": str(uuid.uuid4()),
        "iat": now,
        "exp": now + LIFETIME_S,
    }
    key = RSAKey.import_key(jwk) if jwk["kty"] == "RSA" else ECKey.import_key(jwk)
    header = {"alg": jwk["alg"], "kid": jwk["kid"], "typ": "JWT"}
    return jws.serialize_compact(header, json.dumps(claims), key, algorithms=[jwk["alg"]])
