"""A demonstration case put together: what every case has, from the person to the letter with the decision.

Source: domain.md 5 (the six steps); design section 7.
"""

from collections.abc import Mapping as Words
from dataclasses import dataclass
from datetime import timedelta

from fhir_gateway.demo import assessments, budgets, consents, follow, plans
from fhir_gateway.demo.case import Case
from fhir_gateway.demo.entry import Entry, File


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What one case adds to the frame they all have.

    people: the person, and who is around them. opened, team: the case and the team. parts: needs, outcomes, risks.
    assessed: kind of the needs assessment. weekly_pence: the person's contribution. method, explanation: of the
    indicative budget. words: sections of the plan, from the person's own file unless given. also: more that supports
    the plan. compared: pence of a standard package and where that is known from. agreement: of a direct payment.
    money: accounts, payments, spending. after: what came of it.
    """

    case: Case
    people: File
    opened: Entry
    team: Entry
    parts: File
    assessed: str
    lines: tuple[budgets.Line, ...]
    method: str
    explanation: str
    title: str
    actions: tuple[plans.Action, ...]
    money: File
    after: File
    weekly_pence: int | None = None
    words: Words[str, str] | None = None
    compared: tuple[int, str] | None = None
    also: File = ()
    agreement: File = ()


def told(story: Story) -> File:
    """Every resource of the case, in the order of the six steps."""
    talked_on = story.opened.record.opened_on + timedelta(days=14)
    return (
        *story.people,
        story.opened,
        story.team,
        follow.options_talk(story.case, talked_on),
        *story.parts,
        assessments.needs(story.case, story.parts, story.assessed),
        consents.consent_to_share(story.case),
        *_budgets(story),
        *_plan(story),
        *follow.decisions(story.case),
        follow.decision_notice(story.case),
        *story.money,
        *story.after,
    )


def _budgets(story: Story) -> File:
    compared = () if story.compared is None else (assessments.comparator(story.case, *story.compared),)
    coverages = budgets.coverages(story.case, weekly_pence=story.weekly_pence)
    parts = (*story.parts, *compared, *coverages)
    estimate = budgets.indicative(story.case, parts, story.lines, method=story.method, explanation=story.explanation)
    return *compared, *coverages, estimate, *budgets.agreed(story.case, parts, story.lines)


def _plan(story: Story) -> File:
    also = tuple(one.literal for one in story.also)
    return (
        *story.also,
        plans.plan(story.case, story.parts, title=story.title, actions=story.actions, also=also),
        plans.words(story.case, story.parts, story.words),
        follow.plan_origin(story.case),
        *((consents.consent_to_direct_payment(story.case), *story.agreement) if story.case.is_direct else ()),
    )
