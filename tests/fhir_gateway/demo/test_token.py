"""Tokens for the demonstration clients, against a server that answers as it likes."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from fhir_gateway.demo import credentials
from fhir_gateway.demo.token import Refused, assertion, token


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    client = {"client_id": "auditor", "scope": "system/*.rs", "private_jwk": credentials.new_key("ES384")}
    content = {"token_endpoint": "http://127.0.0.1:9/oauth2/token", "clients": {"auditor": client}}
    credentials.write_private(tmp_path / credentials.FILE, json.dumps(content))
    return tmp_path


def answering(monkeypatch: pytest.MonkeyPatch, status: int, body: Any) -> list[Any]:
    """A token endpoint with one answer; what it was asked is collected."""
    asked: list[Any] = []

    def post(url: str, **known: Any) -> httpx.Response:
        asked.append((url, known["data"]))
        return httpx.Response(status, content=body if isinstance(body, bytes) else json.dumps(body).encode())

    monkeypatch.setattr(httpx, "post", post)
    return asked


def test_a_token_is_asked_for_with_everything_that_is_registered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answering(monkeypatch, 200, {"access_token": "abc"})
    assert token("auditor", folder) == "abc"
    url, form = asked[0]
    assert url == "http://127.0.0.1:9/oauth2/token"
    assert (form["grant_type"], form["scope"]) == ("client_credentials", "system/*.rs")


def test_a_refusal_is_told_in_the_words_of_the_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, 400, {"error": "invalid_client", "error_description": "not known here"})
    with pytest.raises(Refused, match="invalid_client: not known here"):
        token("auditor", folder)


def test_an_answer_that_is_no_json_is_no_token(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, 200, b"hello")
    with pytest.raises(Refused, match="does not answer"):
        token("auditor", folder)


@pytest.mark.parametrize("alg", ["ES384", "RS384"])
def test_no_two_assertions_are_the_same(alg: str) -> None:
    client = {"client_id": "auditor", "private_jwk": credentials.new_key(alg)}
    assert assertion(client, "http://127.0.0.1/token") != assertion(client, "http://127.0.0.1/token")
