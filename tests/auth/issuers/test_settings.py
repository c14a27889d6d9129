"""The allow-list: what a file must say of an issuer, and where it says otherwise."""

from pathlib import Path

import pytest

from auth.issuers.federation import Federation
from auth.issuers.profiles import VERIFIED
from auth.issuers.section import IssuersRefused
from auth.issuers.settings import Issuer, load
from tests.auth.builders import key

GOOD = """# who logs people in
[[issuer]]
id = "nhs-login"
label = "NHS login"
profile = "nhs-login"
iss = "https://auth.login.example"
client_id = "phb-gateway"
key_file = "party.pem"
authorization_endpoint = "https://auth.login.example/authorize"
token_endpoint = "https://auth.login.example/token"
jwks_uri = "https://auth.login.example/.well-known/jwks.json"
"""
STAFF = """
[[issuer]]
id = "staff"
label = "Example Council"
profile = "oidc"
iss = "https://login.council.example/realms/staff"
client_id = "phb"
key_file = "party.pem"
metadata = true
use = "staff"
max_age = 600
sso = true
[issuer.require]
acr = ["2", "3"]
[issuer.claims]
worker = "role_id"
organisation = "ods"
"""


def read(folder: Path, text: str) -> tuple[Issuer, ...]:
    (folder / "allowed.toml").write_text(text)
    return load(folder / "allowed.toml")


def test_a_profile_fills_in_what_the_file_leaves_out(folder: Path) -> None:
    (issuer,) = read(folder, GOOD)
    assert (issuer.scope, issuer.vtr, issuer.id_token_algs) == ("openid profile", VERIFIED, ("RS512",))
    assert issuer.require == {
        "vot": VERIFIED,
        "identity_proofing_level": ("P9",),
        "vtm": ("https://auth.login.example/trustmark/auth.login.example",),
    }
    assert issuer.key is not None
    assert (issuer.key.alg, issuer.key.kid) == ("RS512", key("rsa", 8).thumbprint())
    assert (issuer.origin, issuer.max_age, issuer.sso) == ("https://auth.login.example", 3600, False)


def test_the_file_has_the_last_word(folder: Path) -> None:
    people, staff = read(folder, GOOD + '[issuer.require]\nvot = "P9.Cm"\n' + STAFF)
    assert people.require["vot"] == ("P9.Cm",)
    assert (staff.endpoints, staff.hosts, staff.origin) == (
        *(None, ("login.council.example",)),
        "https://login.council.example",
    )
    assert (staff.claims.worker, staff.require, staff.sso) == ("role_id", {"acr": ("2", "3")}, True)


def test_an_issuer_may_be_for_exchange_alone(folder: Path) -> None:
    text = GOOD.replace('key_file = "party.pem"\n', "").replace('client_id = "phb-gateway"\n', "")
    text = "\n".join(line for line in text.splitlines() if not line.startswith(("authorization_", "token_")))
    (issuer,) = read(folder, text + '\nlogin = false\nuse = ["people", "exchange"]\n[issuer.exchange]\nportal = "us"')
    assert (issuer.key, dict(issuer.exchange)) == (None, {"portal": "us"})
    federation = Federation(issuers=(issuer,))
    assert (federation.offered, federation.issuer("nhs-login")) == ((), None)


def test_nothing_of_the_key_is_shown(folder: Path) -> None:
    (issuer,) = read(folder, GOOD)
    private = key("rsa", 8).as_dict(private=True)["d"]
    assert isinstance(private, str)
    assert private not in repr(issuer)
    assert "RSAKey" not in repr(issuer)


