"""No bytes get a 5xx, and nothing of what is refused is stored (security requirements S53 to S55)."""

import gzip

import pytest

from tests.fhir_gateway.api import FHIR_JSON, Api
from tests.fhir_gateway.trees import plan

HEAD = b'{"resourceType":"Patient",'
DEEP = b'{"extension":[' * 200 + b"{}" + b"]}" * 200

BODIES = {
    "empty": b"",
    "blank": b"   ",
    "no object": b"[]",
    "null": b"null",
    "text": b'"Patient"',
    "number": b"1",
    "cut short": HEAD + b'"active":tr',
    "trailing": HEAD + b'"active":true} {}',
    "trailing comma": HEAD + b'"active":true,}',
    "comment": HEAD + b'/* x */"active":true}',
    "single quotes": b"{'resourceType':'Patient'}",
    "bom": b"\xef\xbb\xbf" + HEAD + b'"active":true}',
    "utf-16": (HEAD + b'"active":true}').decode().encode("utf-16"),
    "latin-1": HEAD + b'"name":[{"family":"\xe9"}]}',
    "overlong": HEAD + b'"name":[{"family":"\xc0\x80"}]}',
    "raw surrogate": HEAD + b'"name":[{"family":"\xed\xa0\x80"}]}',
    "lone surrogate": HEAD + b'"name":[{"family":"\\ud800"}]}',
    "surrogates swapped": HEAD + b'"name":[{"family":"\\udc00\\ud800"}]}',
    "nul escape": HEAD + b'"name":[{"family":"a\\u0000b"}]}',
    "nul in a key": HEAD + b'"a\\u0000":1}',
    "raw nul": HEAD + b'"name":[{"family":"a\x00b"}]}',
    "raw control": HEAD + b'"name":[{"family":"a\x01b"}]}',
    "duplicate key": HEAD + b'"active":true,"active":false}',
    "duplicate type": HEAD + b'"resourceType":"Claim"}',
    "nan": HEAD + b'"multipleBirthInteger":NaN}',
    "infinity": HEAD + b'"multipleBirthInteger":-Infinity}',
    "huge integer": HEAD + b'"multipleBirthInteger":' + b"9" * 5000 + b"}",
    "int over 32 bits": HEAD + b'"multipleBirthInteger":2147483648}',
    "huge exponent": HEAD + b'"extension":[{"url":"urn:x","valueDecimal":1e999999999}]}',
    "long decimal": HEAD + b'"extension":[{"url":"urn:x","valueDecimal":0.' + b"1" * 5000 + b"}]}",
    "leading zero": HEAD + b'"multipleBirthInteger":01}',
    "hex": HEAD + b'"multipleBirthInteger":0x1}',
    "deep": HEAD + DEEP[1:],
    "very deep": HEAD + b'"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep contained": HEAD + b'"contained":[' + b'{"resourceType":"Patient","contained":[' * 80 + b"]}" * 80 + b"]}",
    "empty array": HEAD + b'"name":[]}',
    "empty object": HEAD + b'"name":[{}]}',
    "empty text": HEAD + b'"id":""}',
    "null element": HEAD + b'"active":null}',
    "null in array": HEAD + b'"name":[null]}',
    "string for boolean": HEAD + b'"active":"true"}',
    "script": HEAD + b'"text":{"status":"generated","div":"<div xmlns=\'http://www.w3.org/1999/xhtml\'><script/></div>"}}',
    "xml bomb": HEAD + b'"text":{"status":"generated","div":"<!DOCTYPE d [<!ENTITY a \\"b\\">]><div>&a;</div>"}}',
    "unknown contained": HEAD + b'"contained":[{"resourceType":"Nonsense"}]}',
    "typeless contained": HEAD + b'"contained":[{}]}',
    "other type": b'{"resourceType":"Nonsense"}',
    "typeless": b'{"active":true}',
    "type not text": b'{"resourceType":5}',
    "type a list": b'{"resourceType":["Patient"]}',
    "meta not an object": HEAD + b'"meta":[]}',
    "tags not a list": HEAD + b'"meta":{"tag":{"code":"x"}}}',
    "tag not an object": HEAD + b'"meta":{"tag":["x"]}}',
    "id not text": HEAD + b'"id":5}',
    "binary": bytes(range(256)),
}  # fmt: skip


@pytest.mark.requirement("S53", "S55")
@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_is_refused_and_nothing_stored(api: Api, name: str) -> None:
    body = BODIES[name]
    request = b'{"request":{"method":"POST","url":"Patient"},"resource":'
    inside = b'{"resourceType":"Bundle","type":"transaction","entry":[' + request
    for method, path, sent in (
        ("POST", "Patient", body),
        ("PUT", "Patient/p", body),
        ("POST", "/fhir", body),
        ("POST", "/fhir", inside + body + b"}]}"),
        ("POST", "/fhir", (inside + body + b"}]}").replace(b"transaction", b"batch")),
    ):
        reply = api.request(method, path, sent, Content_Type=FHIR_JSON)
        assert 200 <= reply.status_code < 500, reply.text
        if reply.status_code == 200:
            assert [one["response"]["status"][:1] for one in reply.json()["entry"]] == ["4"]
        else:
            assert reply.json()["resourceType"] == "OperationOutcome"
    assert api.changes() == 0


@pytest.mark.requirement("S54")
def test_a_compressed_body_is_refused_whether_it_says_so_or_not(api: Api) -> None:
    body = gzip.compress(HEAD + b'"active":true}')
    assert api.post("Patient", body, Content_Encoding="gzip").status_code == 415
    assert api.post("Patient", body).status_code == 400
    assert api.changes() == 0


PATHS = [
    b"/fhir//Patient", b"/fhir///", b"/fhir/Patient//x", b"/fhir/Patient/%00", b"/fhir/Patient/%2f",
    b"/fhir/Patient%2fx",
    b"/fhir/Patient/..%2f..%2fmetrics", b"/fhir/../metrics", b"/fhir/Patient/%ff", b"/fhir/Patient/%C0%80", b"/fhir/%",
    b"/fhir/Patient/%0d%0aX-Injected:%201", b"/fhir/Patient/\xff", b"/fhir/Patient/" + b"x" * 9000, b"/fhir/%00",
    b"/fhir/Patient/%00/_history", b"/fhir/Patient/x/_history/%00", b"/fhir/CodeSystem/%00", b"/fhir/%70atient/x",
    b"/fhir/" + b"/".join([b"x"] * 3000), b"/fhir/Patient/%ed%a0%80", b"/fhir/Patient/%E2%80%AE", b"/fhir/Patient/a;b",
    b"/%66hir/Patient", b"/fhir/Patient/%25%30%30", b"/fhir/.well-known/nothing", b"/fhir/Patient/%F0%9F%92%A9",
]  # fmt: skip


@pytest.mark.requirement("S55")
@pytest.mark.parametrize("path", PATHS)
def test_an_odd_path_gets_an_answer_below_500(api: Api, path: bytes) -> None:
    created = 0
    for method in ("GET", "HEAD", "PUT", "DELETE", "POST"):
        reply = api.raw(method, path, body=b'{"resourceType":"Patient"}')
        assert 200 <= reply.status < 500, (method, reply)
        assert "x-injected" not in reply.headers
        created += reply.status == 201
    assert api.changes() == created <= 1


QUERIES = [
    b"name=%ff", b"name=\xff", b"name=\xc3\xa9", b"%ff=x", b"\xff", b"name=%00", b"%00=x", b"&&&", b"=", b"==", b"name",
    b"name=%", b"name=%zz", b"name=%ed%a0%80", b"_id=%00", b"_count=" + b"9" * 4000, b"_sort=%00", b"_include=%00",
    b"_elements=%00", b"_cursor=%00", b"_cursor=" + b"A" * 4000, b"_cursor=%C3%A9", b"_has:%00:x:y=z",
    b"organization=%00",
    b"birthdate=%00", b"_lastUpdated=0000", b"_lastUpdated=ge9999-12-31T23:59:59.999999999Z", b"birthdate=99999",
    b"_lastUpdated=0001-01-01T00:00:00%2B14:00", b"birthdate=9999", b"birthdate=0001-01-01T00:00:00-14:00",
    b"name=" + b"a," * 9000 + b"a", b"&".join([b"name=x"] * 1001), b"name:contains=" + b"%25" * 2000,
    b"_id=" + b"x" * 60000,
    b"name:exact=%F4%8F%BF%BF", b"name=%F4%8F%BF%BF", b"name=x%F4%8F%BF%BF", b"name=%ED%9F%BF", b"_tag=|", b"_tag=||",
    b"_tag=%5C", b"_tag=%5C%5C", b"_tag=%5C,", b"_profile:below=%F4%8F%BF%BF", b"name:contains=%5C%25", b"_format=%00",
    b"_summary=%00", b"_total=%00", b"active:not=%00", b"_id:not=x", b"_lastUpdated:missing=true", b"_id:missing=false",
]  # fmt: skip


@pytest.mark.requirement("S55")
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:30].decode("latin-1"))
def test_an_odd_query_gets_an_answer_below_500(api: Api, query: bytes) -> None:
    for path in (
        b"/fhir/Patient",
        b"/fhir/Patient/_history",
        b"/fhir/_history",
        b"/fhir/CodeSystem",
        b"/fhir/metadata",
    ):
        reply = api.raw("GET", path, query)
        assert 200 <= reply.status < 500, (path, reply)
    form = {"content-type": "application/x-www-form-urlencoded"}
    reply = api.raw("POST", b"/fhir/Patient/_search", b"", query, **form)
    assert 200 <= reply.status < 500, reply


def test_a_query_that_is_not_utf_8_is_refused(api: Api) -> None:
    assert api.raw("GET", b"/fhir/Patient", b"name=%ff").status == 400
    assert api.raw("GET", b"/fhir/Patient", b"name=\xff").status == 400
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert api.raw("POST", b"/fhir/Patient/_search", b"", b"name=\xff", **form).status == 400
    api.made({"resourceType": "Patient", "name": [{"family": "é"}]})
    assert b'"total":1' in api.raw("GET", b"/fhir/Patient", b"name:exact=\xc3\xa9").body


@pytest.mark.parametrize("number", ["2147483648", "1_0", "99999999999999999999", "-0"])
def test_a_version_beyond_all_versions_is_no_fault(api: Api, number: str) -> None:
    assert api.get(f"{api.person()}/_history/{number}").status_code == 404


HEADERS = [
    {"If_None_Exist": "identifier=%00"}, {"If_None_Exist": "\xff=\xfe"}, {"If_Match": "\xff"}, {"Prefer": ";;,=,\xff"},
    {"Accept": ";;,"}, {"X_Correlation_ID": "a b"}, {"X_Correlation_ID": "x" * 200}, {"X_Request_ID": "{}"},
    {"Content_Length": "-5"}, {"Content_Length": "\xb2"}, {"Content_Type": ";charset=\xff"}, {"Accept": "x" * 8000},
    {"Content_Encoding": "\xff"}, {"If_Match": 'W/"' + "9" * 5000 + '"'},
    {"Prefer": "handling=lenient, return=" + "x" * 999},
]  # fmt: skip


@pytest.mark.requirement("S55")
@pytest.mark.parametrize("headers", HEADERS)
def test_odd_headers_get_an_answer_below_500(api: Api, headers: dict[str, str]) -> None:
    body = b'{"resourceType":"Patient","id":"p"}'
    for method, path in (("POST", b"/fhir/Patient"), ("PUT", b"/fhir/Patient/p"), ("GET", b"/fhir/Patient/p"),
                         ("DELETE", b"/fhir/Patient/p"), ("POST", b"/fhir")):  # fmt: skip
        reply = api.raw(method, path, b"", b"" if method == "GET" else body, **headers)
        assert 200 <= reply.status < 500, (method, path, reply)
        assert reply.headers.get("x-correlation-id") is None


def test_a_correlation_id_that_is_refused_is_not_echoed(api: Api) -> None:
    reply = api.raw("GET", b"/fhir/Patient", X_Correlation_ID="a\xe9b")
    assert reply.status == 400
    assert "x-correlation-id" not in reply.headers


def test_text_at_the_edge_of_unicode_is_kept_and_found(api: Api) -> None:
    family = "x\U0010ffff\U0010fffe\ud7ff\ue000é"
    made = api.made({"resourceType": "Patient", "name": [{"family": family}]})
    assert made["name"][0]["family"] == family
    assert api.found("Patient?family=x") == [made["id"]]
    assert api.found("Patient?family=x%F4%8F%BF%BF") == [made["id"]]


def test_a_resource_with_very_many_values_is_taken(api: Api) -> None:
    person = api.person()
    many = [{"system": "urn:x", "value": f"v{n}"} for n in range(2000)]
    made = api.made(plan(person, identifier=many))
    assert api.found("CarePlan?identifier=urn:x|v1999") == [made["id"]]
