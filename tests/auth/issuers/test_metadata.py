"""Endpoints told by an issuer's metadata: the issuer's own, at listed hosts, and asked for rarely."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from auth.issuers.settings import Issuer
from auth.store import EXTERNAL_LOGIN
from tests.auth.builders import MINUTE
from tests.auth.issuers.conftest import NHS_LOGIN, Party, loaded, party_of
from tests.auth.issuers.fake_issuer import FakeIssuer, reply

DOCUMENT = "/.well-known/openid-configuration"


def told_by_metadata(folder: Path, fake: FakeIssuer) -> Issuer:
    kept = [line for line in NHS_LOGIN.splitlines() if not line.startswith(("authorization_", "token_", "userinfo_"))]
    return loaded(folder, "\n".join([*kept, "metadata = true"]), fake.url)


@pytest.fixture
def found(engine: Engine, fake: FakeIssuer, folder: Path) -> Party:
    """Our side, which asks the issuer where to go."""
    return party_of(engine, fake, told_by_metadata(folder, fake))


def test_the_endpoints_are_those_the_issuer_tells_and_asked_for_once_an_hour(found: Party) -> None:
    assert found.log_in().status_code == 303
    assert found.log_in().status_code == 303
    assert found.fake.asked.count(DOCUMENT) == 1
    found.server.clock.advance(60 * MINUTE)
    found.begin()
    assert found.fake.asked.count(DOCUMENT) == 2


@pytest.mark.requirement("rfc9207#2.4-1")
def test_an_answer_without_iss_is_refused_where_the_issuer_announced_it(found: Party) -> None:
    """FAPI2SPFinalClientTestRemoveAuthorizationResponseIss, RFC 9207."""
    found.fake.lies.response = {"iss": None}
    assert found.log_in().status_code == 400
    assert found.account() is None


def test_an_answer_without_iss_passes_where_the_issuer_never_announced_it(party: Party) -> None:
    party.fake.lies.response = {"iss": None}
    assert party.log_in().status_code == 303


@pytest.mark.requirement("oidc-discovery#4.3-2", "S28")
@pytest.mark.parametrize(
    "lie",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": "https://evil.example/token"},
        {"jwks_uri": "https://evil.example/jwks"},
        {"userinfo_endpoint": "https://evil.example/userinfo"},
        {"authorization_endpoint": "https://evil.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
        {"token_endpoint": 17},
    ],
    ids=str,
)
def test_metadata_that_leads_elsewhere_is_not_used(found: Party, lie: dict[str, Any]) -> None:
    """FAPI2SPFinalClientTestInvalidIssuerInMetadata and its kin."""
    found.fake.lies.metadata = lie
    assert found.begin().status_code == 503
    assert found.server.write(lambda conn: conn.execute(EXTERNAL_LOGIN.select()).first()) is None


def test_after_a_failure_the_metadata_is_asked_for_again_a_minute_later(found: Party) -> None:
    found.fake.lies.answer[DOCUMENT] = lambda request: reply(request, 200, "[]")
    assert [found.begin().status_code for _ in range(3)] == [503, 503, 503]
    assert found.fake.asked.count(DOCUMENT) == 1
    found.fake.lies.answer.clear()
    found.server.clock.advance(MINUTE)
    assert found.begin().status_code == 303
