"""Runs the application under Uvicorn: loopback by default, draining within 30 seconds when told to stop."""

from typing import Any, Final

import uvicorn

from fhir_gateway import logs
from fhir_gateway.app import create_app
from fhir_gateway.settings import Settings

DRAIN_S: Final = 30


def options(settings: Settings, host: str, port: int) -> dict[str, Any]:
    """How Uvicorn is run. host, port: where to listen."""
    return {
        "host": host,
        "port": port,
        "log_level": settings.log_level.lower(),
        "access_log": False,  # it would write the query
        "log_config": None,  # its lines go where ours go, and are looked through as ours are
        "forwarded_allow_ips": settings.proxies,  # from the environment Uvicorn would take its own list
        "server_header": False,
        "date_header": True,
        "timeout_graceful_shutdown": DRAIN_S,
        "h11_max_incomplete_event_size": 16 * 1024,
    }


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until told to stop. host, port: where to listen."""
    chosen = options(settings, host, port)
    logs.configure(settings.log_level)
    if workers > 1:
        uvicorn.run("fhir_gateway.app:create_app", factory=True, workers=workers, **chosen)
        return
    uvicorn.run(create_app(settings), **chosen)
