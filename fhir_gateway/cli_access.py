"""The command line of what people do by hand about access: audit engagements, emergencies, ties.

`phb-gateway engagement add|list|end`, `phb-gateway emergency list|review|told`, `phb-gateway ties rebuild`.

Source: security.md section 4 (auditor, emergency access); docs/adr/0007.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Final, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from fhir_gateway.access.ties.tie import window
from fhir_gateway.interactions.context import clock, instant, new_id
from fhir_gateway.settings import Settings
from fhir_gateway.store import emergencies, engagements, ties
from fhir_gateway.store.database import Database, Session
from fhir_gateway.store.emergencies import Emergency
from fhir_gateway.store.engagements import Engagement
from fhir_gateway.store.migrate import require_current

T = TypeVar("T")
OUT: Final = Console()
DAY: Final = ["%Y-%m-%d"]
ENGAGEMENT: Final = typer.Typer(no_args_is_help=True, help="What auditors were asked to look at.")
EMERGENCY: Final = typer.Typer(no_args_is_help=True, help="Cases that staff opened in an emergency.")
TIES: Final = typer.Typer(no_args_is_help=True, help="Who is tied to whom.")


def mount(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for name, commands in (("engagement", ENGAGEMENT), ("emergency", EMERGENCY), ("ties", TIES)):
        app.add_typer(commands, name=name)


def tie_everybody(settings: Settings) -> None:
    """Work the ties out in a database that has people and no ties yet, as one from before there were any."""
    database = Database(settings.database_url)
    try:
        if not database.read(ties.any_stored):
            ties.rebuild(database)
    finally:
        database.close()


def _with(work: Callable[[Session], T]) -> T:
    database = _database()
    try:
        done: T = database.write(work)
        return done
    finally:
        database.close()


def _database() -> Database:
    database = Database(Settings().database_url)
    require_current(database)
    return database


def _say(line: str) -> None:
    OUT.print(line, highlight=False, markup=False, soft_wrap=True)


# --- engagements ------------------------------------------------------------------------------------


@ENGAGEMENT.command("add")
def engagement_add(
    organisation: Annotated[str, typer.Argument(help="id of the Organization that audits")],
    person: Annotated[list[str], typer.Option(help="id of a Patient in the sample; once for each")],
    start: Annotated[datetime, typer.Option(formats=DAY, help="first day of the records")],
    end: Annotated[datetime, typer.Option(formats=DAY, help="last day of the records")],
    until: Annotated[datetime, typer.Option(formats=DAY, help="last day of the engagement")],
) -> None:
    """Let an auditor see the money of a sample of people."""
    made = Engagement(
        engagement_id=new_id(),
        organisation=organisation,
        people=tuple(dict.fromkeys(person)),
        start=start.date(),
        end=end.date(),
        since=clock(),
        until=window(None, until.date())[1],
    )
    _with(lambda session: engagements.add(session, made))
    _say(f"engagement {made.engagement_id} is open to Organization/{organisation} until the end of {until.date()}")


@ENGAGEMENT.command("list")
def engagement_list() -> None:
    """List every engagement; a person's id and no more is shown."""
    now = clock()
    for one in _with(engagements.every):
        _say(f"{one.engagement_id}  {one.organisation}  {_state(one, now)}, until {instant(one.until)}")
        _say(f"    records {one.start} to {one.end} of {' '.join(one.people)}")


def _state(one: Engagement, now: int) -> str:
    if one.ended_at is not None:
        return f"ended {instant(one.ended_at)}"
    return "open" if one.until > now else "over"


@ENGAGEMENT.command("end")
def engagement_end(engagement_id: Annotated[str, typer.Argument(help="the engagement that is over")]) -> None:
    """End an engagement: the auditor sees nothing of it from the next request on."""
    if not _with(lambda session: engagements.end(session, engagement_id, clock())):
        raise ValueError(f"no open engagement is called {engagement_id}")
    _say(f"engagement {engagement_id} is ended")


# --- emergencies ------------------------------------------------------------------------------------


@EMERGENCY.command("list")
def emergency_list() -> None:
    """List what was opened in an emergency; in red what nobody has reviewed in five days."""
    now = clock()
    for one in _with(emergencies.every):
        style = "red" if one.is_overdue(now) else None
        OUT.print(_told(one), style=style, highlight=False, markup=False, soft_wrap=True)


def _told(one: Emergency) -> str:
    """Lines, not a table, so that nothing is cut off that is to be pasted."""
    told = instant(one.told_at) if one.told_at is not None else "not yet"
    reviewed = f"{instant(one.reviewed_at)} by {one.reviewed_by}" if one.reviewed_at is not None else "not yet"
    return (
        f"{one.emergency_id}  {one.who} of {one.organisation}, {instant(one.started)}\n"
        f"    of {one.person}; {one.reason}: {one.words}\n"
        f"    person told: {told}; reviewed: {reviewed}"
    )


@EMERGENCY.command("review")
def emergency_review(
    emergency_id: Annotated[str, typer.Argument(help="the emergency that was looked at")],
    by: Annotated[str, typer.Option(help="who reviewed it, such as PractitionerRole/x")],
) -> None:
    """Record that the privacy officer has reviewed an emergency."""
    if not _with(lambda session: emergencies.review(session, emergency_id, by, clock())):
        raise ValueError(f"no emergency called {emergency_id} waits for review")
    _say(f"emergency {emergency_id} is reviewed")


@EMERGENCY.command("told")
def emergency_told(emergency_id: Annotated[str, typer.Argument(help="the emergency the person knows of")]) -> None:
    """Record that the person was told."""
    if not _with(lambda session: emergencies.tell(session, emergency_id, clock())):
        raise ValueError(f"no emergency called {emergency_id} waits for its person to be told")
    _say(f"the person of emergency {emergency_id} is told")


# --- ties -------------------------------------------------------------------------------------------


@TIES.command("rebuild")
def ties_rebuild() -> None:
    """Work out again who is tied to whom, from everybody's records."""
    database = _database()
    try:
        people = ties.rebuild(database)
    finally:
        database.close()
    _say(f"the ties of {people} people are worked out")


@TIES.command("list")
def ties_list(
    person: Annotated[str, typer.Argument(help="id of a Patient")],
    day: Annotated[datetime | None, typer.Option("--date", formats=DAY, help="on this day; today")] = None,
) -> None:
    """List who is tied to one person on a day, in what way, and by which record."""
    table = Table("kind", "who", "by", "records from", "to")
    instants = window(day.date(), None)[0] if day is not None else clock()
    for one in sorted(_with(lambda session: ties.stored(session, person))):
        if one.since <= instants < one.until:
            table.add_row(one.kind, one.who, one.source, _shown(one.start), _shown(one.end))
    OUT.print(table)


def _shown(day: date) -> str:
    return "" if day in {date.min, date.max} else day.isoformat()
