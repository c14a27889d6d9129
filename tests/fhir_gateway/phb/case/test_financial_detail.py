"""What opens the financial detail of a case on a day (R134)."""

from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case.financial_detail import opened_by
from mappings.change import Concern
from mappings.review import Review
from tests.fhir_gateway.phb.shelf import TODAY, case_file, filed


def review(**known: Any) -> Review:
    usual: dict[str, Any] = {"status": "in-progress", "review_status": "in-progress"}
    return made(Review, person_id="pat", intent="order", review_kind="annual", **usual | known)


def concern(**known: Any) -> Concern:
    usual: dict[str, Any] = {
        "coordinator_asked_on": TODAY,
        "person_informed_on": TODAY,
        "concern_status": "looked-into",
    }
    return made(
        Concern, person_id="pat", status="in-progress", intent="order", concern_kind="overspend", **usual | known
    )


def test_r134_holds_while_a_review_or_an_informed_concern_is_open() -> None:
    for record in (review(), concern(), concern(concern_status="person-informed")):
        found = opened_by(case_file(filed(record)))
        assert found is not None
        assert found.record == record


@pytest.mark.parametrize(
    "record",
    [
        review(review_status="scheduled"),
        review(review_status="completed"),
        review(status="entered-in-error"),
        concern(person_informed_on=None),
        concern(coordinator_asked_on=None),
        concern(concern_status="closed"),
    ],
)
def test_r134_breaks_when_nothing_has_opened_the_detail(record: Review | Concern) -> None:
    assert opened_by(case_file(filed(record))) is None
