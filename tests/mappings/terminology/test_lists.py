"""Every list of the domain is here with all its codes. The counts were taken from the domain reference by reading."""

import pytest

from mappings import terminology
from mappings.terminology import LISTS, CodeList
from mappings.terminology.reader import read_sources

WHO_AND_WHY = {
    "phb-eligibility-group": 15,
    "phb-eligibility-route": 2,
    "phb-mha-section": 5,
    "phb-budget-kind": 2,
    "phb-funder-kind": 6,
    "phb-funding-stream": 13,
    "phb-need-type": 6,
    "phb-need-domain": 19,
    "phb-need-met-by": 5,
    "phb-organisation-role": 11,
    "phb-provider-kind": 13,
    "phb-cqc-status": 4,
    "phb-party-role": 22,
    "phb-relationship": 17,
    "phb-capacity-status": 5,
    "phb-consent-subject": 6,
    "phb-dp-person-exclusion": 9,
    "phb-dp-bar": 2,
    "phb-support-offer": 7,
    "phb-accessible-format": 8,
}
NEEDS_AND_PLAN = {
    "phb-assessment-kind": 12,
    "phb-assessment-mode": 4,
    "phb-outcome-kind": 5,
    "phb-plan-section": 16,
    "phb-plan-status": 6,
    "phb-risk-residual": 3,
    "phb-risk-level": 3,
}
MONEY = {
    "phb-management-option": 3,
    "phb-account-kind": 4,
    "phb-contract-party": 2,
    "phb-budget-method": 7,
    "phb-budget-status": 8,
    "phb-line-category": 35,
    "phb-line-frequency": 8,
    "phb-planned-profile": 2,
    "phb-split-method": 4,
    "phb-contingency-funding": 3,
    "phb-contribution-collection": 2,
    "phb-payment-kind": 10,
    "phb-payment-status": 8,
    "phb-invoice-check": 5,
    "phb-expenditure-status": 5,
    "phb-evidence-type": 18,
    "phb-exclusion-category": 13,
}
REVIEW_AND_CHANGE = {
    "phb-case-state": 12,
    "phb-close-reason": 8,
    "phb-review-kind": 12,
    "phb-review-component": 6,
    "phb-review-status": 6,
    "phb-review-outcome": 10,
    "phb-underspend-reason": 10,
    "phb-concern-kind": 10,
    "phb-concern-status": 5,
    "phb-misuse-finding": 5,
    "phb-recovery-reason": 6,
    "phb-stop-reason": 13,
    "phb-suspension-reason": 6,
    "phb-decision-subject": 17,
    "phb-decision-level": 4,
    "phb-decision-outcome": 6,
    "phb-decision-status": 3,
    "phb-appeal-kind": 5,
    "phb-appeal-status": 3,
    "phb-appeal-outcome": 4,
    "phb-notice-kind": 8,
    "phb-discussion-topic": 10,
    "phb-transfer-reason": 5,
    "phb-transfer-status": 6,
    "phb-access-purpose": 9,
    "phb-rule-severity": 2,
}
OF_THE_MAPPING = {
    "phb-record-kind": 42,
    "phb-claim-type": 3,
    "phb-claim-relation": 4,
    "phb-budget-info": 18,
    "phb-plan-kind": 2,
    "phb-line-flag": 2,
    "phb-adjudication": 8,
    "phb-statement-total": 25,
    "phb-change-kind": 3,
    "phb-task-detail": 54,
    "phb-agreement-statement": 8,
}
OF_HL7 = {"goal-achievement": 9, "payee-type": 3, "payment-extent": 2, "process-priority": 3}
COUNTS = WHO_AND_WHY | NEEDS_AND_PLAN | MONEY | REVIEW_AND_CHANGE | OF_THE_MAPPING | OF_HL7


def test_every_list_is_here_with_all_its_codes() -> None:
    assert {name: len(codes) for name, codes in LISTS.items()} == COUNTS


def test_the_rule_numbers_are_no_list_here() -> None:
    assert "phb-rule" not in LISTS


def test_only_hl7s_lists_have_a_foreign_system() -> None:
    assert {name for name, codes in LISTS.items() if not codes.own} == OF_HL7.keys()
    assert LISTS["goal-achievement"].system == "http://terminology.hl7.org/CodeSystem/goal-achievement"


