"""The committed OpenAPI description against the application: what it promises is what is answered.

Source: openapi/openapi.json, written by `make openapi`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from typer.testing import CliRunner

from fhir_gateway.cli import APP
from fhir_gateway.store.migrate import upgrade
from mappings.registry import TYPES
from tests import databases
from tests.fhir_gateway.api import BASE, Api, Loop, opened

COMMITTED: Final = Path(__file__).parents[1] / "openapi" / "openapi.json"
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA: Final = schemathesis.openapi.from_dict(
    json.loads(COMMITTED.read_text("utf-8")), config=SchemathesisConfig.from_dict({"generation": {"mode": "all"}})
)
# Types that between them have all there is: with and without a person, money, every kind of parameter.
WORKED: Final = (
    "Patient",
    "Organization",
    "CarePlan",
    "Claim",
    "PaymentReconciliation",
    "CodeSystem",
    "metadata",
    "_history",
)


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    loop = Loop()
    with databases.fresh("sqlite", upgrade) as url, opened(url, loop) as api:
        yield api
    loop.close()


def test_the_committed_description_is_the_one_the_program_writes() -> None:
    written = CliRunner().invoke(APP, ["openapi"], env={"PHB_BASE_URL": None}).output
    assert written == COMMITTED.read_text("utf-8"), "run make openapi and review the diff"


def test_every_type_is_described_by_the_same_operations() -> None:
    paths = json.loads(COMMITTED.read_text("utf-8"))["paths"]

    def shape(name: str) -> dict[str, dict[str, list[str]]]:
        of_type = {path: one for path, one in paths.items() if path.split("/")[2:3] == [name] and "$" not in path}
        return {
            path.replace(name, "Type"): {method: sorted(operation["responses"]) for method, operation in one.items()}
            for path, one in of_type.items()
        }

    assert all(shape(name) == shape("Patient") for name in TYPES)
    assert {path.split("/")[2] for path in paths if path.count("/") > 1} >= {*TYPES, *WORKED}


@SCHEMA.include(path_regex=rf"^/fhir(/({'|'.join(WORKED)})(/.*)?)?$").parametrize()
@settings(
    max_examples=3,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_the_description_promises(case: Case[Any], api: Api) -> None:
    case.validate_response(_sent(api, case), checks=CHECKS)


def _sent(api: Api, case: Case[Any]) -> httpx.Response:
    """The answer to a case, asked with a good token and the header bytes just as they were made up."""
    request: dict[str, Any] = case.as_transport_kwargs(base_url=BASE)
    request.pop("cookies", None)
    if isinstance(request.get("data"), bytes | str):
        request["content"] = request.pop("data")
    headers = {"Authorization": f"Bearer {api.token}", **request.pop("headers")}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]

    async def send() -> httpx.Response:
        return await api.http.request(**request, headers=raw)

    return api.loop.run(send())
