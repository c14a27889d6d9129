"""The statuses a case has had, day by day, as `EpisodeOfCare.statusHistory` shows them.

Days are inclusive: a status that another one follows lasts until the day before, or on its first day alone.

Source: domain.md 5.1, 8.3; FHIR R4 episodeofcare.html (statusHistory).
"""

from dataclasses import replace
from datetime import date

from fhir_gateway.phb.case.states import status_of
from fhir_gateway.phb.periods import ONE_DAY, day_before
from mappings.episode_of_care import PhbCase, StatusSpan


def moved(record: PhbCase, state: str, today: date) -> PhbCase:
    """The case in another state, with the status and the history that belong to it."""
    after = replace(record, state=state, status=status_of(state))
    return replace(after, status_history=with_change(record, after, today))


def with_change(before: PhbCase, after: PhbCase, today: date) -> tuple[StatusSpan, ...]:
    """The history of `after` with its change of status; as it is where the status stays or the change is there."""
    spans = after.status_history
    if before.status == after.status or spans != before.status_history or _is_told(after):
        return spans
    return (*_closed(before, today), StatusSpan(status=after.status, start=today, end=None))


def _is_told(record: PhbCase) -> bool:
    """Whether the last span is of the status the case has, and still runs."""
    last = record.status_history[-1] if record.status_history else None
    return last is not None and last.status == record.status and last.end is None


def _closed(before: PhbCase, today: date) -> tuple[StatusSpan, ...]:
    """The history up to the day before, the status that ends included."""
    spans = before.status_history
    if _is_told(before):
        return (*spans[:-1], replace(spans[-1], end=_end(spans[-1].start, today)))
    start = _day_after(spans[-1].end) if spans else before.opened_on
    return (*spans, StatusSpan(status=before.status, start=start, end=_end(start, today)))


def _day_after(end: date | None) -> date | None:
    return None if end is None else end + ONE_DAY


def _end(start: date | None, today: date) -> date:
    end = day_before(today)
    return end if start is None else max(start, end)
