"""The application: the FHIR service, the authorization endpoints, health, metrics and documentation.

Source: design section 7 (addresses).
"""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import swagger_ui_bundle
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from auth import endpoints
from auth.config import AuthConfig
from fhir_gateway import __version__
from fhir_gateway.gateway import Gateway
from fhir_gateway.housekeeping import keep_house
from fhir_gateway.http import health, metrics
from fhir_gateway.http.openapi import openapi
from fhir_gateway.http.service import FhirService
from fhir_gateway.interactions.context import clock
from fhir_gateway.settings import FHIR_PATH, Settings
from fhir_gateway.store.database import Database
from fhir_gateway.store.migrate import require_current
from mappings.registry import TYPES

COLLECT_AFTER: Final = (100_000, 20, 20)
SWAGGER: Final = swagger_ui_bundle.swagger_ui_path
DOCS: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>PHB gateway API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head><body><div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>"""
START: Final = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true});'
DOCS_POLICY: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


class _FhirMount:
    """Sends everything under the FHIR base straight to the service, everything else to the app."""

    def __init__(self, app: Any, service: FhirService, gateway: Gateway) -> None:
        self._app = app
        self._service = service
        self.gateway = gateway

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        ours = path == FHIR_PATH or (
            path.startswith(f"{FHIR_PATH}/") and not path.startswith(f"{FHIR_PATH}/.well-known/")
        )
        if scope["type"] == "http" and ours:
            await self._service(scope, receive, send)
            return
        await self._app(scope, receive, send)


def create_app(settings: Settings | None = None, database: Database | None = None) -> Any:
    """The ASGI application. Refuses to start when the database schema is not the expected revision."""
    settings = settings or Settings()
    logging.getLogger("fhir_gateway").setLevel(settings.log_level)
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # its warnings quote the rows that failed
    database = database or Database(settings.database_url)
    require_current(database)
    gateway = Gateway(settings, database)
    app = FastAPI(
        title="PHB gateway",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_lifespan(gateway),
    )
    app.router.routes.extend(_routes(gateway))
    app.state.gateway = gateway
    return _FhirMount(app, FhirService(gateway, FHIR_PATH), gateway)


def auth_config(gateway: Gateway) -> AuthConfig:
    """What the authorization server is told about this gateway."""
    settings = gateway.settings
    return AuthConfig(
        issuer=settings.base_url,
        fhir_base=settings.fhir_base,
        fhir_path=FHIR_PATH,
        token_endpoint=f"{settings.base_url}/oauth2/token",
        run=gateway.transaction,
        clock=clock,
        supported_types=(*TYPES, "MeasureReport"),  # of which nothing is stored: it is worked out
        token_lifetime_s=settings.token_lifetime,
        allow_loopback_jwks=settings.allow_loopback_jwks,
    )


def _routes(gateway: Gateway) -> list[Any]:
    spec = openapi(gateway.settings.base_url)
    return [
        *endpoints.routes(auth_config(gateway)),
        *health.routes(gateway),
        Route("/metrics", lambda _: PlainTextResponse(metrics.exposition(), media_type=metrics.CONTENT_TYPE)),
        Route("/openapi.json", lambda _: JSONResponse(spec)),
        Route("/docs", lambda _: HTMLResponse(DOCS, headers=DOCS_POLICY)),
        Route("/docs/start.js", lambda _: Response(START, media_type="text/javascript")),
        Mount("/docs/assets", StaticFiles(directory=SWAGGER)),
        Route("/", _front),
    ]


async def _front(_: Request) -> Response:
    return JSONResponse(
        {"name": "PHB gateway", "version": __version__, "fhir": FHIR_PATH, "docs": "/docs", "health": "/health/ready"}
    )


def spare_the_collector() -> None:
    """Keep what the program itself holds out of garbage collection, and collect less often.

    A statement makes tens of thousands of tuples; the usual thresholds walk everything there is again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def _lifespan(gateway: Gateway) -> Any:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        spare_the_collector()
        housekeeper = asyncio.create_task(keep_house(gateway))
        yield
        housekeeper.cancel()
        gateway.close()

    return lifespan
