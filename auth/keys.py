"""The server's own signing keys: published before use, used, kept for verifiers until their last token dies.

Each algorithm has one `active` key and one `next`; `rotate` promotes the next one and publishes another.
Private halves are sealed with a key from a file outside the database, and destroyed on retirement.

Source: OpenID Connect Core 1.0 section 10.1.1 (rotation); RFC 7517; RFC 7638 (kid).
"""

import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cryptography.fernet import Fernet
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import Connection, Row, insert, select, update

from auth.errors import AuthError
from auth.store import SIGNING_KEY

ALGS: Final = ("RS256", "ES384")
RSA_BITS: Final = 3072
MICROSECONDS: Final = 1_000_000
CACHE_S: Final = 3600  # how long a verifier may keep our key set
LEAD: Final = CACHE_S * MICROSECONDS
RETAINED: Final = 24 * 3600 * MICROSECONDS  # longer than any token a retired key has signed


class TooSoon(AuthError):
    """The next key has not been published for as long as verifiers may cache the key set."""

    def __init__(self, alg: str, ready_at: int) -> None:
        super().__init__(f"the next {alg} key has not been published long enough")
        self.ready_at = ready_at


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals private keys for storage."""

    _fernet: Fernet

    @classmethod
    def open(cls, path: Path) -> "Sealer":
        """The sealer of the key-encryption key in a file, which is made (mode 600) when there is none."""
        if not path.exists():
            _create(path)
        return cls(Fernet(path.read_bytes().strip()))

    def seal(self, text: str) -> str:
        """Encrypted and authenticated text."""
        return self._fernet.encrypt(text.encode()).decode()

    def unseal(self, text: str) -> str:
        """What was sealed. Raises cryptography's InvalidToken when the file's key is another one."""
        return self._fernet.decrypt(text.encode()).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What a rotation of one algorithm did: kids. retired is None at the first."""

    alg: str
    active: str
    next: str
    retired: str | None


def ensure(conn: Connection, sealer: Sealer, now: int) -> None:
    """At start: make the active and the next key of every algorithm that has none."""
    for alg in ALGS:
        for state in ("active", "next"):
            if _in_state(conn, alg, state) is None:
                _make(conn, sealer, alg, state, now)


def rotate(conn: Connection, sealer: Sealer, now: int, *, emergency: bool = False) -> list[Rotation]:
    """Retire the active keys, use the next ones, publish new next ones.

    Raises TooSoon while verifiers may not know a next key yet; emergency: go on all the same, and drop the
    retired keys from the key set at once (for a key that is no longer secret).
    """
    ensure(conn, sealer, now)
    return [_rotate(conn, sealer, alg, now, emergency=emergency) for alg in ALGS]


def public_jwks(conn: Connection, now: int) -> dict[str, list[dict[str, Any]]]:
    """The key set verifiers need now: active, next, and those retired within the last day."""
    known = (SIGNING_KEY.c.retired_at.is_(None)) | (SIGNING_KEY.c.retired_at > now - RETAINED)
    rows = conn.execute(select(SIGNING_KEY.c.public_jwk).where(known).order_by(SIGNING_KEY.c.state, SIGNING_KEY.c.alg))
    return {"keys": [json.loads(row.public_jwk) for row in rows]}


def signer(conn: Connection, sealer: Sealer, alg: str) -> tuple[str, RSAKey | ECKey]:
    """The kid and the private key to sign with. Raises LookupError when `ensure` was never run."""
    row = _in_state(conn, alg, "active")
    if row is None:
        raise LookupError(alg)
    return row.kid, _private_key(sealer, alg, row.sealed)


@lru_cache(maxsize=8)
def _private_key(sealer: Sealer, alg: str, sealed: str) -> RSAKey | ECKey:
    """An opened key, kept: opening and proving an RSA key takes longer than signing with it."""
    jwk = json.loads(sealer.unseal(sealed))
    return RSAKey.import_key(jwk) if alg == "RS256" else ECKey.import_key(jwk)


def _rotate(conn: Connection, sealer: Sealer, alg: str, now: int, *, emergency: bool) -> Rotation:
    old, new = _in_state(conn, alg, "active"), _in_state(conn, alg, "next")
    if old is None or new is None:
        raise LookupError(alg)
    if now < new.created_at + LEAD and not emergency:
        raise TooSoon(alg, new.created_at + LEAD)
    retired_at = now - RETAINED if emergency else now
    _set(conn, old.kid, state="retired", retired_at=retired_at, sealed=None)
    _set(conn, new.kid, state="active", activated_at=now)
    return Rotation(alg=alg, active=new.kid, next=_make(conn, sealer, alg, "next", now), retired=old.kid)


def _in_state(conn: Connection, alg: str, state: str) -> Row[Any] | None:
    """The newest key in a state: the one every worker agrees on."""
    wanted = (SIGNING_KEY.c.alg == alg) & (SIGNING_KEY.c.state == state)
    newest = SIGNING_KEY.c.created_at.desc(), SIGNING_KEY.c.kid
    return conn.execute(select(SIGNING_KEY).where(wanted).order_by(*newest).limit(1)).first()


def _make(conn: Connection, sealer: Sealer, alg: str, state: str, now: int) -> str:
    """Generate and store a key; its kid."""
    key = RSAKey.generate_key(RSA_BITS) if alg == "RS256" else ECKey.generate_key("P-384")
    kid = key.thumbprint()
    public = {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": alg}
    conn.execute(
        insert(SIGNING_KEY).values(
            kid=kid,
            use="sig",
            alg=alg,
            state=state,
            public_jwk=json.dumps(public),
            sealed=sealer.seal(json.dumps(key.as_dict(private=True))),
            created_at=now,
            activated_at=now if state == "active" else None,
        )
    )
    return kid


def _set(conn: Connection, kid: str, **values: str | int | None) -> None:
    conn.execute(update(SIGNING_KEY).where(SIGNING_KEY.c.kid == kid).values(**values))


def _create(path: Path) -> None:
    """Write a new key beside `path`, then link it into place: two first starts end with one key."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - mode 600
        file.write(Fernet.generate_key())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
