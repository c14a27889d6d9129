"""What follows for reviews: the first after the first payment, the next after the last, and what one changes."""

from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.case_file import Filed, Written
from fhir_gateway.phb.effects import EFFECTS
from fhir_gateway.phb.effects.effect import Consequence
from fhir_gateway.phb.records import made
from mappings.care_plan import SupportPlan
from mappings.claim_response import FunderAnswer
from mappings.decision import Decision
from mappings.goal import Outcome
from mappings.review import GoalUpdate, Review
from tests.fhir_gateway.phb.reviewed import (
    COORDINATOR,
    COUNCIL,
    EDUCATION,
    FIRST_DUE,
    FULL,
    NHS,
    PAID,
    PERSON,
    Share,
    budget,
    case,
    coverage,
    held,
    money,
    payment,
    payment_record,
    scheduled,
)
from tests.fhir_gateway.phb.shelf import TODAY, broken, case_file, filed

PAY = f"pay-{NHS[0]}-{PAID}"


def following(*written: Filed[Any], standing: tuple[Filed[Any], ...] = (), previous: Any = None) -> list[Consequence]:
    """What follows when these are written in one transaction beside what stands."""
    names = {(one.type, one.id) for one in written}
    others = [one for one in standing if (one.type, one.id) not in names]
    file = case_file(*others, *written)
    events = [Written(one.type, one.id, 1, one.record, previous) for one in written]
    return [
        made_of
        for one in events
        for effect in EFFECTS
        if isinstance(one.record, effect.on)
        for made_of in effect.follow(one, file)
        if made_of.rule in {"R116", "R117", "R119", "R121", "R126", "R128", "R129"}
    ]


def reviews(found: list[Consequence]) -> list[Review]:
    return [one.record for one in found if isinstance(one.record, Review)]


def standing_for(*shares: Share) -> tuple[Filed[Any], ...]:
    """The money before anything was paid."""
    return case(), budget(*shares), *(coverage(stream) for stream, _ in shares)


# --- the first review -------------------------------------------------------------------------------


def test_the_first_payment_puts_the_first_review_in_the_diary() -> None:
    (found,) = following(payment(NHS[0]), standing=standing_for(NHS))
    review = found.record
    assert (found.rule, found.id) == ("R116", "")
    assert str(FIRST_DUE) in found.why
    assert isinstance(review, Review)
    assert (review.review_kind, review.review_status, review.status) == (
        "initial-three-month",
        "scheduled",
        "requested",
    )
    assert (review.respond_by, review.requested_on) == (FIRST_DUE, TODAY)
    assert (review.owner, review.participants) == (COORDINATOR, (PERSON, COORDINATOR))
    assert [one.component for one in review.inputs] == list(FULL)
    assert review.about == "CarePlan/plan"


def test_the_review_that_is_made_keeps_the_rules() -> None:
    standing = (*standing_for(NHS, COUNCIL), payment(NHS[0]))
    (review,) = reviews(following(payment(NHS[0]), standing=standing))
    assert broken(review, *standing) == set()


def test_a_funders_answer_that_says_paid_does_the_same() -> None:
    due = payment(NHS[0], payment_status="authorised", paid_on=None)
    answer = filed(
        made(
            FunderAnswer,
            person_id="pat",
            status="active",
            claim_type="phb-payment",
            use="claim",
            outcome="complete",
            claim_id=due.id,
            paid_on=PAID,
        ),
        "answer",
    )
    assert [one.respond_by for one in reviews(following(answer, standing=(*standing_for(NHS), due)))] == [FIRST_DUE]
    together = following(due, answer, standing=standing_for(NHS))
    assert [one.respond_by for one in reviews(together)] == [FIRST_DUE]


def test_one_review_follows_from_many_payments_and_does_the_duties_of_all_funders() -> None:
    made_of = following(
        payment(COUNCIL[0]),
        payment(EDUCATION[0]),
        payment(NHS[0]),
        payment(NHS[0], date(2025, 5, 1)),
        standing=standing_for(NHS, COUNCIL, EDUCATION),
    )
    (review,) = reviews(made_of)
    assert review.respond_by == FIRST_DUE
    assert [(one.discharges, one.for_body) for one in review.inputs if one.discharges] == [
        ("statutory-la", "Organization/council"),
        ("statutory-ehc", "Organization/school-office"),
    ]