def test_the_open_lists_are_those_with_other() -> None:
    assert {name for name, codes in LISTS.items() if not codes.closed} == {
        "phb-funder-kind",
        "phb-need-domain",
        "phb-provider-kind",
        "phb-relationship",
        "phb-accessible-format",
        "phb-budget-method",
        "phb-evidence-type",
        "phb-close-reason",
        "phb-concern-kind",
        "phb-transfer-reason",
        "payee-type",
    }


@pytest.mark.parametrize("name", LISTS)
def test_every_list_has_a_constant(name: str) -> None:
    constant = name.removeprefix("phb-").upper().replace("-", "_")
    assert getattr(terminology, constant) is LISTS[name]


@pytest.mark.parametrize("codes", LISTS.values(), ids=lambda codes: codes.name)
def test_every_list_says_what_it_is_and_cites_a_known_source(codes: CodeList) -> None:
    keys = tuple(read_sources())
    assert codes.title
    assert codes.definition.endswith(".")
    assert codes.sources
    for source in codes.sources:
        assert any(source == key or source.startswith(f"{key} ") for key in keys), source


def test_the_lists_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        LISTS["phb-colour"] = LISTS["phb-case-state"]  # type: ignore[index]


def test_four_groups_have_the_right_to_a_budget() -> None:
    assert (
        frozenset({"adult-nhs-chc", "child-continuing-care", "section-117-aftercare", "nhs-wheelchair"})
        == terminology.RIGHT_TO_HAVE_GROUPS
    )


def test_four_roles_represent() -> None:
    assert (
        frozenset({"parental-responsibility", "attorney", "deputy", "appointed-representative"})
        == terminology.REPRESENTATIVE_ROLES
    )


def test_friends_and_strangers_are_no_close_family() -> None:
    assert frozenset(terminology.RELATIONSHIP) - terminology.CLOSE_FAMILY == {"friend", "none", "other"}


def test_funders_have_their_default_order() -> None:
    order = {code.code: code.properties["order"] for code in terminology.FUNDER_KIND.codes}
    assert order == {"nhs-icb": 1, "nhs-england": 1, "local-authority": 2, "education": 3, "other": 4, "person": 9}
    assert frozenset({"nhs-icb", "nhs-england", "local-authority", "education"}) == terminology.PUBLIC_FUNDERS


def test_only_adult_social_care_carries_a_client_contribution() -> None:
    assert terminology.FUNDING_STREAM.where("may_carry_client_contribution", value=True) == {"la-adult-social-care"}


def test_every_stream_is_paid_by_a_kind_of_funder() -> None:
    assert {stream.properties["funder_kind"] for stream in terminology.FUNDING_STREAM.codes} <= set(
        terminology.FUNDER_KIND
    )
    assert {stream for stream in terminology.FUNDING_STREAM if stream.startswith("nhs-")} == terminology.NHS_STREAMS


def test_payments_go_out_come_in_or_move_nothing() -> None:
    kinds = terminology.PAYMENT_KIND
    assert kinds.where("direction", "in") == {"client-contribution", "recovery"}
    assert kinds.where("direction", "none") == {"adjustment-offset"}
    assert len(kinds.where("direction", "out")) == 7


def test_exclusions_are_services_or_spending() -> None:
    kinds = terminology.EXCLUSION_CATEGORY
    assert (len(kinds.where("kind", "service")), len(kinds.where("kind", "spend"))) == (8, 5)


def test_three_reasons_oblige_to_stop_a_direct_payment() -> None:
    assert len(terminology.STOP_REASON.where("duty", "must")) == 3
    assert len(terminology.STOP_REASON.where("duty", "may")) == 10


def test_the_states_of_a_case_follow_the_six_steps() -> None:
    steps = [code.properties.get("step") for code in terminology.CASE_STATE.codes]
    assert steps == [1, 2, 3, 4, 4, 5, 6, 6, 6, 6, None, None]


def test_five_statements_are_the_bodys_and_three_the_persons() -> None:
    statements = terminology.AGREEMENT_STATEMENT
    assert (len(statements.where("stated_by", "icb")), len(statements.where("stated_by", "person"))) == (5, 3)


def test_management_options_know_their_data_dictionary_code() -> None:
    options = terminology.MANAGEMENT_OPTION
    assert [options.property_of(option, "nhs_data_dictionary") for option in options] == ["02", "03", "01"]
