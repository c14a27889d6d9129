"""The home page of somebody who is logged in: where to go, and apps to open for a person.

Source: SMART App Launch 2.2 (EHR launch).
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from auth import clients, launches, redirects
from auth.clients import Client
from auth.launches import LaunchContext
from auth.seams import Choice
from fhir_gateway.web.consent import picked_of, value_of
from fhir_gateway.web.site import Site, Visit

TEMPLATE: Final = "me.html"
NO_APP: Final = "There is no such app for you to open. Go back and load the page again."


@dataclass(frozen=True, slots=True)
class HomePage:
    """The page, and its buttons."""

    site: Site

    async def show(self, request: Request) -> Response:
        """GET: what one can do here."""
        return await self.site.visited(request, self._page)

    async def open(self, request: Request) -> Response:
        """POST: to an app, which comes back to us to ask."""
        address = await self.site.posted(request, self._launched)
        return self.site.message(400, "No such app", NO_APP) if address is None else self.site.go(address)

    def _page(self, visit: Visit) -> Response:
        apps = _launchable(visit)
        people = [one for one in self._people(visit) if one.patient is not None]
        return self.site.page(
            TEMPLATE,
            form_action=[redirects.origin_of(one.launch_uri or "") for one in apps],
            csrf=visit.session.csrf,
            logged_in=True,
            apps=[(one.client_id, one.name) for one in apps],
            choices=[(value_of(one), one.label) for one in people],
        )

    def _launched(self, visit: Visit) -> str | None:
        """The address that opens the app, for a person this account may act for."""
        app = next((one for one in _launchable(visit) if one.client_id == visit.form.get("app")), None)
        picked = picked_of(visit.form)
        chosen = next((one for one in self._people(visit) if (one.link_id, one.patient) == picked), None)
        if app is None or chosen is None:
            return None
        config, account_id = self.site.config, visit.session.account_id
        context = LaunchContext(patient=chosen.patient)
        handle = launches.create(visit.conn, app, account_id, context, visit.now)
        about = {"client_id": app.client_id, "account_id": account_id, "patient": chosen.patient}
        config.note(visit.conn, "launch", "issued", **about)
        return launches.address(app, config.fhir_base, handle)

    def _people(self, visit: Visit) -> tuple[Choice, ...]:
        return self.site.config.people(visit.conn, visit.session.account_id, visit.now)


def _launchable(visit: Visit) -> list[Client]:
    found = clients.all_clients(visit.conn)
    return [one for one in found if one.launch_uri is not None and one.status == "active" and one.kind != "system"]