def test_a_council_alone_reviews_after_six_months_in_its_own_kind() -> None:
    (review,) = reviews(following(payment(COUNCIL[0]), standing=standing_for(COUNCIL)))
    assert (review.review_kind, review.respond_by) == ("statutory-la", date(2025, 10, 1))
    assert not any(one.discharges for one in review.inputs)


def test_an_earlier_day_in_the_plan_counts() -> None:
    plan = filed(made(SupportPlan, person_id="pat", status="active", dp_first_review_due=date(2025, 6, 1)), "plan")
    (review,) = reviews(following(payment(NHS[0]), standing=(*standing_for(NHS), plan)))
    assert review.respond_by == date(2025, 6, 1)


def test_money_set_aside_is_looked_at_in_the_review() -> None:
    first, *rest = standing_for(NHS, ("nhs-other", "third-party"))
    (review,) = reviews(following(payment(NHS[0]), standing=(first, *rest)))
    assert [one.component for one in review.inputs] == [*FULL, "third-party-audit"]


@pytest.mark.parametrize(
    "standing",
    [
        (*standing_for(NHS), filed(scheduled(), "first")),
        (*standing_for(NHS), filed(held(), "first")),
        (*standing_for(NHS), payment(NHS[0], date(2025, 3, 15))),
        (case(), budget(NHS, budget_kind="one-off"), coverage(NHS[0])),
        (case(), budget(NHS, budget_status="draft"), coverage(NHS[0])),
        (case(state="ended", status="finished"), *standing_for(NHS)[1:]),
        (),
    ],
    ids=["in the diary", "held", "not the first", "one-off", "no budget in force", "case closed", "nothing known"],
)
def test_no_review_follows_where_there_is_one_or_none_is_due(standing: tuple[Filed[Any], ...]) -> None:
    assert following(payment(NHS[0]), standing=standing) == []


@pytest.mark.parametrize(
    "known",
    [
        {"payment_status": "scheduled", "paid_on": None},
        {"payment_status": "failed"},
        {"payment_status": "cancelled"},
        {"payment_kind": "recovery"},
        {"payment_kind": "invoice", "payee": "Organization/firm"},
    ],
)
def test_no_review_follows_from_money_that_did_not_go_to_the_person(known: dict[str, Any]) -> None:
    assert following(payment(NHS[0], **known), standing=standing_for(NHS)) == []


def test_no_review_follows_from_a_later_change_of_the_payment() -> None:
    before = payment_record(NHS[0])
    assert following(payment(NHS[0], created=PAID), standing=standing_for(NHS), previous=before) == []


# --- the next review --------------------------------------------------------------------------------


def test_completing_a_review_puts_the_next_one_in_the_diary() -> None:
    (found,) = following(filed(held(about="CarePlan/plan")), standing=money(NHS))
    review = found.record
    assert isinstance(review, Review)
    assert (found.rule, review.review_kind, review.respond_by) == ("R129", "annual", date(2025, 9, 1))
    assert (review.participants, review.about, review.owner) == ((PERSON, COORDINATOR), "CarePlan/plan", COORDINATOR)
    assert broken(review, *money(NHS), filed(held(), "first")) == set()


@pytest.mark.parametrize(
    "known",
    [{"review_kind": "interim", "respond_by": date(2025, 9, 2)}, {"review_kind": "requested-by-person"}],
)
def test_an_extra_review_does_not_stand_for_the_next_one(known: dict[str, Any]) -> None:
    extra = filed(scheduled(**known), "extra")
    assert len(reviews(following(filed(held()), standing=(*money(NHS), extra)))) == 1


