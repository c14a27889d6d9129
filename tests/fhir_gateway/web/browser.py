"""A browser without JavaScript: it keeps cookies, follows our own redirects, and sends the forms of a page."""

import asyncio
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlencode, urljoin

import httpx
from starlette.applications import Starlette

from fhir_gateway.web.routes import routes
from fhir_gateway.web.site import Site
from tests.auth.builders import ISSUER

HOME: Final = "203.0.113.7"
FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
FROM_HERE: Final = FORM | {"origin": "null", "sec-fetch-site": "same-origin"}


@dataclass
class Form:
    """A form of a page. fields: what it would send as it stands; buttons: name and value of each."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    radios: dict[str, list[str]] = field(default_factory=dict)

    def take(self, tag: str, told: dict[str, str]) -> None:
        """Read a control into the form."""
        name, value, kind = told.get("name", ""), told.get("value", "on"), told.get("type", "text")
        if tag == "button":
            self.buttons.append((name, told.get("value", "")))
        elif kind == "radio":
            self.radios.setdefault(name, []).append(value)
        elif name and (kind != "checkbox" or "checked" in told):
            self.fields[name] = value


class _Forms(HTMLParser):
    """Every form of a page, and every address it fetches by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.fetched: list[str] = []
        self.links: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.fetched += [told[name] for name in ("src", "srcset") if name in told]
        if tag == "link":
            self.fetched.append(told["href"])
        if tag == "a":
            self.links.append(told.get("href", ""))
        if tag == "form":
            assert told.get("method") == "post"
            self.found.append(Form(told["action"]))
            self._inside = True
        elif self._inside and tag in ("input", "button", "select", "textarea"):
            self.found[-1].take(tag, told)

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"


@dataclass(frozen=True)
class Page:
    """An answer, read as a page."""

    reply: httpx.Response

    @property
    def status(self) -> int:
        return self.reply.status_code

    @property
    def text(self) -> str:
        return self.reply.text

    @property
    def location(self) -> str:
        return self.reply.headers["location"]

    @property
    def forms(self) -> list[Form]:
        return self._read().found

    @property
    def fetched(self) -> list[str]:
        return self._read().fetched

    @property
    def links(self) -> list[str]:
        return self._read().links

    def form(self, action: str) -> Form:
        """The one form that is sent to this address."""
        (found,) = (one for one in self.forms if one.action == action)
        return found

    def _read(self) -> _Forms:
        parser = _Forms()
        parser.feed(self.text)
        return parser


@dataclass
class Browser:
    """One browser. source: the address it comes from. cookies: kept from answer to answer."""

    site: Site
    source: str = HOME
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Page:
        """As a link sends it."""
        return self.raw("GET", path, b"", headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Page:
        """As a browser of today sends it: a page with `no-referrer` has the origin `null`."""
        return self.raw("POST", path, urlencode(fields).encode(), FROM_HERE | headers)

    def send(self, form: Form, *, unticked: str = "", **changes: str) -> Page:
        """Send a form as its page gave it, some fields filled in, some left out (names with blanks between)."""
        gone = unticked.split()
        fields = {name: value for name, value in (form.fields | changes).items() if name not in gone}
        return self.post(form.action, fields)

    def log_in(self, username: str, password: str, then: str | None = None) -> Page:
        """The answer to the login form."""
        page = self.get("/login" if then is None else f"/login?then={then}")
        return self.send(page.form("/login"), username=username, password=password)

    def other(self, source: str = HOME) -> "Browser":
        """Another browser, which knows no cookie of this one."""
        return replace(self, source=source, cookies={})

    def raw(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Page:
        """Any request."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(Starlette(routes=routes(self.site)), client=(self.source, 1))
            async with httpx.AsyncClient(transport=transport, base_url=ISSUER, cookies=self.cookies) as http:
                return await http.request(method, urljoin(ISSUER, path), content=body, headers=headers)

        reply = asyncio.run(send())
        for name, value in reply.cookies.items():
            self.cookies[name] = value
        for gone in [one for one in reply.headers.get_list("set-cookie") if "Max-Age=0" in one]:
            self.cookies.pop(gone.partition("=")[0], None)
        return Page(reply)
