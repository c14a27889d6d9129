"""What this server says of itself: only what is true, and the same in every document.

Source: SMART App Launch 2.2, conformance (`.well-known/smart-configuration`); RFC 8414; OpenID Connect Discovery 1.0.
"""

from typing import Any, Final
from urllib.parse import urlsplit

from auth import brands, granting, id_tokens
from auth.app_scopes import WORDS
from auth.authorize import PROMPTS
from auth.config import AuthConfig
from auth.jose import ASSERTION_ALGS

CAPABILITIES: Final = (
    "launch-ehr",
    "launch-standalone",
    "authorize-post",
    "client-public",
    "client-confidential-symmetric",
    "client-confidential-asymmetric",
    "sso-openid-connect",
    "context-banner",
    "context-style",
    "context-ehr-patient",
    "context-standalone-patient",
    "permission-offline",
    "permission-online",
    "permission-patient",
    "permission-user",
    "permission-v1",
    "permission-v2",
)
PROVED: Final = ("client_secret_basic", "private_key_jwt")
SUFFIXES: Final = (".cruds", ".rs", ".read", ".write", ".*")
STYLE: Final = {
    "color_background": "#f0f4f5",
    "color_error": "#d5281b",
    "color_highlight": "#005eb8",
    "color_modal_backdrop": "#212b32",
    "color_success": "#007f3b",
    "color_text": "#212b32",
    "dim_border_radius": "4px",
    "dim_font_size": "16px",
    "dim_spacing_size": "16px",
    "font_family_body": "Arial, sans-serif",
    "font_family_heading": "Arial, sans-serif",
}


def smart_configuration(config: AuthConfig) -> dict[str, Any]:
    """The SMART document."""
    return {
        **_common(config),
        "capabilities": list(CAPABILITIES),
        "user_access_brand_bundle": config.issuer + brands.PATH,
        "user_access_brand_identifier": brands.identifier(config),
    }


def openid_configuration(config: AuthConfig) -> dict[str, Any]:
    """The OpenID Connect document."""
    return {
        **_common(config),
        "userinfo_endpoint": config.endpoint("userinfo"),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [id_tokens.ALG],
        "claim_types_supported": ["normal"],
        "claims_supported": [
            *("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "fhirUser")
        ],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "prompt_values_supported": sorted(PROMPTS),
    }


def authorization_server(config: AuthConfig) -> dict[str, Any]:
    """The RFC 8414 document."""
    return _common(config)


def authorization_server_path(config: AuthConfig) -> str:
    """Where RFC 8414 section 3.1 puts the document: the well-known part before the issuer's own path."""
    return "/.well-known/oauth-authorization-server" + urlsplit(config.issuer).path.rstrip("/")


def _common(config: AuthConfig) -> dict[str, Any]:
    return {
        "issuer": config.issuer,
        "authorization_endpoint": config.endpoint("authorize"),
        "jwks_uri": config.endpoint("jwks"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(granting.handlers(config)),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "scopes_supported": _scopes(config),
        **_called_by_clients(config),
    }


def _called_by_clients(config: AuthConfig) -> dict[str, Any]:
    """The endpoints clients call, and how they prove themselves there."""
    addresses = {
        "token_endpoint": (config.token_endpoint, ("none", *PROVED)),
        "introspection_endpoint": (config.endpoint("introspect"), PROVED),
        "revocation_endpoint": (config.endpoint("revoke"), ("none", *PROVED)),
    }
    said: dict[str, Any] = {}
    for name, (address, methods) in addresses.items():
        said[name] = address
        said[f"{name}_auth_methods_supported"] = list(methods)
        said[f"{name}_auth_signing_alg_values_supported"] = list(ASSERTION_ALGS)
    return said


def _scopes(config: AuthConfig) -> list[str]:
    contexts = ("patient", "user", "system")
    wild = [f"{context}/*{suffix}" for context in contexts for suffix in SUFFIXES]
    typed = [f"{context}/{name}.cruds" for context in contexts for name in sorted(config.supported_types)]
    return [*WORDS, *wild, *typed]
