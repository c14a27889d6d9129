"""Registration of apps: each kind has its own scopes, proof and addresses."""

import json
from typing import Any

import pytest

from auth import app_scopes, registration
from auth.errors import OAuthError, RegistrationRefused
from auth.registration import Registration
from tests.auth.apps import app, with_keys, with_secret
from tests.auth.builders import key, public
from tests.auth.builders import registration as system


def check(wanted: Registration, roles: tuple[str, ...] | None = None) -> None:
    registration.check(wanted, roles, allow_loopback=False)


@pytest.mark.parametrize(
    "wanted",
    [
        app(),
        app(scope="openid fhirUser launch/patient offline_access patient/*.rs"),
        app(redirect_uris=json.dumps(["http://127.0.0.1:8000/app/", "http://localhost/cb", "http://[::1]/cb"])),
        app(origins="[]", launch_uri=None),
        with_secret(),
        with_keys(),
        with_keys(jwks=None, jwks_url="https://app.example/jwks.json"),
        system(role="council", organisation="council-1", purpose="TREAT", may_introspect=True),
    ],
)
def test_each_kind_of_client_is_taken(wanted: Registration) -> None:
    check(wanted, ("council", "icb"))


@pytest.mark.requirement("rfc6749#3.1.2.2-1")
@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "secret"},
        {"kind": "confidential"},
        {"kind": "confidential", "secret_digest": "short"},
        {"kind": "confidential", "secret_digest": "0" * 64, "jwks": public(key())},
        {"kind": "confidential", "jwks": public(key()), "jwks_url": "https://app.example/jwks"},
        {"kind": "confidential", "jwks_url": "http://app.example/jwks"},
        {"secret_digest": "0" * 64},
        {"jwks": public(key())},
        {"scope": "system/*.rs"},
        {"scope": "openid system/*.rs"},
        {"scope": "openid email"},
        {"scope": "launch/encounter"},
        {"scope": ""},
        {"redirect_uris": "[]"},
        {"redirect_uris": '["http://app.example/cb"]'},
        {"redirect_uris": "{}"},
        {"redirect_uris": "[7]"},
        {"redirect_uris": json.dumps([f"https://app.example/{n}" for n in range(21)])},
        {"origins": '["https://app.example/"]'},
        {"origins": '["*"]'},
        {"launch_uri": "http://app.example/launch"},
        {"launch_uri": "https://app.example/launch#x"},
        {"role": "person"},
        {"organisation": "icb"},
        {"purpose": " "},
        {"purpose": "a\nb"},
    ],
    ids="-".join,
)
def test_a_faulty_app_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(RegistrationRefused):
        check(app(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "king"},
        {"secret_digest": "0" * 64},
        {"redirect_uris": '["https://app.example/cb"]'},
        {"launch_uri": "https://app.example/launch"},
        {"origins": '["https://app.example"]'},
        {"organisation": ""},
    ],
    ids=str,
)
def test_a_faulty_system_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(RegistrationRefused):
        check(system(**changes), ("council", "icb"))


def test_a_refusal_names_the_thing_and_never_the_secret() -> None:
    with pytest.raises(RegistrationRefused) as refused:
        check(app(kind="confidential", secret_digest="canary"))
    assert "canary" not in str(refused.value)
    assert "canary" not in repr(with_secret(secret_digest="canary"))


# --- the scopes of apps


@pytest.mark.parametrize(
    ("requested", "registered", "found"),
    [
        ("openid patient/Claim.rs", "openid patient/*.rs", "openid patient/Claim.rs"),
        ("patient/Claim.rs openid", "openid patient/*.rs", "openid patient/Claim.rs"),
        ("openid openid patient/Claim.rs patient/Claim.rs", "openid patient/*.rs", "openid patient/Claim.rs"),
        ("openid patient/Claim.cruds", "patient/*.rs", "patient/Claim.rs"),
        ("user/Claim.rs", "patient/*.rs", ""),
        ("patient/Goal.rs", "patient/*.rs", ""),
        ("system/Claim.rs", "patient/*.rs", ""),
        ("patient/Claim.rs", "openid", ""),
        ("openid", "patient/*.rs", ""),
        ("offline_access", "openid offline_access", "offline_access"),
    ],
)
def test_what_is_asked_and_registered_is_offered(requested: str, registered: str, found: str) -> None:
    assert str(app_scopes.offered(requested, registered, ("Claim", "Patient"))) == found


def test_a_long_grant_can_be_asked_again_whole() -> None:
    """A request is at most 2 kB; what came of it may be longer, and is refreshed by its own text."""
    granted = " ".join(f"patient/Claim.rs?status={'x' * 30}{n}" for n in range(90))
    assert len(granted) > 2048
    assert app_scopes.narrowed_to(granted, granted) == granted
    with pytest.raises(OAuthError):
        app_scopes.narrowed_to(granted + " patient/Goal.rs", granted)
    with pytest.raises(OAuthError):
        app_scopes.narrowed_to("x" * 9000, granted)


def test_without_a_person_nothing_of_one_person_is_left() -> None:
    scopes = app_scopes.parse("openid launch launch/patient offline_access patient/*.rs user/*.rs")
    assert str(app_scopes.without_patient(scopes)) == "openid offline_access user/*.rs"
    assert (scopes.offline, scopes.refreshes) == (True, True)
    assert not app_scopes.parse("openid").refreshes
