"""Every valid resource of our types among the real samples goes in and comes out token for token."""

from collections.abc import Iterator
from typing import Any

import pytest

from mappings.lens import document
from tests.fhir_gateway.api import Api, link
from tests.real_input import Sample, localised, samples, tokens

REFUSED = "an NHS number is ten digits with a valid check digit"
CHUNK = 50
FEW = 300


@pytest.fixture(scope="module")
def real() -> list[Sample]:
    return list(samples())


def sent(real: list[Sample], person: str) -> Iterator[tuple[Sample, bytes]]:
    """Each sample as it is sent here: about `person`, with no id."""
    for sample in real:
        tree = localised(sample.tree, person)
        tree.pop("id", None)
        yield sample, document.encode(tree)


def shared_out(api: Api, real: list[Sample]) -> list[Sample]:
    """All of them on SQLite; of more than a few hundred every third on PostgreSQL, where each costs most."""
    return real if api.gateway.database.dialect == "sqlite" or len(real) < FEW else real[::3]


def test_what_was_sent_is_read_replaced_and_followed_token_for_token(api: Api, real: list[Sample]) -> None:
    person = api.person().partition("/")[2]
    kept: dict[str, bytes] = {}
    refused: list[str] = []
    for sample, body in sent(shared_out(api, real), person):
        reply = api.post(sample.tree["resourceType"], body)
        if reply.status_code != 201:
            assert REFUSED in reply.text, f"{sample.name}: {reply.text}"
            refused.append(sample.name)
            continue
        made = reply.json()
        address = f"{made['resourceType']}/{made['id']}"
        kept[address] = body
        assert tokens(reply.content) == tokens(body), sample.name
        assert tokens(api.get(address).content) == tokens(body), sample.name
    assert len(kept) > 40
    assert len(refused) <= 4
    check_replaced(api, kept, person)
    check_followed(api, kept)


def check_replaced(api: Api, kept: dict[str, bytes], person: str) -> None:
    """A version replaced by another is still there, byte for byte."""
    for address, body in list(kept.items())[::7]:
        before = api.get(address)
        changed = document.parse(before.content)
        changed["language"] = "cy"
        reply = api.put(address, changed, If_Match=before.headers["etag"])
        assert reply.status_code == 200, reply.text
        assert api.get(f"{address}/_history/1").content == before.content
        assert tokens(api.get(f"{address}/_history/1").content) == tokens(body)
    assert person


def check_followed(api: Api, kept: dict[str, bytes]) -> None:
    """The change feed carries the first version of every one, token for token."""
    seen: dict[str, Any] = {}
    following: str | None = f"_history?_cursor=&_count={CHUNK}"
    while following:
        reply = api.get(following)
        entries = split(reply.content)
        for entry in entries:
            resource = entry.get("resource")
            if resource is not None and resource["meta"]["versionId"] == "1":
                seen[f"{resource['resourceType']}/{resource['id']}"] = document.encode(resource)
        following = link(reply.json(), "next") if entries else None
    for address, body in kept.items():
        assert tokens(seen[address]) == tokens(body), address


def split(bundle: bytes) -> list[dict[str, Any]]:
    """The entries of a Bundle as exact trees."""
    entries: list[dict[str, Any]] = document.parse(bundle).get("entry", [])
    return entries
