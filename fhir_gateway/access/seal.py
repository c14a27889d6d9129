"""Seals over the audit: each covers the rows since the last one and the seal before it, with a key kept elsewhere.

Whoever changes, drops, adds or reorders a row, or a seal, without the key is found by `seal_check`. The newest seal,
the head, is told to the log and to a file beside the key, so that a tail cut off with its seals is found too.

Source: security requirement S64; security reference, section 5 (tamper evidence).
"""

import hmac
import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

import msgspec

from fhir_gateway.store import audit_rows
from fhir_gateway.store.audit_rows import MARK, START, Row, Seal, Tombstone
from fhir_gateway.store.database import Database, Session

LOG: Final = logging.getLogger("fhir_gateway.audit")
ROWS_A_SEAL: Final = 5_000
KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Head:
    """The newest seal, by number and code: what a second place remembers."""

    n: int
    mac: str

    def __str__(self) -> str:
        """As the log and the command line write it."""
        return f"{self.n}:{self.mac}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """A head as written. Raises ValueError."""
        number, _, mac = text.strip().partition(":")
        if not number.isdigit() or len(mac) != sha256().digest_size * 2:
            raise ValueError("a head is written as number:code, as the log has it")
        return cls(int(number), mac)


@dataclass(frozen=True, slots=True)
class Key:
    """The sealing key, and the file beside it that remembers the head."""

    secret: bytes = field(repr=False)
    heads: Path

    @classmethod
    def open(cls, path: Path) -> "Key":
        """The key in a file, which is made (mode 600) when there is none. Raises ValueError for a file of no key."""
        if not path.exists():
            _create(path)
        secret = bytes.fromhex(path.read_text().strip())
        if len(secret) != KEY_BYTES:
            raise ValueError(f"{path.name} holds no key of {KEY_BYTES} bytes in hex")
        return cls(secret, path.with_suffix(".head"))

    def code(self, *parts: Any) -> str:
        """HMAC-SHA256 over values, hex."""
        return hmac.new(self.secret, msgspec.json.encode(parts), sha256).hexdigest()

    def remembered(self) -> Head | None:
        """The head the file beside the key has."""
        return Head.parse(self.heads.read_text()) if self.heads.exists() else None

    def remember(self, head: Head) -> None:
        """Write the head down beside the key."""
        draft = self.heads.with_name(f"{self.heads.name}.{os.getpid()}")
        draft.write_text(f"{head}\n")
        draft.replace(self.heads)


def _create(path: Path) -> None:
    """Write a new key beside `path`, then link it into place: two first starts end with one key."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123 - mode 600
        file.write(token_hex(KEY_BYTES))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def seal_all(database: Database, key: Key, now: int, limit: int = ROWS_A_SEAL) -> list[Seal]:
    """Seal whatever waits, one transaction a seal; the seals made. limit: rows a seal. now: microseconds."""
    made: list[Seal] = []
    while (one := database.write(lambda session: take(session, key, now, limit))) is not None:
        made.append(one)
    if made:
        head = Head(made[-1].n, made[-1].mac)
        key.remember(head)
        LOG.info("audit sealed, head %s", head)
    return made


def take(session: Session, key: Key, now: int, limit: int = ROWS_A_SEAL) -> Seal | None:
    """The next seal, stored; None when nothing waits or another worker is at it."""
    if not audit_rows.alone(session):
        return None
    before = audit_rows.last_seal(session)
    rows = audit_rows.unsealed(session, before.place if before else START, limit)
    if not rows:
        return None
    seal = made(key, before, rows, now)
    audit_rows.add_seal(session, seal)
    return seal


def made(key: Key, before: Seal | None, rows: Sequence[Row], now: int) -> Seal:
    """The seal over rows, after the seal before."""
    xact, seq = rows[-1].place
    seal = Seal(
        n=before.n + 1 if before else 1,
        at=now,
        xact=xact,
        seq=seq,
        rows=len(rows),
        people=sum(row.people for row in rows),
        newest=max(row.at for row in rows),
        hash=hash_of(rows),
        marks=marks_of(rows),
        mac="",
    )
    return replace(seal, mac=code_of(key, before, seal))


def code_of(key: Key, before: Seal | None, seal: Seal) -> str:
    """The code a seal must carry."""
    range_ = (seal.n, seal.at, seal.xact, seal.seq, seal.rows, seal.people, seal.newest)
    return key.code("seal", before.mac if before else "", *range_, seal.hash, sha256(seal.marks).hexdigest())


def stone_of(key: Key, seals: Sequence[Seal], now: int) -> Tombstone:
    """The tombstone of seals whose rows go, with how many there were."""
    stone = Tombstone(
        first=seals[0].n,
        last=seals[-1].n,
        at=now,
        rows=sum(one.rows for one in seals),
        people=sum(one.people for one in seals),
        mac="",
    )
    return replace(stone, mac=code_of_stone(key, stone, seals[-1]))


def code_of_stone(key: Key, stone: Tombstone, last: Seal) -> str:
    """The code a tombstone must carry."""
    return key.code("tombstone", stone.first, stone.last, stone.at, stone.rows, stone.people, last.mac)


def hash_of(rows: Iterable[Row]) -> str:
    """SHA-256, hex, over the hashes of rows."""
    return sha256(b"".join(row.digest for row in rows)).hexdigest()


def marks_of(rows: Iterable[Row]) -> bytes:
    """The heads of the rows' hashes, one after the other."""
    return b"".join(row.digest[:MARK] for row in rows)