REFUSED = {
    "not TOML": (GOOD + "= 3", 12, "Invalid"),
    "something else in the file": ("level = 3\n" + GOOD, None, "only tables [[issuer]]"),
    "a misspelt member": (GOOD + 'vts = "P9"', 12, "vts: not known"),
    "a misspelt claim": (GOOD + '[issuer.claims]\nnhs = "x"', 13, "nhs: not known"),
    "an unknown profile": (GOOD.replace('"nhs-login"\niss', '"nhs"\niss'), 5, "profile: one of nhs-login, cis2, oidc"),
    "no label": (GOOD.replace('label = "NHS login"\n', ""), 2, "label: printable text"),
    "an id that is no path": (GOOD.replace('id = "nhs-login"', 'id = "NHS login"'), 3, "id: 1 to 40"),
    "http": (GOOD.replace('token_endpoint = "https', 'token_endpoint = "http'), 10, "token_endpoint: an https URL"),
    "another port": (GOOD.replace("/token", ":444/token"), 10, "token_endpoint: an https URL"),
    "no key set": ("\n".join(GOOD.splitlines()[:-1]), 2, "jwks_uri: printable text"),
    "no key file": (GOOD.replace("party.pem", "missing.pem"), 8, "key_file: a private RSA key"),
    "a key of another kind": (GOOD + 'key_alg = "ES384"', 8, "key_file: a private EC key"),
    "a public key": (GOOD.replace("party.pem", "public.pem"), 8, "key_file: a private key"),
    "an algorithm for secrets": (GOOD + 'id_token_algs = ["HS256"]', 12, "id_token_algs: some of RS256"),
    "no algorithm": (GOOD + "id_token_algs = []", 12, "id_token_algs: some of RS256"),
    "none for our own proof": (GOOD + 'key_alg = "none"', 12, "key_alg: one of"),
    "scope without openid": (GOOD + 'scope = "profile"', 12, "scope: openid is needed"),
    "max_age below zero": (GOOD + "max_age = -1", 12, "max_age: a whole number"),
    "max_age true": (GOOD + "max_age = true", 12, "max_age: a whole number"),
    "at_hash as text": (GOOD + 'at_hash = "yes"', 12, "at_hash: true or false"),
    "require is no table": (GOOD + 'require = "vot"', 12, "require: a table"),
    "nothing required": (GOOD + "[issuer.require]\nvot = []", 13, "vot: at least one value"),
    "a number required": (GOOD + "[issuer.require]\nvot = [9]", 13, "vot: a list of texts"),
    "an unknown use": (GOOD + 'use = "everything"', 12, "use: some of people, staff, exchange"),
    "people and staff": (GOOD + 'use = ["people", "staff"]', 12, "use: people or staff"),
    "exchange about nobody": (GOOD + 'use = "exchange"', 12, "use: say whom"),
    "exchange for no client": (GOOD + 'use = ["people", "exchange"]', 2, "exchange: the use exchange needs"),
    "clients without the use": (GOOD + '[issuer.exchange]\nportal = "us"', 12, "exchange: the use exchange needs"),
    "no login and no exchange": (GOOD + "login = false", 12, "login: without login"),
    "staff without claims": (STAFF.replace('worker = "role_id"\n', ""), 10, "use: staff need the claims"),
    "staff of any level": (STAFF.replace('acr = ["2", "3"]\n', ""), 10, "use: staff need the claims"),
    "an endpoint by another name": (STAFF.replace("max_age = 600", "jwks = 1"), 11, "jwks: not known"),
    "a pinned endpoint": (STAFF.replace("sso = true", "token_endpoint = 'x'"), 12, "token_endpoint: either"),
    "exchange with metadata": (
        STAFF.replace('"staff"\nmax', '["staff", "exchange"]\nmax') + '[issuer.exchange]\nportal = "us"',
        *(9, "metadata: the use exchange needs pinned endpoints"),
    ),
    "no host": (STAFF.replace("max_age = 600", "hosts = []"), 11, "hosts: at least one"),
    "an id twice": (GOOD + GOOD, 3, "id: used twice"),
    "an issuer twice": (GOOD + GOOD.replace('id = "nhs-login"', 'id = "again"'), 6, "iss: used twice"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_file_is_refused_with_its_line(folder: Path, name: str) -> None:
    (folder / "public.pem").write_bytes(key("rsa", 8).as_pem(private=False))
    text, line, fault = REFUSED[name]
    with pytest.raises(IssuersRefused) as refused:
        read(folder, text)
    assert fault in str(refused.value)
    assert line is None or f"line {line}" in str(refused.value)
    assert str(refused.value).startswith("allowed.toml")


def test_a_file_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(IssuersRefused, match=r"none\.toml: the file cannot be read"):
        load(folder / "none.toml")
