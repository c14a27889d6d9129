"""Who may see which kind of record, how much of it, and which rows: the oracle's own table.

Source: domain.md 8.8; security.md section 4 (who may do what).
"""

from typing import Final

from tests.laws.no_leak.dates import fields
from tests.laws.no_leak.rows import (
    Rows,
    all_of,
    anything,
    dated,
    delivered,
    direct,
    emergency,
    ever,
    every_member,
    gate,
    having,
    itself,
    keeps_account,
    lacking,
    mine,
    now,
    of_staff,
    on_lines,
    paid_to_person,
    shared,
    some_members,
    spent_directly,
    targets,
    unrestricted,
)

Lines = tuple[tuple[Rows, str], ...]
PLAN: Final = ("support-plan", "outcome")
TOLD: Final = ("plan-narrative", "need", "risk", "needs-assessment", "experience", "hospital-stay")
CHANGES: Final = ("suspension", "funding-change")
LETTERS: Final = ("notice", "discussion")
ESTIMATES: Final = ("indicative-budget", "comparator")
ABOUT_A_PERSON: Final = (
    *("person", "party", "care-team", "case", *PLAN, *TOLD, "agreed-budget", *ESTIMATES, "funder-contribution"),
    *("payment", "expenditure-entry", "evidence", "funder-answer", "payment-arrangement", "direct-payment-agreement"),
    *("employment", "review", "decision", "appeal", *CHANGES, "concern", "transfer", "consent", *LETTERS),
    *("capacity-assessment", "direct-payment-bar"),
)
SHARED: Final[dict[str, Lines]] = {
    "organisation": ((anything, "whole"),),
    "worker": ((anything, "work"),),
    "care-coordinator": ((anything, "whole"),),
    "provenance": ((targets, "whole"),),
}
ALL: Final[Lines] = ((now, "whole"),)
DATED: Final[Lines] = ((dated, "whole"),)


def _each(kinds: tuple[str, ...], lines: Lines) -> dict[str, Lines]:
    return dict.fromkeys(kinds, lines)


def _own_answers(field: str) -> Lines:
    """Own answers whole, those to spending through the gate, of others the outcome."""
    spending = having("claim_type", "phb-expenditure")
    other = lacking("claim_type", "phb-expenditure")
    return (
        (all_of(dated, mine(field), other), "whole"),
        (all_of(dated, gate, mine(field), spending), "whole"),
        (all_of(dated, other), "answer"),
    )


