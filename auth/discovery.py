"""What this server says of itself: only what is true today.

Source: SMART App Launch 2.2, conformance (`.well-known/smart-configuration`); RFC 8414.
"""

from typing import Any
from urllib.parse import urlsplit

from auth.config import AuthConfig
from auth.jose import ASSERTION_ALGS

CAPABILITIES = ("client-confidential-asymmetric", "permission-v1", "permission-v2")


def endpoint(config: AuthConfig, name: str) -> str:
    """The absolute URL of an endpoint that stands beside the token endpoint."""
    return config.token_endpoint.rpartition("/")[0] + "/" + name


def smart_configuration(config: AuthConfig) -> dict[str, Any]:
    """The SMART document.

    No `issuer`: it belongs to `sso-openid-connect` alone. `code_challenge_methods_supported` is required of
    every server; S256 is the only method ever taken, and there is no authorization endpoint to use it at.
    """
    return {
        **_common(config),
        "capabilities": list(CAPABILITIES),
        "code_challenge_methods_supported": ["S256"],
    }


def authorization_server(config: AuthConfig) -> dict[str, Any]:
    """The RFC 8414 document. No `response_types_supported`: an empty list is left out (section 3.2)."""
    return {"issuer": config.issuer, **_common(config)}


def authorization_server_path(config: AuthConfig) -> str:
    """Where RFC 8414 section 3.1 puts the document: the well-known part before the issuer's own path."""
    return "/.well-known/oauth-authorization-server" + urlsplit(config.issuer).path.rstrip("/")


def _common(config: AuthConfig) -> dict[str, Any]:
    methods, algs = ["private_key_jwt"], list(ASSERTION_ALGS)
    return {
        "token_endpoint": config.token_endpoint,
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algs,
        "introspection_endpoint": endpoint(config, "introspect"),
        "introspection_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_signing_alg_values_supported": algs,
        "revocation_endpoint": endpoint(config, "revoke"),
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algs,
        "jwks_uri": endpoint(config, "jwks"),
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": _scopes(config),
    }


def _scopes(config: AuthConfig) -> list[str]:
    wild = ["system/*.cruds", "system/*.rs", "system/*.read", "system/*.write", "system/*.*"]
    return wild + [f"system/{name}.cruds" for name in sorted(config.supported_types)]
