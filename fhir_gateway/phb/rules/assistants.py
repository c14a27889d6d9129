"""Personal assistants: what an employer must know before the first one starts, and equal pay for the same worker.

Source: domain.md section 4 F (R71, R72), 2.3 (Employment).
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case.arrangements import SIGNED
from fhir_gateway.phb.case.days import meet
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.contract import DirectPaymentAgreement
from mappings.employment import Employment

EMPLOYERS: Final = ("Patient/", "RelatedPerson/")


@rule("R71", on=Employment)
def duties_explained_before_the_first_start(new: Written[Employment], case: CaseFile) -> Iterator[Finding]:
    """Before a signed employment by the person, or somebody for them, the employer's duties were explained."""
    record = new.record
    if record.status not in SIGNED or not (record.employer or "").startswith(EMPLOYERS):
        return
    if not any(new.changed(one) for one in ("status", "start", "employer")):
        return
    told = [one.record.employer_duties_explained_on for one in case.all(DirectPaymentAgreement)]
    by = record.start or case.today
    if not any(one is not None and one <= by for one in told):
        says = f"the employer's duties must have been explained by {by}; record the day in the direct payment agreement"
        yield Finding(says, "applies")


@rule("R72", on=Employment)
def one_rate_whoever_pays(new: Written[Employment], case: CaseFile) -> Iterator[Finding]:
    """The same worker has the same hourly rate under every funder at the same time."""
    record = new.record
    if record.hourly_rate_pence is None or record.employee is None or record.status not in SIGNED:
        return
    if any(_differs(record, one.record) for one in case.all(Employment) if one.id != new.id):
        yield Finding("the same assistant has another hourly rate under another funder at the same time", "extension")


def _differs(one: Employment, other: Employment) -> bool:
    if other.status not in SIGNED or other.employee != one.employee or other.stream == one.stream:
        return False
    if other.hourly_rate_pence in {None, one.hourly_rate_pence}:
        return False
    return meet((one.start, one.end), (other.start, other.end))
