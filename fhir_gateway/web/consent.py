"""The page where a person decides what an app may see: what it asks in plain words, each part with a box to untick.

Source: security requirements S4, S15, S16; SMART App Launch 2.2 (scope picking); CSP Level 3 (form-action).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from auth import consent, redirects
from auth.consent import Ask, LoginNeeded, NothingToDecide
from auth.seams import Choice
from fhir_gateway.web import addresses, words
from fhir_gateway.web.site import Site, Visit

TEMPLATE: Final = "consent.html"
NOBODY_PICKED: Final = "Choose whose records this is about"
STALE: Final = "This request has ended"
BOX: Final = "scope-"


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """The page, and its two buttons."""

    site: Site

    async def show(self, request: Request) -> Response:
        """GET: what the app asks; the login page first where the app wants a newer login."""
        handle = request.query_params.get("request", "")
        return await self.site.visited(request, lambda visit: self._asked(visit, handle))

    async def decide(self, request: Request) -> Response:
        """POST: back to the app with what the person decided."""
        return await self.site.posted(request, lambda visit: self._decided(visit, visit.form.get("request", "")))

    def _asked(self, visit: Visit, handle: str, error: str | None = None) -> Response:
        config, account_id = self.site.config, visit.session.account_id
        ask = consent.ask(config, visit.conn, handle, account_id, visit.now)
        if ask is None:
            return self._stale(NothingToDecide())
        if ask.fresh_since is not None and visit.session.auth_time < ask.fresh_since:
            return self._log_in(handle)
        return self._page(visit, ask, handle, error)

    def _decided(self, visit: Visit, handle: str) -> Response:
        try:
            if visit.form.get("decision") != "allow":
                return self.site.go(consent.deny(self.site.config, visit.conn, handle, visit.session, visit.now))
            picked = picked_of(visit.form)
            if picked is None:
                return self._asked(visit, handle, NOBODY_PICKED)
            boxes = ticked(visit.form)
            return self.site.go(
                consent.grant(self.site.config, visit.conn, handle, visit.session, boxes, picked, visit.now)
            )
        except LoginNeeded:
            return self._log_in(handle)
        except NothingToDecide as ended:
            return self._stale(ended)

    def _page(self, visit: Visit, ask: Ask, handle: str, error: str | None) -> Response:
        whose = words.YOURS if all(one.role == "person" for one in ask.choices) else words.THEIRS
        back = redirects.origin_of(ask.redirect_uri)
        known = ask.patient is not None or any(one.patient is not None for one in ask.choices)
        return self.site.page(
            TEMPLATE,
            400 if error else 200,
            form_action=[back],
            csrf=visit.session.csrf,
            logged_in=True,
            ask=ask,
            handle=handle,
            back=back,
            error=error,
            boxes=[
                (f"{BOX}{number}", one.text, words.scope(one, whose))
                for number, one in enumerate(ask.resources)
                if known or one.context != "patient"
            ],
            of_a_person=any(one.patient is not None for one in ask.choices),
            of_nobody=bool(ask.choices) and not known and any(one.context == "patient" for one in ask.resources),
            identity=words.identity(ask.identity),
            refresh=words.refresh(ask.refresh, ask.offline_until) if ask.refresh else None,
            choices=[(value_of(one), one.label) for one in ask.choices],
        )

    def _log_in(self, handle: str) -> Response:
        return self.site.go(addresses.login(addresses.consent(handle)))

    def _stale(self, ended: NothingToDecide) -> Response:
        return self.site.message(400, STALE, str(ended))


def ticked(form: Mapping[str, str]) -> list[str]:
    """The scopes whose boxes were left ticked."""
    boxes = [value for name, value in form.items() if name.startswith(BOX)]
    return [*boxes, form["refresh"]] if "refresh" in form else boxes


def value_of(choice: Choice) -> str:
    """A choice as the value of a button: what it rests on, and whom it is about."""
    return f"{choice.link_id} {choice.patient or ''}"


def picked_of(form: Mapping[str, str]) -> tuple[str, str | None] | None:
    """The link and the patient of the button that was picked, None for none."""
    link_id, blank, patient = form.get("who", "").partition(" ")
    return (link_id, patient or None) if blank else None
