"""Liveness and readiness, and the two NHS England addresses beside them.

Source: NHS England API habits (`/_ping`, `/_status`); security requirement S60.
"""

import shutil
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fhir_gateway import __version__
from fhir_gateway.errors import ServiceUnavailable
from fhir_gateway.gateway import Gateway
from fhir_gateway.store.migrate import is_current

LEAST_FREE: Final = 0.05


def routes(gateway: Gateway) -> list[Route]:
    """`/health/live`, `/health/ready`, `/_ping`, `/_status`."""

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "pass", "version": __version__})

    async def ready(_: Request) -> Response:
        checks = await gateway.in_thread(_checks, gateway)
        good = all(checks.values())
        shown = {name: "pass" if passed else "fail" for name, passed in checks.items()}
        return JSONResponse(
            {"status": "pass" if good else "fail", "version": __version__, "checks": shown},
            status_code=200 if good else 503,
            headers={} if good else {"Retry-After": "5"},
        )

    return [Route("/health/live", live), Route("/_ping", live), Route("/health/ready", ready), Route("/_status", ready)]


def _checks(gateway: Gateway) -> dict[str, bool]:
    return {"database": _schema_good(gateway), "disk": _disk_good(gateway)}


def _schema_good(gateway: Gateway) -> bool:
    try:
        return bool(gateway.guarded(lambda: is_current(gateway.database)))
    except ServiceUnavailable:
        return False


def _disk_good(gateway: Gateway) -> bool:
    database: Any = gateway.database.url.database if gateway.inline else None
    folder = Path(database).absolute().parent if database else Path.cwd()
    usage = shutil.disk_usage(folder)
    return usage.free / usage.total >= LEAST_FREE