@pytest.mark.parametrize(
    ("record", "standing", "previous"),
    [
        (held(next_due_on=None), money(NHS), None),
        (held(), (), None),
        (held(), (case(state="ended", status="finished"),), None),
        (held(), money(NHS), held()),
        (held(), (*money(NHS), filed(scheduled(review_kind="annual"), "next")), None),
        (held(), (*money(NHS), filed(scheduled(review_kind="interim", respond_by=date(2025, 9, 1)), "extra")), None),
        (held(), (*money(NHS), filed(held(ended_on=date(2025, 5, 30)), "later")), None),
        (scheduled(), money(NHS), None),
    ],
    ids=[
        "no day",
        "no case",
        "closed",
        "was completed",
        "in the diary",
        "an extra one",
        "not the last",
        "not completed",
    ],
)
def test_no_next_review_follows(record: Review, standing: tuple[Filed[Any], ...], previous: Review | None) -> None:
    assert reviews(following(filed(record), standing=standing, previous=previous)) == []


# --- what a review changes --------------------------------------------------------------------------


def goal(**known: Any) -> Filed[Outcome]:
    usual: dict[str, Any] = {"kind": "wellbeing", "lifecycle": "active", "achievement": "in-progress"}
    return filed(made(Outcome, **{"person_id": "pat"} | usual | known), "swim")


def spoken(achievement: str | None = "achieved", **known: Any) -> Review:
    return held(goal_updates=(GoalUpdate(outcome="swim", achievement=achievement),), **known)


def test_a_completed_review_changes_the_outcomes_it_speaks_of() -> None:
    (found,) = following(filed(spoken()), standing=(goal(statement="I swim"),))
    assert (found.id, found.record.achievement, found.record.achievement_on) == ("swim", "achieved", date(2025, 5, 22))
    assert found.record.statement == "I swim"


@pytest.mark.parametrize(
    ("record", "known", "previous"),
    [
        (spoken(), {"achievement": "achieved"}, None),
        (spoken(), {"achievement_on": date(2025, 5, 23)}, None),
        (spoken(), {"person_id": "somebody-else"}, None),
        (spoken(None), {}, None),
        (spoken(), {}, spoken()),
        (spoken(status="in-progress", review_status="in-progress"), {}, None),
    ],
    ids=["says so already", "changed since", "another person's", "no word", "said before", "not completed"],
)
def test_an_outcome_stays_as_it_is(record: Review, known: dict[str, Any], previous: Review | None) -> None:
    assert following(filed(record), standing=(goal(**known),), previous=previous) == []


def test_an_outcome_not_known_here_stays_unknown() -> None:
    assert following(filed(spoken())) == []


def test_of_two_reviews_the_later_one_has_the_last_word() -> None:
    earlier, later = filed(spoken("improving"), "a"), filed(spoken("achieved", ended_on=date(2025, 5, 30)), "b")
    (found,) = following(earlier, later, standing=(goal(),))
    assert found.record.achievement == "achieved"


# --- requests ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "number"), [("requested-by-person", "R121"), ("health-change", "R128")])
def test_a_request_for_a_review_asks_for_a_decision(kind: str, number: str) -> None:
    asked = filed(scheduled(review_kind=kind, requested_on=date(2025, 5, 30), respond_by=None), "asked")
    (found,) = following(asked, standing=(case(),))
    decision = found.record
    assert isinstance(decision, Decision)
    assert (found.rule, decision.decision_subject, decision.decision_status) == (number, "review-request", "requested")
    assert (decision.about, decision.owner, decision.requester) == ("Task/asked", COORDINATOR, PERSON)
    assert (decision.requested_on, decision.respond_by) == (date(2025, 5, 30), date(2025, 6, 27))
    assert broken(decision, case(), asked) == set()


@pytest.mark.parametrize(
    "record",
    [
        scheduled(),
        scheduled(review_kind="requested-by-person", review_status="cancelled"),
        scheduled(review_kind="requested-by-person", status="draft"),
    ],
)
def test_other_reviews_ask_for_none(record: Review) -> None:
    assert following(filed(record), standing=(case(),)) == []


def test_a_request_asks_once() -> None:
    asked = filed(scheduled(review_kind="requested-by-person"), "asked")
    (first,) = following(asked, standing=(case(),))
    assert following(asked, standing=(case(), filed(first.record, "decision"))) == []
    assert following(asked, standing=(case(),), previous=asked.record) == []
