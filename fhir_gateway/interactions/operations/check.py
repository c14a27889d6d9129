"""$check: what the rules find in a case as it stands today, and what a step would still lack. Changes nothing.

Source: domain.md sections 4 and 5; FHIR R4 operations.html.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from fhir_gateway.access import policy
from fhir_gateway.interactions import judgement
from fhir_gateway.interactions.context import Context, Reply
from fhir_gateway.interactions.operations import anchor
from fhir_gateway.interactions.operations.operation import Asked, Operation, Parameter
from fhir_gateway.outcome import outcome_tree, rendered
from fhir_gateway.phb.case.states import status_of
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.rules import RULES
from fhir_gateway.phb.rules.judge import judged
from fhir_gateway.store import records
from fhir_gateway.store.facts import MAPPING_OF
from mappings.episode_of_care import PhbCase
from mappings.lens.errors import Issue
from mappings.registry import TYPES
from mappings.terminology import CASE_STATE

STEP: Final = "R161"
IN_ORDER: Final = Issue("informational", "no rule finds anything", severity="information")


def check(ctx: Context, asked: Asked) -> Reply:
    """An OperationOutcome of every finding. Raises NotFound."""
    policy.may_run(ctx.asker, CHECK.code, *((name, "r") for name, one in TYPES.items() if one.compartment))
    person = anchor.person_of(ctx, asked)
    case = judgement.case_files(ctx).of(person)
    standing = _seen(ctx, [one for kind in _kinds() for one in case.all(kind)])
    found = [_named(one, issue) for one in standing for issue in judged(_standing(one), case)]
    found += [issue for one in _stepping(case, asked) for issue in judged(one, case) if issue.details == STEP]
    return Reply(status=200, body=rendered(outcome_tree(found or [IN_ORDER])))


def _seen(ctx: Context, filed: list[Filed[Any]]) -> list[Filed[Any]]:
    """The records the asker may read."""
    if ctx.asker.sees_all:
        return filed
    types = dict.fromkeys(one.type for one in filed)
    return [one for name in types for one in _seen_of(ctx, name, [one for one in filed if one.type == name])]


def _seen_of(ctx: Context, name: str, filed: list[Filed[Any]]) -> list[Filed[Any]]:
    permit = policy.permit(ctx.asker, name, "r")
    seen = records.admitted(ctx.session, name, [one.id for one in filed], permit)
    return [one for one in filed if one.id in seen]


def _named(filed: Filed[Any], issue: Issue) -> Issue:
    """The issue with the record it is about, as FHIRPath says it."""
    element = issue.expression.removeprefix(filed.type)
    return replace(issue, expression=f"{filed.type}.where(id = '{filed.id}'){element}")


def _standing(filed: Any) -> Written[Any]:
    """The record as if it were written again as it is."""
    return Written(filed.type, filed.id, filed.version, filed.record, filed.record)


def _stepping(case: CaseFile, asked: Asked) -> Iterator[Written[PhbCase]]:
    """The cases of the person as if each moved to the state that is asked about."""
    to = asked.text("to")
    for one in case.all(PhbCase) if to else ():
        if asked.type == "Patient" or one.id == asked.id:
            moved = replace(one.record, state=str(to), status=status_of(str(to)))
            yield Written(one.type, one.id, one.version + 1, moved, one.record)


def _kinds() -> list[type[Any]]:
    kinds = dict.fromkeys(kind for rule in RULES for kind in rule.on)
    return [kind for kind in kinds if kind in MAPPING_OF]


CHECK: Final = Operation(
    code="check",
    types=("EpisodeOfCare", "Patient"),
    instance=True,
    writes=False,
    title="Check a case against the rules",
    says="Every rule over every record of the case as it stands, errors and warnings, each with its number.",
    parameters=(
        Parameter(
            name="to",
            type="code",
            says="a state of the case: what the step there would still lack is told as well",
            codes=tuple(CASE_STATE),
        ),
    ),
    run=check,
    returns="OperationOutcome",
)
