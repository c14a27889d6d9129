"""The patient app of the demonstration as a client: public, with PKCE, its pages served beside the gateway.

Source: design section 7 (patient-app); SMART App Launch 2.2 (public apps); RFC 8252 section 7.3 (loopback ports).
"""

import json
from typing import Any, Final

from sqlalchemy import Connection, update

from auth import clients
from auth.store import CLIENT
from fhir_gateway.settings import Settings
from fhir_gateway.web import patient_app

CLIENT_ID: Final = "patient-app"
TITLE: Final = "My personal health budget"
SCOPE: Final = "openid fhirUser launch launch/patient offline_access patient/*.rs patient/Claim.u"
# Where an app of somebody else's listens on this machine, to try things with the same client.
ELSEWHERE: Final = "http://127.0.0.1:8765"
CALLBACK: Final = f"{ELSEWHERE}/callback"


def prepared() -> dict[str, Any]:
    """What the credentials say of it. There is no secret: PKCE proves that the same app comes back."""
    return {"client_id": CLIENT_ID, "scope": SCOPE, "redirect_uri": CALLBACK}


def register(conn: Connection, settings: Settings, now: int) -> None:
    """Make it known; of one that is known, where it is served now."""
    page = patient_app.redirect_uri(settings)
    if clients.find(conn, CLIENT_ID) is None:
        clients.add(conn, _registration(page), now)
    served = {"redirect_uris": json.dumps([page, CALLBACK]), "launch_uri": page}
    conn.execute(update(CLIENT).where(CLIENT.c.client_id == CLIENT_ID).values(served))


def _registration(page: str) -> clients.Registration:
    return clients.Registration(
        client_id=CLIENT_ID,
        name=TITLE,
        scope=SCOPE,
        kind="public",
        redirect_uris=json.dumps([page, CALLBACK]),
        launch_uri=page,
        origins=json.dumps([ELSEWHERE]),
    )
