"""The routes of the pages people see, at the addresses in `addresses`.

Source: design section 3 (`web/`).
"""

from starlette.routing import Route

from fhir_gateway.web import addresses, assets
from fhir_gateway.web.apps import AppsPage
from fhir_gateway.web.consent import ConsentPage
from fhir_gateway.web.home import HomePage
from fhir_gateway.web.login import LoginPage
from fhir_gateway.web.looked import LookedPage
from fhir_gateway.web.password import PasswordPage
from fhir_gateway.web.site import Handler, Site


def routes(site: Site) -> list[Route]:
    """Every page, its forms, and the files they use."""
    login, consent, home, apps = LoginPage(site), ConsentPage(site), HomePage(site), AppsPage(site)
    password, looked = PasswordPage(site), LookedPage(site)

    def shown(path: str, handler: Handler) -> Route:
        return Route(path, site.guarded(handler), methods=["GET"])

    def sent(path: str, handler: Handler) -> Route:
        return Route(path, site.guarded(handler), methods=["POST"])

    return [
        shown(addresses.LOGIN, login.show),
        sent(addresses.LOGIN, login.log_in),
        sent(addresses.LOGOUT, login.log_out),
        shown(addresses.CONSENT, consent.show),
        sent(addresses.CONSENT, consent.decide),
        shown(addresses.HOME, home.show),
        sent(addresses.OPEN, home.open),
        shown(addresses.APPS, apps.show),
        sent(addresses.STOP, apps.stop),
        shown(addresses.LOOKED, looked.show),
        shown(addresses.PASSWORD, password.show),
        sent(addresses.PASSWORD, password.change),
        *assets.routes(),
    ]
