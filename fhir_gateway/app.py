"""The application: the FHIR service, the authorization endpoints, health, metrics and documentation.

Source: design section 7 (addresses).
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import swagger_ui_bundle
from fastapi import FastAPI
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from auth import endpoints, sessions
from auth.config import AuthConfig
from auth.cors import Origins
from auth.errors import Unauthorized
from auth.issuers import exchange, login
from auth.issuers.federation import Federation
from auth.issuers.settings import load
from auth.keys import Sealer
from auth.principal import Principal
from auth.seams import Brand
from fhir_gateway import __version__, logs
from fhir_gateway.access import audit, matching, people
from fhir_gateway.access.asker import asker_of
from fhir_gateway.access.looked import Look, looked_at
from fhir_gateway.gateway import Gateway
from fhir_gateway.housekeeping import keep_house, keep_sealing
from fhir_gateway.http import health, metrics
from fhir_gateway.http.cors import Cors
from fhir_gateway.http.openapi import openapi
from fhir_gateway.http.service import FhirService
from fhir_gateway.interactions.context import clock
from fhir_gateway.settings import FHIR_PATH, Settings
from fhir_gateway.store.database import Database, Session
from fhir_gateway.store.migrate import require_current
from fhir_gateway.web import addresses, patient_app
from fhir_gateway.web import routes as web
from fhir_gateway.web.site import Looked, OurPages, Site
from mappings.registry import TYPES

COLLECT_AFTER: Final = (100_000, 20, 20)
SWAGGER: Final = Path(swagger_ui_bundle.swagger_ui_path)
DOCS_FILES: Final = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
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

    def __init__(self, app: Any, service: Cors, gateway: Gateway) -> None:
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
    logs.configure(settings.log_level)
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
    fhir = Cors(FhirService(gateway, FHIR_PATH), Origins(auth_config(gateway)), f"{FHIR_PATH}/metadata")
    return _FhirMount(app, fhir, gateway)


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
        supported_types=(*TYPES, "AuditEvent", "MeasureReport"),  # the last two are worked out, not stored
        sealer=cache(lambda: Sealer.open(settings.secret_file)),
        note=audit.note,
        session=lambda conn, request, now: sessions.current(conn, request.cookies.get(sessions.COOKIE), now),
        pages=OurPages(service=settings.brand_name, secure=settings.base_url.startswith("https:")),
        people=people.choices,
        role_scopes=people.role_scopes,
        still_holds=_still_holds,
        handlers=exchange.handlers(federation(settings)),
        brand=Brand(name=settings.brand_name, website=settings.brand_website, identifier=settings.brand_identifier),
        token_lifetime_s=settings.token_lifetime,
        person_token_lifetime_s=settings.person_token_lifetime,
        allow_loopback_jwks=settings.allow_loopback_jwks,
    )


def federation(settings: Settings) -> Federation:
    """The other issuers whose logins are believed. Raises IssuersRefused for a file that is wrong."""
    listed = settings.issuers_file
    return Federation(
        issuers=load(listed, allow_loopback=settings.allow_loopback_jwks) if listed else (),
        match_person=matching.match_person,
        match_worker=matching.match_worker,
        own_page=addresses.own,
    )


def _still_holds(conn: Connection, principal: Principal, now: int) -> bool:
    """Whether the FHIR service would still answer a grant."""
    try:
        asker_of(Session(conn), principal, now)
    except Unauthorized:
        return False
    return True


def _looked(gateway: Gateway) -> Looked:
    """Who looked at a person's records, off the event loop."""

    def read(person: str, before: int | None, limit: int) -> list[Look]:
        return gateway.guarded(
            lambda: gateway.database.read(lambda session: looked_at(session, person, before, limit, clock()))
        )

    async def looked(person: str, before: int | None, limit: int) -> list[Look]:
        return await gateway.in_thread(read, person, before, limit)

    return looked


def _routes(gateway: Gateway) -> list[Any]:
    spec = openapi(gateway.settings.base_url)
    config, others = auth_config(gateway), federation(gateway.settings)
    return [
        *endpoints.routes(config),
        *login.routes(config, others),
        *web.routes(Site(config=config, looked=_looked(gateway), issuers=lambda: others.offered)),
        *patient_app.routes(gateway.settings),
        *health.routes(gateway),
        Route("/metrics", lambda _: PlainTextResponse(metrics.exposition(), media_type=metrics.CONTENT_TYPE)),
        Route("/openapi.json", lambda _: JSONResponse(spec)),
        Route("/docs", lambda _: HTMLResponse(DOCS, headers=DOCS_POLICY)),
        Route("/docs/start.js", lambda _: Response(START, media_type="text/javascript")),
        *(Route(f"/docs/assets/{name}", _asset(name, kind)) for name, kind in DOCS_FILES.items()),
        Route("/", _front),
    ]


def _asset(name: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    """A file of the documentation, whole: of a fixed table, so that no path is made from what was asked."""

    async def answer(_: Request) -> Response:
        content = await asyncio.to_thread((SWAGGER / name).read_bytes)
        return Response(content, media_type=kind, headers={"X-Content-Type-Options": "nosniff"})

    return answer


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
        housekeepers = [asyncio.create_task(work(gateway)) for work in (keep_house, keep_sealing)]
        yield
        for one in housekeepers:
            one.cancel()
        gateway.close()

    return lifespan
