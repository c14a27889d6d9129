"""Bundles, spliced from stored bytes: no resource is parsed to be sent.

Source: FHIR R4 bundle.html.
"""

from collections.abc import Iterable, Sequence

import msgspec

from fhir_gateway.interactions.context import instant
from fhir_gateway.store.changes import Entry
from fhir_gateway.store.records import Stored

Links = Sequence[tuple[str, str]]
_text = msgspec.json.Encoder().encode


def searchset(links: Links, total: int | None, entries: Iterable[bytes]) -> bytes:
    """A searchset Bundle."""
    return _bundle("searchset", links, total, entries)


def history(links: Links, total: int | None, entries: Iterable[bytes]) -> bytes:
    """A history Bundle."""
    return _bundle("history", links, total, entries)


def response(kind: str, entries: Iterable[bytes]) -> bytes:
    """A transaction-response or batch-response Bundle."""
    return _bundle(kind, (), None, entries)


def collection(entries: Iterable[bytes]) -> bytes:
    """A collection Bundle: what an operation answers with."""
    return _bundle("collection", (), None, entries)


def part(text: bytes, full_url: str = "") -> bytes:
    """An entry of a collection. full_url: empty for what is not stored."""
    full = b'"fullUrl":' + _text(full_url) + b"," if full_url else b""
    return b"{" + full + b'"resource":' + text + b"}"


def _bundle(kind: str, links: Links, total: int | None, entries: Iterable[bytes]) -> bytes:
    head = b'{"resourceType":"Bundle","type":"' + kind.encode() + b'"'
    if total is not None:
        head += b',"total":%d' % total
    if links:
        shown = [b'{"relation":"' + name.encode() + b'","url":' + _text(url) + b"}" for name, url in links]
        head += b',"link":[' + b",".join(shown) + b"]"
    body = b",".join(entries)
    return head + (b',"entry":[' + body + b"]}" if body else b"}")


def document(base: str, uuid: str, made_at: str, composition: tuple[str, bytes], found: Iterable[Stored]) -> bytes:
    """A document: the Composition (its UUID and text), then the resources. uuid: of the Bundle; made_at: instant.

    Source: FHIR R4 bundle.html, bdl-9 to bdl-11.
    """
    identifier = f'"identifier":{{"system":"urn:ietf:rfc:3986","value":"urn:uuid:{uuid}"}},"timestamp":"{made_at}"'
    first = f'{{"fullUrl":"urn:uuid:{composition[0]}","resource":'.encode() + composition[1] + b"}"
    rest = (
        f'{{"fullUrl":"{base}/{one.type}/{one.id}","resource":'.encode() + one.text + b"}" for one in found if one.text
    )
    head = b'{"resourceType":"Bundle",' + identifier.encode() + b',"type":"document"'
    return head + b',"entry":[' + b",".join((first, *rest)) + b"]}"


def match(base: str, stored: Stored, text: bytes, mode: str) -> bytes:
    """A search entry."""
    full = f'{{"fullUrl":"{base}/{stored.type}/{stored.id}","resource":'.encode()
    return full + text + b',"search":{"mode":"' + mode.encode() + b'"}}'


def change(base: str, entry: Entry) -> bytes:
    """A history entry."""
    url = f"{entry.type}/{entry.id}" if entry.method != "POST" else entry.type
    status = {"POST": "201", "PUT": "201" if entry.version == 1 else "200", "DELETE": "204"}[entry.method]
    resource = b"" if entry.text is None else b'"resource":' + entry.text + b","
    tail = (
        f'"request":{{"method":"{entry.method}","url":"{url}"}},"response":{{"status":"{status}",'
        f'"etag":"W/\\"{entry.version}\\"","lastModified":"{instant(entry.updated)}"}}}}'
    )
    return f'{{"fullUrl":"{base}/{entry.type}/{entry.id}",'.encode() + resource + tail.encode()


def outcome_entry(status: int, stored: Stored | None, base: str, body: bytes | None, outcome: bytes | None) -> bytes:
    """An entry of a batch or transaction response."""
    parts = [f'"status":"{status}"']
    if stored is not None:
        parts.append(f'"location":"{base}/{stored.type}/{stored.id}/_history/{stored.version}"')
        parts.append(f'"etag":"W/\\"{stored.version}\\"","lastModified":"{instant(stored.updated)}"')
    response_part = "{" + ",".join(parts)
    tail = b',"outcome":' + outcome + b"}" if outcome else b"}"
    full = f'"fullUrl":"{base}/{stored.type}/{stored.id}",'.encode() if stored is not None and body else b""
    resource = b'"resource":' + body + b"," if body else b""
    return b"{" + full + resource + b'"response":' + response_part.encode() + tail + b"}"
