"""The addresses of this package, as Starlette routes.

Source: RFC 6749; RFC 7662; RFC 7009; RFC 8414; SMART App Launch 2.2; OpenID Connect Discovery 1.0.
"""

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth import brands, discovery
from auth.answers import answering, document
from auth.authorize import authorize
from auth.config import AuthConfig
from auth.cors import Origins
from auth.granting import STYLE_PATH
from auth.service import Service

__all__ = ["AuthConfig", "routes"]

METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
READ: Final = ["GET", "OPTIONS"]
POST: Final = ("POST",)


def routes(config: AuthConfig) -> list[Route]:
    """Every route of this package, at the paths its own documents name."""
    return [*_endpoints(config), *_documents(config)]


def _endpoints(config: AuthConfig) -> list[Route]:
    service, origins = Service(config), Origins(config)

    async def authorization(request: Request) -> Response:
        return await authorize(config, request)

    path = urlsplit(config.token_endpoint).path.rpartition("/")[0]
    return [
        Route(f"{path}/authorize", answering(authorization, ("GET", "POST")), methods=METHODS),
        Route(f"{path}/token", answering(service.token, POST, origins), methods=METHODS),
        Route(f"{path}/introspect", answering(service.introspect, POST), methods=METHODS),
        Route(f"{path}/revoke", answering(service.revoke, POST, origins), methods=METHODS),
        Route(f"{path}/userinfo", answering(service.userinfo, ("GET", "POST"), origins), methods=METHODS),
        Route(f"{path}/jwks", service.jwks, methods=["GET"]),
    ]


def _documents(config: AuthConfig) -> list[Route]:
    under = urlsplit(config.issuer).path.rstrip("/")
    server, openid = discovery.authorization_server(config), discovery.openid_configuration(config)
    return [
        Route(
            f"{config.fhir_path}/.well-known/smart-configuration",
            document(discovery.smart_configuration(config)),
            methods=READ,
        ),
        Route(f"{under}/.well-known/openid-configuration", document(openid), methods=READ),
        Route(discovery.authorization_server_path(config), document(server), methods=READ),
        Route(f"{under}{brands.PATH}", document(brands.bundle(config)), methods=READ),
        Route(f"{under}{STYLE_PATH}", document(discovery.STYLE), methods=READ),
    ]
