"""Audits of third-party holders: R133."""

from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.case_file import Filed
from fhir_gateway.phb.records import made
from mappings.account import PaymentArrangement
from mappings.organization import Organisation
from tests.fhir_gateway.phb.reviewed import case_record
from tests.fhir_gateway.phb.shelf import TODAY, filed, warned

PASSED = date(2025, 5, 31)


def holder(due: date | None) -> Filed[Organisation]:
    return filed(made(Organisation, next_audit_due=due), "holder")


def arrangement(**known: Any) -> PaymentArrangement:
    usual: dict[str, Any] = {"status": "active", "management_option": "third-party", "owner": "holder"}
    return made(PaymentArrangement, person_id="pat", **usual | known)


def flagged(due: date | None, *, state: str = "active", **known: Any) -> set[str]:
    """What the case and the arrangement are warned of, as far as it is R133; the two agree."""
    money = arrangement(**known)
    status = "finished" if state == "ended" else "active"
    of_case = warned(case_record(state=state, status=status), holder(due), filed(money, "money"), id="case") & {"R133"}
    if state != "ended":
        assert of_case == warned(money, holder(due), id="money") & {"R133"}
    return of_case


def test_r133_warns_on_every_case_of_a_holder_whose_audit_is_overdue() -> None:
    assert flagged(PASSED) == {"R133"}


def test_r133_warns_by_the_arrangement_where_the_holder_has_no_day() -> None:
    assert flagged(None, audit_due=PASSED) == {"R133"}
    assert flagged(TODAY, audit_due=PASSED) == set()


@pytest.mark.parametrize(
    "known", [{"management_option": "notional"}, {"status": "inactive"}, {"owner": "somebody-else"}, {"owner": None}]
)
def test_r133_holds_for_other_holders_and_arrangements_that_ended(known: dict[str, Any]) -> None:
    assert flagged(PASSED, **known) == set()


def test_r133_holds_on_the_day_and_for_a_closed_case() -> None:
    assert flagged(TODAY) == set()
    assert flagged(None) == set()
    assert flagged(PASSED, state="ended") == set()
