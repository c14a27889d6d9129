"""The third judge on the write path: the rules run over what was just written, in its own transaction.

The records are in their columns by then, so a rule sees them together with all others. An error undoes the
whole transaction; a warning is kept with the record as a tag of its `meta`, findable by `_tag`.

Source: design decision 5; style section 5; domain.md section 4 and RuleFlag (2.6).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from fhir_gateway.errors import RuleBroken
from fhir_gateway.interactions.context import Context
from fhir_gateway.interactions.prepare import RULE
from fhir_gateway.london import today
from fhir_gateway.phb.case_file import CaseFile, Written, is_withdrawn
from fhir_gateway.phb.rules.judge import judged, rules_on
from fhir_gateway.phb.rules.rule import DELETE
from fhir_gateway.store import records
from fhir_gateway.store.facts import Facts
from fhir_gateway.store.records import Change, Stored
from mappings.lens import document
from mappings.lens.document import Tree
from mappings.lens.errors import Issue
from mappings.registry import TYPES


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules found in one change: its place in the list of changes, and the warnings."""

    at: int
    warnings: tuple[Issue, ...]


def case_files(ctx: Context) -> "CaseFiles":
    """The case files of one transaction."""
    return CaseFiles(Facts(ctx.session), today(ctx.now))


class CaseFiles:
    """One case file for each person, so that records written together are looked up once.

    They hold for as long as no record is written.
    """

    def __init__(self, facts: Facts, day: date) -> None:
        self._facts = facts
        self._day = day
        self._kept: dict[str, CaseFile] = {}
        self._previous: dict[Stored, tuple[str, Any]] = {}

    def of(self, person: str) -> CaseFile:
        """The case file of a person; of nobody for an empty id."""
        if person not in self._kept:
            self._kept[person] = CaseFile(self._facts, person, self._day)
        return self._kept[person]

    def written(self, change: Change) -> Written[Any]:
        """The record of a change as rules and effects see it."""
        kind, record = self.replaced(change)
        before = record if kind == change.kind else None
        return Written(change.new.type, change.new.id, change.new.version, change.record, before)

    def replaced(self, change: Change) -> tuple[str, Any]:
        """Kind and record of the version a change replaces."""
        if change.previous is None:
            return "", None
        if change.previous not in self._previous:
            self._previous[change.previous] = derived(change.previous)
        return self._previous[change.previous]


def judge(files: CaseFiles, changes: Sequence[Change], places: Sequence[str]) -> list[Verdict]:
    """The warnings about each change. places: what leads to each in a Bundle. Raises RuleBroken with every error."""
    broken: list[Issue] = []
    verdicts: list[Verdict] = []
    for at, change in enumerate(changes):
        found = _found(change, files)
        broken += [_placed(places[at], one) for one in found if one.severity == "error"]
        verdicts.append(Verdict(at, tuple(one for one in found if one.severity != "error")))
    if broken:
        raise RuleBroken([*broken, *(one for verdict in verdicts for one in verdict.warnings)])
    return [one for one in verdicts if one.warnings]


def _found(change: Change, files: CaseFiles) -> list[Issue]:
    if change.tree is None:
        return _found_in_deletion(change, files)
    gone = [] if files.replaced(change)[0] in {"", change.kind} else _found_in_deletion(change, files)
    if not change.kind or not rules_on(type(change.record)) or is_withdrawn(change.record):  # type: ignore[arg-type]
        return gone
    return [*gone, *judged(files.written(change), files.of(change.person or ""))]


def _found_in_deletion(change: Change, files: CaseFiles) -> list[Issue]:
    """What the rules say to a record that is no more: deleted, or turned into one of another kind."""
    kind, record = files.replaced(change)
    if not kind or not rules_on(type(record), DELETE):  # type: ignore[arg-type]
        return []
    gone = Written(change.new.type, change.new.id, change.new.version, record)
    person = getattr(record, "person_id", None) or change.person or ""
    return list(judged(gone, files.of(person), DELETE))


def derived(stored: Stored | None) -> tuple[str, Any]:
    """Kind and record of a stored version, ("", None) for one that is gone or not ours."""
    if stored is None or stored.text is None:
        return "", None
    return TYPES[stored.type].derive(document.parse(stored.text))


def _placed(place: str, issue: Issue) -> Issue:
    if not place:
        return issue
    return replace(issue, expression=f"{place}{issue.expression.removeprefix(issue.expression.partition('.')[0])}")


# --- warnings, kept with the record -----------------------------------------------------------------


def flagged(change: Change, warnings: Iterable[Issue]) -> Change:
    """The change with a tag in its `meta` for each rule that warns."""
    assert change.tree is not None
    found = {one.details: one.diagnostics for one in reversed(list(warnings))}
    flags = [{"system": RULE, "code": number, "display": says} for number, says in sorted(found.items(), key=_number)]
    meta = change.tree["meta"]
    tree: Tree = {**change.tree, "meta": {**meta, "tag": [*meta.get("tag", ()), *flags]}}
    new = replace(change.new, text=document.encode(tree))
    return replace(change, new=new, tree=tree)


def _number(item: tuple[str, str]) -> int:
    return int(item[0][1:])


def keep(ctx: Context, changes: list[Change], verdicts: Iterable[Verdict]) -> None:
    """Puts the flags on the changes, in the list and in the database."""
    for verdict in verdicts:
        if changes[verdict.at].tree is not None:
            changes[verdict.at] = flagged(changes[verdict.at], verdict.warnings)
            records.retag(ctx.session, changes[verdict.at])