PERSON: Final[dict[str, Lines]] = {
    **_each(ABOUT_A_PERSON, ALL),
    "pool": ((some_members, "own place"),),
    **SHARED,
}
NOMINEE: Final[dict[str, Lines]] = {
    "person": ((now, "named"),),
    "party": ((all_of(now, itself), "whole"),),
    "case": ((now, "case"),),
    "support-plan": ((now, "plan"),),
    "outcome": ((all_of(now, on_lines(direct)), "untold"),),
    "agreed-budget": ((now, "direct lines"),),
    "funder-contribution": ((now, "share named"),),
    "payment": ((all_of(now, mine("payee")), "untold"), (all_of(now, paid_to_person), "untold")),
    "expenditure-entry": ((all_of(now, spent_directly), "untold"),),
    "evidence": ((all_of(now, mine("author")), "whole"),),
    "payment-arrangement": ((all_of(now, having("management_option", "direct-payment")), "untold"),),
    "direct-payment-agreement": ((now, "untold"),),
    "employment": ((all_of(now, mine("employer")), "untold"),),
    "decision": (
        (all_of(now, having("decision_subject", "direct-payment", "nominee", "repayment", "suspension")), "untold"),
    ),
    **_each(CHANGES, ((now, "review"),)),
    **_each(LETTERS, ((all_of(now, mine("recipients")), "untold"),)),
    **SHARED,
}
COORDINATOR: Final[dict[str, Lines]] = {
    **_each(ABOUT_A_PERSON, ALL),
    "expenditure-entry": ((all_of(now, gate), "whole"),),
    "evidence": ((all_of(now, gate), "whole"),),
    "funder-answer": (
        (all_of(now, lacking("claim_type", "phb-expenditure")), "whole"),
        (all_of(now, gate, having("claim_type", "phb-expenditure")), "whole"),
    ),
    "pool": ((every_member, "whole"), (some_members, "pool")),
    **SHARED,
}
FUNDER: Final[dict[str, Lines]] = {  # what both kinds of funder's staff see alike
    "person": ((all_of(now, unrestricted), "whole"), (now, "unaddressed"), (ever, "named")),
    "party": DATED,
    "care-team": DATED,
    "agreed-budget": DATED,
    **_each(ESTIMATES, DATED),
    "payment": ((all_of(dated, mine("insurer_id")), "whole"), (dated, "status")),
    "expenditure-entry": ((all_of(dated, gate), "whole"),),
    "evidence": ((all_of(dated, gate), "whole"),),
    "funder-answer": _own_answers("funder_id"),
    **_each(("decision", "appeal"), ((all_of(dated, of_staff("owner")), "whole"), (dated, "decision"))),
    **_each(CHANGES, DATED),
    **_each(LETTERS, ((all_of(dated, of_staff("sender")), "whole"), (all_of(dated, mine("recipients")), "whole"))),
    "direct-payment-bar": ((dated, "bar"),),
    "payment-list-row": ((mine("issuer"), "whole"),),
    "pool": ((every_member, "whole"), (some_members, "pool")),
    **SHARED,
}
ICB: Final[dict[str, Lines]] = {
    **FUNDER,
    "case": DATED,
    "support-plan": ((dated, "plan"), (emergency, "whole")),
    "outcome": ((all_of(dated, on_lines(lambda *_: True)), "whole"), (emergency, "whole")),
    **_each(TOLD, ((emergency, "whole"),)),
    "funder-contribution": ((all_of(dated, mine("funder")), "whole"), (dated, "share")),
    **_each(("payment-arrangement", "direct-payment-agreement", "employment", "review", "consent", "concern"), DATED),
    "transfer": ((dated, "whole"), (of_staff("owner"), "whole")),
}
COUNCIL: Final[dict[str, Lines]] = {  # what a council did itself stays its own, whatever the days
    **FUNDER,
    **_each(("decision", "appeal"), ((all_of(ever, of_staff("owner")), "whole"), (dated, "decision"))),
    **_each(LETTERS, ((all_of(ever, of_staff("sender")), "whole"), (all_of(dated, mine("recipients")), "whole"))),
    "case": ((dated, "case"),),
    **_each((*PLAN, *TOLD), ((all_of(dated, shared), "whole"), (emergency, "whole"))),
    "funder-contribution": (
        (all_of(dated, mine("funder")), "whole"),
        (all_of(dated, lambda _, record: str(fields(record).funder).startswith("Patient/")), "whole"),
        (dated, "share"),
    ),
    "payment-arrangement": ((dated, "account"),),
    "direct-payment-agreement": ((all_of(dated, mine("body_id")), "whole"),),
    "employment": ((all_of(dated, shared), "whole"),),
    "review": (
        (all_of(ever, of_staff("owner")), "whole"),
        (all_of(dated, shared), "whole"),
        (dated, "review"),
    ),
    "concern": ((all_of(ever, of_staff("requester")), "whole"),),
    "consent": ((all_of(dated, mine("scope_bodies.body")), "whole"),),
}
CARE_SYSTEM: Final[dict[str, Lines]] = {
    **_each(ABOUT_A_PERSON, DATED),
    "person": ((now, "whole"), (ever, "named")),
    **_each(("expenditure-entry", "evidence"), ((all_of(dated, gate), "whole"),)),
    "funder-answer": (
        (all_of(dated, lacking("claim_type", "phb-expenditure")), "whole"),
        (all_of(dated, gate, having("claim_type", "phb-expenditure")), "whole"),
    ),
    "pool": ((every_member, "whole"), (some_members, "pool")),
    **SHARED,
}
PROVIDER: Final[dict[str, Lines]] = {
    "person": ((now, "named"),),
    "case": ((now, "case"),),
    "outcome": ((all_of(dated, on_lines(delivered)), "untold"),),
    "agreed-budget": ((all_of(dated, mine("providers.provider")), "provider lines"),),
    "funder-contribution": ((now, "share named"),),
    "payment": ((mine("provider"), "untold"),),
    "funder-answer": ((mine("requestor"), "answer told"),),
    **_each(LETTERS, ((all_of(dated, mine("recipients")), "untold"),)),
    **SHARED,
}
HOLDER: Final[dict[str, Lines]] = {
    "person": ((now, "named"),),
    "case": ((now, "case"),),
    "support-plan": ((dated, "plan"),),
    "outcome": ((all_of(dated, keeps_account, on_lines(direct)), "untold"),),
    "agreed-budget": ((all_of(dated, keeps_account), "direct lines"),),
    "funder-contribution": ((now, "share named"),),
    "payment": ((all_of(dated, mine("payee")), "untold"),),
    "expenditure-entry": ((all_of(dated, keeps_account, spent_directly), "untold"),),
    "evidence": ((all_of(dated, mine("author")), "whole"),),
    "payment-arrangement": ((mine("owner"), "untold"),),
    **_each(LETTERS, ((all_of(dated, mine("recipients")), "untold"),)),
    **SHARED,
}
AUDITOR: Final[dict[str, Lines]] = {
    "person": ((now, "named"),),
    "case": ((dated, "case"),),
    **_each(("agreed-budget", *ESTIMATES, "funder-contribution", "payment", "expenditure-entry", "evidence"), DATED),
    **_each(("funder-answer", "payment-arrangement", "direct-payment-agreement", "employment"), DATED),
    **_each(("decision", "appeal", *CHANGES), DATED),
    "review": ((dated, "review"),),
    "pool": ((every_member, "whole"),),
    **SHARED,
}
TABLE: Final[dict[str, dict[str, Lines]]] = {
    "person": PERSON,
    "representative": PERSON,
    "nominee": NOMINEE,
    "coordinator": COORDINATOR,
    "care-system": CARE_SYSTEM,
    "icb": ICB,
    "council": COUNCIL,
    "provider": PROVIDER,
    "holder": HOLDER,
    "auditor": AUDITOR,
    "privacy-officer": {"concern": ((dated, "concern"),)},
}
