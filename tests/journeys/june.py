"""June, whom the calls of the README bring in: what they send, by the name of its file in `docs/journey`.

She is Janice's neighbour and swims with her: NHS and council pay half each for somebody beside her in the pool, and
the NHS buys five visits of a physiotherapist itself.

Source: README, "Janice's journey"; domain.md 5.2 (the six steps), 6.8 example 6 (shape).
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from fhir_gateway.demo import accounts, assessments, budgets, consents, follow, payments, persons, plans
from fhir_gateway.demo.case import Case, council, nhs
from fhir_gateway.demo.entry import Entry, File, entry, made, transaction
from fhir_gateway.phb.case.states import status_of
from mappings import claim_parts, payment
from mappings.lens import document
from mappings.lens.document import Tree

FOLDER: Final = Path(__file__).parents[2] / "docs" / "journey"
UNKNOWN: Final = "THE-ID"
CASE: Final = Case(
    id="june",
    number="0009",
    budget_kind="ongoing",
    start=date(2025, 4, 1),
    end=date(2026, 3, 31),
    agreed_on=date(2025, 3, 20),
    as_of=date(2025, 6, 30),
    funders=(nhs("nhs-other"), council("la-adult-social-care")),
)
NHS, COUNCIL = CASE.funders
VISIT: Final = 6_240
LINES: Final = (
    budgets.Line(
        category="micro-provider-support",
        text="Somebody beside me in the pool",
        pence=240_000,
        rate=240_000,
        frequency="annual",
        shares={"nhs": 120_000, "council": 120_000},
        weights={"nhs": 5_000, "council": 5_000},
        split="percentage",
        need_type="joint",
        needs=("pool",),
        outcomes=("swim",),
        provider="Organization/bright-paths",
    ),
    budgets.nhs_line(
        "therapy",
        "Pain physiotherapy",
        5 * VISIT,
        VISIT,
        option="notional",
        frequency="per-unit",
        quantity=Decimal(5),
        unit="session",
        needs=("pain",),
        outcomes=("swim",),
        provider="Organization/steady-physio",
    ),
)
SPENT: Final = payments.Spent(
    line=1,
    on=date(2025, 6, 24),
    pence=54_000,
    payee="Bright Paths Support",
    text="Twelve mornings at the pool",
    evidence="invoice",
)
PARTS: Final[File] = (
    *plans.needs(
        CASE,
        plans.Need(slug="pool", text="I cannot get in and out of the water alone.", domain="mobility", type="joint"),
        plans.Need(slug="pain", text="My hip hurts every day.", domain="pain"),
    ),
    *plans.outcomes(
        CASE,
        plans.Outcome(
            slug="swim",
            text="I swim with Janice every week.",
            kind="wellbeing",
            measure="Times in the pool each week",
            target="One",
            needs=("pool", "pain"),
        ),
    ),
    *plans.risks(
        CASE,
        plans.Risk(
            slug="slip",
            text="I slip at the pool.",
            mitigation="Somebody walks beside me, and I wear shoes with a grip.",
            contingency="The pool's first aider comes and the coordinator is told.",
        ),
    ),
)
COVERAGES: Final = budgets.coverages(CASE)
WORDS: Final = {
    "who-i-am": "I am June, I am 67 and drove a bus. I live next door to Janice.",
    "strengths-and-skills": "I am never late and I know everybody in the street.",
    "social-context": "My sister on Sundays, and the swimmers.",
    "capacity-and-decisions": "I decide for myself.",
    "working": "Water.",
    "not-working": "Stairs, and waiting.",
    "important-to": "To swim, and to be on time.",
    "important-for": "To move without falling.",
    "contingency-plan": "If nobody can come with me I walk in the park with my sister.",
    "money-held-and-used": "Somebody beside me by direct payment; physiotherapy is bought by the NHS.",
    "signs-going-well": "Wet hair on Fridays.",
    "signs-going-wrong": "I skip a week.",
    "monitoring": "We look at the swimming each month and at the money at each review.",
}


# --- the files --------------------------------------------------------------------------------------


def files() -> dict[str, str]:
    """The text of each file."""
    return {
        "1-need.json": _bundle(*_need()),
        "2-indicative-budget.json": _bundle(*COVERAGES, _estimate()),
        "3-plan.json": _bundle(*_plan()),
        "4-budget.json": _text(_sent_again(_draft())),
        "5-nhs-decides.json": _text(_to_be_found(_decision("budget-nhs"))),
        "6-council-decides.json": _text(_to_be_found(_decision("budget-council"))),
        "7-invoice.json": _text(_without_id(_invoice())),
        "8-spending.json": _bundle(*payments.spending(CASE, LINES, SPENT)),
        "9-review.json": _text(_to_be_found(_review())),
    }


def write() -> None:
    """Write them all."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


def _bundle(*entries: Entry) -> str:
    return _text(transaction(entries))


def _text(tree: Tree) -> str:
    return json.dumps(json.loads(document.encode(tree)), indent=1, ensure_ascii=False) + "\n"


