"""The page "Who looked and why", for the person and for those who act for them.

Source: security requirement S65; rule R139.
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from auth.seams import Choice
from auth.sessions import LoginSession
from fhir_gateway.web.site import Site, Visit

TEMPLATE: Final = "looked.html"
ROLES: Final = ("person", "representative")
AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class LookedPage:
    """The page."""

    site: Site

    async def show(self, request: Request) -> Response:
        """GET: the latest looks at a person's records, older ones by a link."""
        wanted = request.query_params.get("person")
        session, choices, chosen = await self.site.visited(request, lambda visit: self._chosen(visit, wanted))
        before = _instant(request.query_params.get("before"))
        looks = [] if chosen is None else await self.site.looked(chosen.patient or "", before, AT_ONCE + 1)
        return self.site.page(
            TEMPLATE,
            200 if chosen is not None or not choices else 404,
            csrf=session.csrf,
            logged_in=True,
            choices=choices,
            chosen=chosen,
            looks=looks[:AT_ONCE],
            older=looks[AT_ONCE - 1].at if len(looks) > AT_ONCE else None,
        )

    def _chosen(self, visit: Visit, wanted: str | None) -> tuple[LoginSession, list[Choice], Choice | None]:
        """Whose list an account may read, worked out anew, and which of them it asks for; that is put on record."""
        account_id = visit.session.account_id
        found = self.site.config.people(visit.conn, account_id, visit.now)
        choices = [one for one in found if one.role in ROLES and one.patient is not None]
        chosen = next((one for one in choices if wanted in (None, one.patient)), None)
        if chosen is not None:
            about = {"account_id": account_id, "fhir_user": chosen.fhir_user, "role": chosen.role}
            self.site.config.note(visit.conn, "looked", "granted", **about, patient=chosen.patient)
        return visit.session, choices, chosen


def _instant(text: str | None) -> int | None:
    """Microseconds since the epoch, None for what is no such number."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else None  # noqa: PLR2004
