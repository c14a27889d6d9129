"""The day it is in England, which is what every rule, price and power is dated by."""

from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
SECOND: Final = 1_000_000
EPOCH: Final = 1970


def today(now: int) -> date:
    """The day it is in England. now: microseconds since 1970 UTC."""
    return datetime.fromtimestamp(now // SECOND, UTC).astimezone(LONDON).date()


def begins(day: date) -> int:
    """The instant a day begins in England, in microseconds since 1970 UTC; 0 for every day before."""
    return max(0, int(datetime.combine(day, time.min, LONDON).timestamp())) * SECOND if day.year >= EPOCH else 0