def _without_id(one: Entry) -> Tree:
    """As it is sent to get an id."""
    return {name: value for name, value in one.resource().items() if name != "id"}


def _to_be_found(one: Entry) -> Tree:
    """As it is sent over what the gateway made, once its id is found."""
    return {**one.resource(), "id": UNKNOWN}


def _sent_again(one: Entry) -> Tree:
    """As it is sent over its first version."""
    tree = one.resource()
    return {**tree, "meta": {**tree["meta"], "versionId": "1"}}


# --- the steps --------------------------------------------------------------------------------------


def _need() -> Iterable[Entry]:
    """Steps 1 and 2: who June is, what she needs, and the approved assessment."""
    yield persons.person(
        CASE,
        prefix="Ms",
        name=("June", "Walkthrough"),
        nhs_number="9990000093",
        street="9 Pretend Parade",
        gender="female",
        birth_date=date(1958, 2, 11),
    )
    opened = persons.case_of(CASE, group="long-term-conditions", opened_on=date(2024, 12, 2))
    yield _changed(opened, state="assessing", status=status_of("assessing"), status_history=())
    yield persons.team(CASE)
    yield from (one for one in PARTS if one.mapping.resource_type != "RiskAssessment")
    yield assessments.needs(CASE, PARTS, "care-act-needs-assessment")


def _estimate() -> Entry:
    """Step 3: the estimate that was shared with her."""
    return budgets.indicative(
        CASE,
        (*PARTS, *COVERAGES),
        LINES,
        method="comparable-cases",
        explanation="What others pay for the same, and five visits at the price of the contract.",
    )


def _plan() -> Iterable[Entry]:
    """Step 4: the plan, put forward, on a budget that is a draft, and what a direct payment rests on."""
    yield from (one for one in PARTS if one.mapping.resource_type == "RiskAssessment")
    yield consents.consent_to_share(CASE)
    yield consents.consent_to_direct_payment(CASE)
    yield consents.agreement(CASE, ("Somebody beside me in the pool", "monthly", 20_000))
    yield accounts.direct_payment(CASE)
    yield accounts.notional(CASE, "account-notional", "Which physiotherapist, where, and on which day.")
    yield _without_review(plans.words(CASE, PARTS, WORDS))
    yield _draft()
    book = plans.Action(
        text="Find somebody who likes water", who=CASE.person, by_when=date(2025, 4, 30), outcomes=("swim",)
    )
    plan = plans.plan(CASE, PARTS, title="June's plan", actions=(book,))
    yield _changed(plan, status="draft", plan_status="submitted", reviews=())


def _without_review(words: Entry) -> Entry:
    """The words, pointing to no review: it is not there before the first payment."""
    rows = (
        replace(one, entries=tuple(to for to in one.entries if not to.startswith("Task/")))
        for one in words.record.sections
    )
    return _changed(words, sections=tuple(rows))


def _draft() -> Entry:
    drafted, *_ = budgets.agreed(CASE, (*PARTS, *COVERAGES), LINES)
    unanswered = tuple(replace(one, answer_id=None) for one in drafted.record.insurance)
    return _changed(drafted, status="draft", budget_status="draft", insurance=unanswered)


def _decision(slug: str) -> Entry:
    return next(one for one in follow.decisions(CASE) if one.id.endswith(slug))


def _invoice() -> Entry:
    """Step 5: two visits of the physiotherapist."""
    return entry(
        "",
        payment.PAYMENT,
        payment_id="PAY-0009-physio-1",
        invoice_no="SPP-0009-1",
        payment_kind="invoice",
        payment_status="due",
        person_id=CASE.id,
        status="active",
        created=date(2025, 6, 16),
        received_on=date(2025, 6, 16),
        due_on=date(2025, 6, 30),
        start=date(2025, 6, 2),
        end=date(2025, 6, 13),
        provider="Organization/steady-physio",
        insurer_id=NHS.body,
        payee_kind="provider",
        payee="Organization/steady-physio",
        pays_against_id=f"{CASE.id}-budget",
        total_pence=2 * VISIT,
        insurance=(made(claim_parts.ClaimCoverage, sequence=1, focal=True, coverage_id=f"{CASE.id}-nhs"),),
        lines=(
            made(
                payment.PaymentLine,
                sequence=1,
                budget_line=2,
                category="therapy",
                description="Pain physiotherapy, two visits",
                management_option="notional",
                quantity=Decimal(2),
                unit="session",
                rate_pence=VISIT,
                amount_pence=2 * VISIT,
            ),
        ),
    )


def _review() -> Entry:
    """Step 6: the review that the first payment made due, held."""
    return follow.reviewed(
        CASE,
        due=date(2025, 7, 1),
        held=date(2025, 6, 26),
        next_due=date(2026, 6, 26),
        notes=("the water, and not going alone.", "nothing.", "nothing."),
        inputs=(*follow.parts(*follow.FULL_REVIEW), follow.by_law("statutory-la", COUNCIL.body)),
        person_experience="I was on time every week.",
    )


def _changed(one: Entry, **known: Any) -> Entry:
    return replace(one, record=replace(one.record, **known))
