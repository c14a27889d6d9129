"""Which client is asking, at the endpoints that clients call: one proof a request, the one it is registered for.

`read` judges what the request says; `authenticate` believes it, against the registration.

Source: RFC 6749 sections 2.3 and 3.2.1; RFC 7523 section 2.2; SMART App Launch 2.2 (client kinds).
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_plus

from sqlalchemy import Connection

from auth import assertion, clients, refresh_tokens
from auth.assertion import Assertion, Audience
from auth.clients import Client
from auth.errors import InvalidClient, OAuthError
from auth.tokens import digest

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
BASIC: Final = 'Basic realm="token"'
MAX_HEADER: Final = 4096
NOBODY: Final = digest("")  # compared with when there is no secret, so that it takes the same time


@dataclass(frozen=True, slots=True)
class Named:
    """A public client: its name and no proof."""

    client_id: str


@dataclass(frozen=True, slots=True)
class Holder:
    """A public client that names itself by nothing but the refresh token it shows, as SMART's own library does."""

    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Secret:
    """A client's name and secret, as sent; both may have been URL-encoded."""

    client_id: str
    secret: str = field(repr=False)


Claim = Named | Holder | Secret | Assertion


class WrongSecret(OAuthError):
    """Client authentication by HTTP Basic failed, an unknown client and a wrong secret told in the same words."""

    def __init__(self) -> None:
        super().__init__("invalid_client", "the client is not known here", status=401, challenge=BASIC)


def read(authorization: str | None, form: Mapping[str, str], audience: Audience, now: int) -> Claim:
    """What a request claims about its client, unproved. Raises OAuthError for none, several or unreadable claims."""
    if authorization:
        return _basic(authorization, form)
    if "client_secret" in form:
        raise InvalidClient("a secret is sent by HTTP Basic only")
    if "client_assertion" in form or "client_assertion_type" in form:
        return _assertion(form, audience, now)
    if "client_id" in form:
        return Named(form["client_id"])
    if form.get("grant_type") == "refresh_token" and "refresh_token" in form:
        return Holder(form["refresh_token"])
    raise InvalidClient("no client authentication was sent")


def authenticate(conn: Connection, claim: Claim, audience: Audience, now: int, *, final: bool = False) -> Client:
    """The active client behind a claim; a signed assertion is spent by this call.

    Raises InvalidClient, KeysNeeded as `assertion.authenticate` does. final: the fetch was made.
    """
    if isinstance(claim, Assertion):
        return assertion.authenticate(conn, claim, audience, now, final=final)
    if isinstance(claim, Secret):
        return _with_secret(conn, claim)
    client = clients.find(conn, claim.client_id if isinstance(claim, Named) else _holding(conn, claim))
    if client is None or client.status != "active" or client.kind != "public":
        raise InvalidClient
    return client


def _holding(conn: Connection, claim: Holder) -> str:
    """The client a refresh token was issued to. SMART App Launch 2.2 and RFC 6749 section 6 ask for no client_id."""
    found = refresh_tokens.find(conn, claim.refresh_token)
    if found is None:
        raise OAuthError("invalid_grant", refresh_tokens.UNKNOWN)
    return str(found.client_id)


def _basic(authorization: str, form: Mapping[str, str]) -> Secret:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() not in ("basic", "bearer"):
        raise InvalidClient("another way of client authentication is needed")
    challenge = f'{scheme.capitalize()} realm="token"'
    refused = OAuthError("invalid_client", "one client authentication is needed", status=401, challenge=challenge)
    if scheme.lower() == "bearer" or "client_assertion" in form or "client_secret" in form:
        raise refused
    client_id, colon, secret = _decoded(encoded).rpartition(":")  # secrets made here hold no colon, ids may
    if not colon or form.get("client_id", client_id) not in (client_id, unquote_plus(client_id)):
        raise WrongSecret
    return Secret(client_id, secret)


def _decoded(encoded: str) -> str:
    """The text of HTTP Basic credentials, empty when they are unreadable."""
    try:
        text = base64.b64decode(encoded[:MAX_HEADER], validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
    return text if text.isprintable() else ""


def _assertion(form: Mapping[str, str], audience: Audience, now: int) -> Assertion:
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise InvalidClient(f"client_assertion_type must be {ASSERTION_TYPE}")
    if "client_assertion" not in form:
        raise OAuthError("invalid_request", "client_assertion is missing")
    claimed = assertion.read(form["client_assertion"], audience, now)
    if form.get("client_id", claimed.client_id) != claimed.client_id:
        raise InvalidClient("client_id is not the one of the assertion")
    return claimed


def _with_secret(conn: Connection, claim: Secret) -> Client:
    client = clients.find(conn, claim.client_id) or clients.find(conn, unquote_plus(claim.client_id))
    known = NOBODY if client is None or client.secret_digest is None else client.secret_digest
    sent = (digest(claim.secret), digest(unquote_plus(claim.secret)))
    fits = [hmac.compare_digest(one, known) for one in sent]
    if client is None or client.status != "active" or known == NOBODY or not any(fits):
        raise WrongSecret
    return client
