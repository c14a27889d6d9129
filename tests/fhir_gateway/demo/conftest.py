"""Passwords are hashed cheaply here: what they cost is tested where they are hashed."""

import pytest
from argon2 import PasswordHasher, Type

from auth import passwords

CHEAP = PasswordHasher(1, 64, 1, type=Type.ID)


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", CHEAP)
