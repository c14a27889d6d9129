"""Second looks: which decision they are about, whether they are open, and whether they were asked for before.

Source: domain.md 2.6 (Appeal), 5.3; rules R148 to R151.
"""

from datetime import date
from typing import Final

from fhir_gateway.phb.case_file import WITHDRAWN, CaseFile, Filed
from fhir_gateway.phb.periods import months_after
from mappings.decision import Appeal, Decision

RECONSIDERATION: Final = "reconsideration"
OVER: Final = frozenset({"completed", "rejected", "failed", "cancelled"})
NEVER_LODGED: Final = frozenset({"draft", WITHDRAWN})


def is_closed(appeal: Appeal) -> bool:
    """Whether it has come to an end, whatever the end."""
    return appeal.status not in NEVER_LODGED and (appeal.appeal_status == "closed" or appeal.status in OVER)


def is_open(appeal: Appeal) -> bool:
    """Whether it was asked for and has not ended."""
    return appeal.status not in NEVER_LODGED and not is_closed(appeal)


def decision_against(case: CaseFile, appeal: Appeal) -> Filed[Decision] | None:
    """The decision it asks to look at again."""
    found = (case.filed(reference) for reference in appeal.based_on)
    return next((one for one in found if one is not None and isinstance(one.record, Decision)), None)


def asked_before(case: CaseFile, appeal: Filed[Appeal], months: int) -> Filed[Appeal] | None:
    """An earlier reconsideration of the same decision, asked for so many months before or less."""
    asked_on = appeal.record.requested_on
    if appeal.record.appeal_kind != RECONSIDERATION or asked_on is None or not appeal.record.based_on:
        return None
    others = (one for one in case.all(Appeal) if one.id != appeal.id and _same_decision(one.record, appeal.record))
    return next((one for one in others if _shortly_before(one.record.requested_on, asked_on, months)), None)


def _same_decision(one: Appeal, other: Appeal) -> bool:
    lodged = one.appeal_kind == RECONSIDERATION and one.status not in NEVER_LODGED
    return lodged and not set(one.based_on).isdisjoint(other.based_on)


def _shortly_before(earlier: date | None, later: date, months: int) -> bool:
    return earlier is not None and earlier < later <= months_after(earlier, months)


def repayment_looked_at_again(case: CaseFile, recovery: str | None = None) -> bool:
    """Whether a repayment is being reconsidered; of one recovery (`Claim/x`), or of any for None.

    A decision that names no Claim stands for every repayment of the person.
    """
    open_ones = (one.record for one in case.all(Appeal) if one.record.appeal_kind == RECONSIDERATION)
    return any(_of_repayment(case, one, recovery) for one in open_ones if is_open(one))


def _of_repayment(case: CaseFile, appeal: Appeal, recovery: str | None) -> bool:
    decision = decision_against(case, appeal)
    if decision is None or decision.record.decision_subject != "repayment":
        return False
    claims = {one for one in (appeal.about, decision.record.about) if (one or "").startswith("Claim/")}
    return recovery is None or not claims or recovery in claims
