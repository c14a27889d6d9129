"""The log: our own words at the level chosen, the libraries' only when something is wrong, and nothing of anybody.

Nobody writes a token, a name or a query string into a message on purpose; the formatter takes out what a library, a
driver or a traceback brings along all the same.

Source: security requirements S61 and S62; security reference M6 (drivers quote the values of a failed row).
"""

import logging
import re
from copy import copy
from traceback import format_tb
from typing import Any, Final

OURS: Final = ("fhir_gateway", "auth")
# What each library tells below this level is tokens, addresses with queries, or statements with values
LIBRARIES: Final = {
    "authlib": logging.INFO,
    "joserfc": logging.INFO,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "psycopg": logging.ERROR,  # its warnings quote the rows that failed
    "asyncio": logging.WARNING,
    "multipart": logging.WARNING,
    "python_multipart": logging.WARNING,
}
AUDIT: Final = "fhir_gateway.audit"  # its heads are long and meant to be read
GONE: Final = "[...]"
SECRETS: Final = (
    (re.compile(r"\?[^\s\"'<>)]+"), f"?{GONE}"),  # a query string
    (re.compile(r"(?m)^\s*DETAIL:.*$"), f"DETAIL: {GONE}"),  # PostgreSQL quotes the key that was there already
    (re.compile(r"(?i)\b(bearer|basic)\s+\S+"), rf"\1 {GONE}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_.-]*"), GONE),  # a JWT
    (re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{40,}(?![A-Za-z0-9_-])"), GONE),  # a token, or its digest
    (re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)"), GONE),  # an NHS number
)


class Redacting(logging.Formatter):
    """Formats a record, traceback included, and takes out what looks like a secret or a person."""

    def format(self, record: logging.LogRecord) -> str:
        fresh = copy(record)
        fresh.exc_text = None  # another handler's formatter may have left its own
        text = super().format(fresh)
        return text if record.name == AUDIT else redacted(text)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the base class's name
        """Where it happened and of what kind it was; what an exception says may be anybody's data."""
        kind, _, trace = ei
        return "".join(format_tb(trace)) + (kind.__name__ if kind else "")


def redacted(text: str) -> str:
    """A text without query strings, tokens, quoted rows and NHS numbers."""
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


def configure(level: str) -> None:
    """Set every level, and give the root a handler where there is none."""
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    for name, least in LIBRARIES.items():
        logging.getLogger(name).setLevel(least)
    root = logging.getLogger()
    if not root.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s %(message)s"))
        root.addHandler(handler)
