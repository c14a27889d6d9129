"""The page "Apps that can see my records", with a button to stop each.

Source: security requirement S15; OWASP ASVS 5 V10.7.3.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from auth import grants
from auth.grants import AppAccess
from auth.seams import Choice
from fhir_gateway.web import addresses, words
from fhir_gateway.web.site import Site, Visit

TEMPLATE: Final = "apps.html"
NO_LONGER: Final = "somebody you no longer act for"


@dataclass(frozen=True, slots=True)
class AppsPage:
    """The page, and its buttons."""

    site: Site

    async def show(self, request: Request) -> Response:
        """GET: the apps this account lets in."""
        stopped = request.query_params.get("stopped") == "yes"
        return await self.site.visited(request, lambda visit: self._page(visit, stopped=stopped))

    async def stop(self, request: Request) -> Response:
        """POST: an app sees nothing from now on; one that is not there is stopped already."""
        await self.site.posted(request, self._stop)
        return self.site.go(f"{addresses.APPS}?stopped=yes")

    def _page(self, visit: Visit, *, stopped: bool) -> Response:
        account_id = visit.session.account_id
        choices = self.site.config.people(visit.conn, account_id, visit.now)
        found = grants.grants_of(visit.conn, account_id, visit.now)
        return self.site.page(
            TEMPLATE,
            csrf=visit.session.csrf,
            logged_in=True,
            stopped=stopped,
            apps=[_shown(one, choices) for one in found],
        )

    def _stop(self, visit: Visit) -> None:
        grant_id, account_id = visit.form.get("grant", ""), visit.session.account_id
        if grants.revoke_grant(visit.conn, grant_id, account_id, visit.now):
            self.site.config.note(visit.conn, "revocation", "ended", grant_id=grant_id, account_id=account_id)


def _shown(one: AppAccess, choices: Iterable[Choice]) -> dict[str, Any]:
    """An app as the page shows it."""
    acting = [each for each in choices if each.fhir_user == one.fhir_user and each.patient in (None, one.patient)]
    own = any(each.role == "person" for each in acting)
    return {
        "grant_id": one.grant_id,
        "name": one.client_name,
        "whose": acting[0].label if acting else NO_LONGER,
        "scopes": words.scopes(one.scope.split(" "), words.YOURS if own else words.THEIRS),
        "since": one.created_at,
        "last_used": one.last_used,
        "until": one.expires_at,
        "offline": one.offline,
    }
