"""The demonstration clients and their keys, kept in one private file and the same at every start.

Source: design section 7 (the file and its keys); SMART App Launch 2.2, backend services (ES384, RS384).
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import Connection, update

from auth import clients
from auth.store import CLIENT
from fhir_gateway.demo import patient_app, users
from fhir_gateway.demo.case import AUDITORS, COUNCIL, ICB, PHYSIO
from fhir_gateway.settings import Settings

FOLDER: Final = Path(".demo")
FILE: Final = "credentials.json"
RSA_BITS: Final = 2048
_SECRET: Final = frozenset({"d", "p", "q", "dp", "dq", "qi"})


class Unusable(ValueError):
    """The credentials file is not there or not readable as one; the message says what to do."""


@dataclass(frozen=True, slots=True)
class DemoClient:
    """A system client of the demonstration. alg: what it signs with. role, organisation: what it is in the policy."""

    name: str
    title: str
    alg: str
    scope: str
    role: str = "custodian"
    organisation: str | None = None


def _each(actions: str, *types: str) -> str:
    return " ".join(f"system/{name}.{actions}" for name in types)


WRITTEN_BY_CHC: Final = (
    *("Patient", "RelatedPerson", "EpisodeOfCare", "CareTeam", "Condition", "CarePlan", "Goal", "RiskAssessment"),
    *("Composition", "Consent", "Contract", "Coverage", "Claim", "ClaimResponse", "Task", "Communication"),
    *("Account", "Encounter", "Observation", "Provenance"),
)
READ_BY_FINANCE: Final = (
    *("Patient", "Organization", "Practitioner", "PractitionerRole", "EpisodeOfCare", "CarePlan"),
    *("Account", "Contract", "Task"),
)
CLIENTS: Final = (
    DemoClient("council-sync", "Exampleshire Council", "ES384", "system/*.cruds", role="council", organisation=COUNCIL),
    DemoClient(
        "icb-finance",
        "Exampleshire ICB, finance",
        "RS384",
        f"{_each('crus', 'Coverage', 'Claim', 'ClaimResponse', 'PaymentReconciliation')} "
        f"{_each('rs', *READ_BY_FINANCE)}",
        role="icb",
        organisation=ICB,
    ),
    DemoClient(
        "chc-tool",
        "Continuing healthcare tool",
        "ES384",
        f"{_each('crus', *WRITTEN_BY_CHC)} {_each('rs', 'Organization', 'Practitioner', 'PractitionerRole')}",
        role="care-system",
        organisation=ICB,
    ),
    DemoClient(
        "provider",
        "Steady Pain Physiotherapy",
        "ES384",
        f"system/Claim.crus?provider=Organization/{PHYSIO} system/Organization.rs",
        role="provider",
        organisation=PHYSIO,
    ),
    DemoClient("auditor", "Auditor", "ES384", "system/*.rs", role="auditor", organisation=AUDITORS),
    DemoClient("record-keeper", "Keeper of the shared record", "ES384", "system/*.cruds"),
)


def prepared(folder: Path, settings: Settings, *, scopes: Mapping[str, str]) -> dict[str, Any]:
    """The credentials, with keys and passwords that are there already and new ones for the rest, put in the folder.

    scopes: what each client is registered for.
    """
    path = folder / FILE
    known = read(path)["clients"] if path.exists() else {}
    system = {one.name: _client(one, known.get(one.name, {}), scopes[one.name]) for one in CLIENTS}
    content = {
        "fhir_base": settings.fhir_base,
        "issuer": settings.base_url,
        "token_endpoint": f"{settings.base_url}/oauth2/token",
        "clients": {**system, patient_app.CLIENT_ID: patient_app.prepared()},
        "users": users.prepared(known_users(folder)),
    }
    write_private(path, json.dumps(content, indent=2) + "\n")
    return content


def known_users(folder: Path) -> dict[str, Any]:
    """The users of the credentials in a folder; none where there are no credentials yet."""
    path = folder / FILE
    return dict(read(path).get("users", {})) if path.exists() else {}


def _client(one: DemoClient, known: Mapping[str, Any], scope: str) -> dict[str, Any]:
    key = known.get("private_jwk") or new_key(one.alg)
    return {"client_id": known.get("client_id", one.name), "scope": scope, "private_jwk": key}


def new_key(alg: str) -> dict[str, Any]:
    """A private key to sign with `alg`, as a JWK."""
    key = RSAKey.generate_key(RSA_BITS) if alg == "RS384" else ECKey.generate_key("P-384")
    return {**key.as_dict(private=True), "kid": key.thumbprint(), "use": "sig", "alg": alg}


def registered_scopes(conn: Connection) -> dict[str, str]:
    """The scope of each demonstration client, as registered or, of a new one, as it will be."""
    known = {one.client_id: one.scope for one in clients.all_clients(conn)}
    return {one.name: known.get(one.name, one.scope) for one in CLIENTS}


def register(conn: Connection, credentials: Mapping[str, Any], now: int) -> None:
    """Make the public keys known, of a new client and of one whose key is another than before; and what each is."""
    for one in CLIENTS:
        mine = credentials["clients"][one.name]
        jwks, found = public_jwks(mine["private_jwk"]), clients.find(conn, mine["client_id"])
        if found is None:
            wanted = clients.Registration(
                client_id=mine["client_id"],
                name=one.title,
                scope=mine["scope"],
                jwks=jwks,
                role=one.role,
                organisation=one.organisation,
            )
            clients.add(conn, wanted, now)
        elif found.status == "active" and found.jwks != jwks:
            clients.set_keys(conn, found.client_id, jwks=jwks)
        stands = {"role": one.role, "organisation": one.organisation}
        conn.execute(update(CLIENT).where(CLIENT.c.client_id == mine["client_id"]).values(stands))


def public_jwks(private: Mapping[str, Any]) -> str:
    """The key set to register, without the private members."""
    return json.dumps({"keys": [{name: value for name, value in private.items() if name not in _SECRET}]})


def read(path: Path) -> dict[str, Any]:
    """The credentials in a file. Raises Unusable."""
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        raise Unusable(f"there is no {path}: start the demonstration in this folder first (make demo)") from None
    except (OSError, ValueError) as error:
        raise Unusable(f"{path} cannot be read; remove it, and the next start makes new keys") from error
    if not isinstance(found, dict) or not isinstance(found.get("clients"), dict):
        raise Unusable(f"{path} holds no credentials; remove it, and the next start makes new keys")
    return found


def write_private(path: Path, text: str) -> None:
    """The whole text or nothing, readable by its owner only."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123 - mode 600
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
