"""Paging cursors: opaque, signed, bound to the client and to the request they continue.

A cursor is a handle, not a permit: rights are worked out again for whoever presents it.

Source: FHIR R4 http.html#paging; RFC 2104 (HMAC).
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

import msgspec

from mappings.lens.errors import BadRequest, Issue

MAC_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class Cursors:
    """Writes and reads cursors with one secret key."""

    key: bytes = field(repr=False)

    def write(self, client: str, request: str, keys: list[Any]) -> str:
        """The cursor that continues `request` of `client` after the row with these keys."""
        payload = msgspec.json.encode(keys)
        return urlsafe_b64encode(self._mac(client, request, payload) + payload).decode().rstrip("=")

    def read(self, client: str, request: str, text: str) -> list[Any]:
        """The keys in a cursor. Raises BadRequest for one not issued to this client for this request."""
        try:
            raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError as error:
            raise _refused() from error
        mac, payload = raw[:MAC_LENGTH], raw[MAC_LENGTH:]
        if not hmac.compare_digest(mac, self._mac(client, request, payload)):
            raise _refused()
        keys: list[Any] = msgspec.json.decode(payload)
        return keys

    def _mac(self, client: str, request: str, payload: bytes) -> bytes:
        bound = b"\x00".join((client.encode(), request.encode(), payload))
        return hmac.digest(self.key, bound, sha256)[:MAC_LENGTH]


def _refused() -> BadRequest:
    return BadRequest(Issue("value", "this _cursor was not issued to you for this request; start again without it"))
