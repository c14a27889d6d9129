"""How Uvicorn is run: what it believes of the proxies in front of it.

Source: security requirement S27; the release notes of Uvicorn 0.48 and 0.49.
"""

import asyncio
from typing import Any

import pytest
import uvicorn

from fhir_gateway.server import options
from fhir_gateway.settings import Settings

NEAR, FAR = ("127.0.0.1", 1), ("203.0.113.9", 1)


def seen(settings: Settings, client: tuple[str, int], *forwarded: str) -> str:
    """Whom the application is told a request comes from."""
    found: list[str] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        found.append(scope["client"][0])

    config = uvicorn.Config(app, **options(settings, "127.0.0.1", 8000))
    config.load()
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    scope: Any = {"type": "http", "client": client, "scheme": "http", "headers": headers}
    asyncio.run(config.loaded_app(scope, None, None))
    return found[0]


@pytest.mark.requirement("lesson-18")
@pytest.mark.parametrize(
    ("client", "forwarded", "told"),
    [
        (FAR, ["198.51.100.7"], "203.0.113.9"),
        (FAR, ["127.0.0.1"], "203.0.113.9"),
        (NEAR, [], "127.0.0.1"),
        (NEAR, ["198.51.100.7"], "198.51.100.7"),
        (NEAR, ["192.0.2.1, 198.51.100.7"], "198.51.100.7"),
        (NEAR, ["192.0.2.1", "198.51.100.7"], "198.51.100.7"),
    ],
)
def test_forwarded_headers_are_believed_from_a_listed_proxy_and_no_further_than_it_saw(
    client: tuple[str, int], forwarded: list[str], told: str
) -> None:
    assert seen(Settings(), client, *forwarded) == told


def test_which_proxies_are_listed_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # Uvicorn's own, which would go past ours
    assert seen(Settings(), FAR, "198.51.100.7") == "203.0.113.9"
    assert seen(Settings(proxies="203.0.113.0/24"), FAR, "198.51.100.7") == "198.51.100.7"
    assert seen(Settings(proxies=""), NEAR, "198.51.100.7") == "127.0.0.1"
