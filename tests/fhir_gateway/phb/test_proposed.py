"""Records as if they were written: in place of what stands, beside it, or not there at all."""

from dataclasses import replace

from fhir_gateway.phb.proposed import Proposed
from mappings.payment import Payment
from tests.fhir_gateway.phb.shelf import PERSON, Shelf, filed
from tests.fhir_gateway.submitted_world import bill

ONE = filed(bill(1), "a")
TWO = filed(bill(2), "b")


def totals(source: Proposed) -> list[int | None]:
    by_person = [one.record.total_pence for one in source.of_person(Payment, PERSON)]
    assert [one.record.total_pence for one in source.where(Payment, "pays_against_id", "budget")] == by_person
    return by_person


def test_what_stands_is_seen_through() -> None:
    source = Proposed(Shelf([TWO, ONE]))
    assert totals(source) == [1, 2]
    assert source.named("Claim", "a") == ONE


def test_a_record_takes_the_place_of_the_one_with_its_id() -> None:
    source = Proposed(Shelf([ONE, TWO]), [filed(bill(7), "b")])
    assert totals(source) == [1, 7]
    found = source.named("Claim", "b")
    assert found is not None
    assert found.record.total_pence == 7


def test_a_new_record_stands_beside_the_others() -> None:
    assert totals(Proposed(Shelf([TWO]), [filed(bill(3), "c")])) == [2, 3]


def test_what_is_left_out_is_not_found() -> None:
    source = Proposed(Shelf([ONE, TWO]), gone=[("Claim", "a")])
    assert totals(source) == [2]
    assert source.named("Claim", "a") is None


def test_records_of_other_people_stay_theirs() -> None:
    other = filed(replace(bill(9), person_id="other", pays_against_id="elsewhere"), "c")
    assert totals(Proposed(Shelf([ONE]), [other])) == [1]
