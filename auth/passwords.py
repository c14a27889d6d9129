"""Passwords: argon2id hashes, two at once, and which passwords may be chosen.

Source: security requirement S18; RFC 9106 section 4 (19 MiB, two passes, one lane); OWASP ASVS 5 V6.2.
"""

import asyncio
import base64
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from importlib import resources
from typing import Any, Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from auth.errors import AuthError

T = TypeVar("T")

MEMORY_KIB: Final = 19 * 1024
PASSES: Final = 2
LANES: Final = 1
SALT: Final = 16
LENGTH: Final = 32
MIN_LENGTH: Final = 12
MAX_BYTES: Final = 1024
MIN_DISTINCT: Final = 5
AT_ONCE: Final = 2
WAITING: Final = 16
HASHER: Final = PasswordHasher(PASSES, MEMORY_KIB, LANES, LENGTH, SALT, type=Type.ID)


class PasswordRefused(AuthError):
    """A password that may not be chosen; the message says why, and never quotes it."""


class TooBusy(AuthError):
    """Too many passwords wait to be hashed: 503, try again shortly."""


def hashed(password: str) -> str:
    """The argon2id hash of a password, in the PHC text form."""
    return HASHER.hash(_canonical(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether a password is the one that was hashed. Without a hash it costs the same time, and is not.

    A password over 1 kB is none, before anything is hashed.
    """
    if len(password.encode()) > MAX_BYTES:
        return False
    try:
        HASHER.verify(stored or _nobody(), _canonical(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def outdated(stored: str) -> bool:
    """Whether a hash was made with other costs than are chosen now."""
    return HASHER.check_needs_rehash(stored)


def check(password: str, username: str | None = None) -> None:
    """Whether a password may be chosen. Raises PasswordRefused."""
    if len(password.encode()) > MAX_BYTES:
        raise PasswordRefused(f"the password is longer than {MAX_BYTES} bytes")
    plain = _canonical(password).casefold()
    if len(plain) < MIN_LENGTH:
        raise PasswordRefused(f"the password needs at least {MIN_LENGTH} characters")
    if len(set(plain)) < MIN_DISTINCT or plain in _common():
        raise PasswordRefused("this password is easy to guess: choose another, such as three or four words")
    if username and username in plain:
        raise PasswordRefused("the password must not contain the user name")


class Turns:
    """Runs hashes in threads of their own: `at_once` at a time, `waiting` more in line."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="password")
        self._places = threading.BoundedSemaphore(at_once + waiting)

    async def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """What `work` returns. Raises TooBusy at once when the line is full."""
        if not self._places.acquire(blocking=False):
            raise TooBusy("too many people log in just now")
        job: Future[T] = self._threads.submit(work, *arguments)
        job.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(job)


TURNS: Final = Turns()


def _canonical(password: str) -> str:
    """One form for what different keyboards write in different ways."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobody() -> str:
    """A hash that no password has, of the same cost as a real one."""
    salt, digest = (base64.b64encode(bytes(size)).decode().rstrip("=") for size in (SALT, LENGTH))
    return f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${digest}"


@cache
def _common() -> frozenset[str]:
    """Passwords that are tried first."""
    return frozenset(resources.files("auth").joinpath("common_passwords.txt").read_text("utf-8").split())
