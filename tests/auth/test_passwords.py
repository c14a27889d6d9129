"""Passwords: what a hash costs, who may wait for one, and which may be chosen."""

import asyncio
import threading

import pytest
from argon2 import PasswordHasher, extract_parameters

from auth import passwords
from auth.passwords import PasswordRefused, TooBusy, Turns

GOOD = "three green bicycles"


@pytest.mark.requirement("S18")
def test_a_hash_is_argon2id_at_the_chosen_cost() -> None:
    """S18."""
    found = extract_parameters(passwords.hashed(GOOD))
    assert (found.type.name, found.memory_cost, found.time_cost, found.parallelism) == ("ID", 19_456, 2, 1)


def test_a_password_is_known_by_its_hash_alone() -> None:
    stored = passwords.hashed(GOOD)
    assert GOOD not in stored
    assert passwords.matches(stored, GOOD)
    assert not passwords.matches(stored, GOOD.upper())
    assert stored != passwords.hashed(GOOD)


def test_a_password_typed_on_another_keyboard_is_the_same() -> None:
    assert passwords.matches(passwords.hashed("caf\u00e9 at the corner"), "cafe\u0301 at the corner")


def test_without_an_account_a_password_is_hashed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """S17: the same work, so the same time, whether or not somebody has this name."""
    seen: list[str] = []
    real = passwords.HASHER.verify

    class Watched:
        def verify(self, stored: str, password: str) -> bool:
            seen.append(stored)
            return real(stored, password)

    monkeypatch.setattr(passwords, "HASHER", Watched())
    assert not passwords.matches(None, GOOD)
    (stored,) = seen
    assert extract_parameters(stored) == extract_parameters(PasswordHasher(2, 19_456, 1, 32, 16).hash(GOOD))


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$v=19$m=8,t=1,p=1$AAAA$BBBB", "$2b$12$abc"])
def test_a_broken_hash_is_nobodys_password(stored: str) -> None:
    assert not passwords.matches(stored, GOOD)


@pytest.mark.requirement("S18")
def test_a_password_over_one_kilobyte_is_not_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    """S18."""
    monkeypatch.setattr(passwords, "HASHER", None)
    assert not passwords.matches(None, "\u00e9" * 513)


def test_a_hash_made_at_other_costs_is_made_anew() -> None:
    assert passwords.outdated(PasswordHasher(1, 8192, 1).hash(GOOD))
    assert not passwords.outdated(passwords.hashed(GOOD))


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short words", "at least 12"),
        ("a" * 1025, "longer than"),
        ("aaaaaaaaaaaaaaaa", "easy to guess"),
        ("abababababab", "easy to guess"),
        ("Password1234", "easy to guess"),
        ("QwertyuiopAsdf", "easy to guess"),
        ("123456789012", "easy to guess"),
        ("i am janice smith", "the user name"),
    ],
)
def test_a_password_that_is_tried_first_may_not_be_chosen(password: str, fault: str) -> None:
    with pytest.raises(PasswordRefused, match=fault) as refused:
        passwords.check(password, "janice")
    assert password not in str(refused.value)


@pytest.mark.parametrize("password", [GOOD, "correct horse bat", "xK9#pL2$vQ7!", "\u00e9" * 6 + "abcdef"])
def test_any_other_password_of_twelve_characters_may_be_chosen(password: str) -> None:
    passwords.check(password, "janice")


@pytest.mark.requirement("S18")
def test_two_are_hashed_at_once_and_the_line_has_an_end() -> None:
    """S18: at most two at once, a short line, then a refusal at once."""
    turns, lock = Turns(at_once=2, waiting=3), threading.Lock()
    begun, done = threading.Semaphore(0), threading.Event()
    running, most = 0, 0

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        begun.release()
        assert done.wait(30)
        with lock:
            running -= 1

    async def all_at_once() -> list[BaseException | None]:
        jobs = [asyncio.create_task(turns.run(work)) for _ in range(8)]
        for _ in range(2):
            await asyncio.to_thread(begun.acquire)
        done.set()
        return await asyncio.gather(*jobs, return_exceptions=True)

    refused = [one for one in asyncio.run(all_at_once()) if one is not None]
    assert most == 2
    assert [type(one) for one in refused] == [TooBusy] * 3
    assert asyncio.run(turns.run(lambda: 7)) == 7


def test_what_fails_leaves_the_line_too() -> None:
    turns = Turns(at_once=1, waiting=0)

    async def twice() -> None:
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                await turns.run(lambda: 1 // 0)

    asyncio.run(twice())
