"""What every page has: templates that escape what they are given, one style sheet inside, no script, nothing fetched.

Source: WCAG 2.2 AA; CSP Level 3 (hash of the style); docs/statement.md.
"""

from base64 import b64encode
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from fhir_gateway import london
from fhir_gateway.web import assets

HERE: Final = Path(__file__).parent
STYLE: Final = (HERE / "style.css").read_text("utf-8")
MINUS: Final = "\N{MINUS SIGN}"
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


def headers() -> dict[str, str]:
    """What a page is sent with. It holds a person's data: no cache keeps it."""
    return {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": POLICY,
        "cross-origin-resource-policy": "same-origin",
    }


def rendered(template: str, **known: Any) -> bytes:
    """The page of a template."""
    return _environment().get_template(template).render(style=Markup(STYLE), **known).encode()  # noqa: S704 - our own style


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters |= {"pounds": pounds, "day": day, "day_of": day_of, "moment": moment}
    made.globals["asset"] = assets.address
    return made


def pounds(pence: int) -> str:
    """The amount as people read it: `£1,234.56`, below zero with a minus before it."""
    whole, rest = divmod(abs(pence), 100)
    return f"{MINUS if pence < 0 else ''}£{whole:,}.{rest:02}"


def day(one: date | None) -> str:
    """The day as people read it: `30 September 2025`."""
    return f"{one.day} {MONTHS[one.month - 1]} {one.year}" if one is not None else ""


def day_of(at: int) -> str:
    """The day in London of an instant, in microseconds."""
    return day(london.today(at))


def moment(at: int) -> str:
    """The instant as people in London read it: `30 September 2025, 14:05`."""
    return f"{day_of(at)}, {datetime.fromtimestamp(at // london.SECOND, london.LONDON):%H:%M}"
