"""Group A: each rule is broken alone, and kept."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case.eligibility import right_to_have
from fhir_gateway.phb.rules.catalogue import CATALOGUE
from mappings import episode_of_care, patient
from mappings.claim_response import FunderAnswer
from mappings.episode_of_care import Delegation
from mappings.lens.errors import Unprocessable
from mappings.namespaces import extension_url
from mappings.terminology import ELIGIBILITY_GROUP
from tests.fhir_gateway.phb.people_paid import (
    body,
    breaks,
    council,
    decision,
    icb,
    role,
    share,
    the_case,
)
from tests.fhir_gateway.phb.shelf import PERSON, broken, filed

NHS_SHARE = filed(share("nhs-other", "icb"), "nhs")
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"


def delegation(**known: Any) -> Delegation:
    usual: dict[str, Any] = {"delegate": "unit", "functions": "all", "start": date(2025, 1, 1)}
    return made(Delegation, **usual | known)


def patient_tree(number: str) -> dict[str, Any]:
    return {"resourceType": "Patient", "identifier": [{"system": NHS_NUMBER, "value": number}]}


# --- R1 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["9990000019", "999000001", "99900000188", "99900O0018"])
def test_r1_breaks_for_a_number_with_a_fault(number: str) -> None:
    with pytest.raises(Unprocessable, match="check digit"):
        patient.TYPE.derive(patient_tree(number))


def test_r1_holds_for_a_number_in_order_and_for_none() -> None:
    kind, record = patient.TYPE.derive(patient_tree("9990000018"))
    assert (kind, record.nhs_number) == ("person", "9990000018")
    assert broken(record) == set()
    assert patient.TYPE.derive({"resourceType": "Patient"})[1].nhs_number is None
    assert CATALOGUE["R1"].place == "mapping"


# --- R2 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "standing"),
    [
        ({"responsible_body": None}, ()),
        ({"responsible_body": "council"}, (council(),)),
        ({"responsible_body": "nowhere"}, ()),
        ({}, (icb(ods_code=None),)),
        ({}, (icb(funder_kind=None),)),
    ],
)
def test_r2_breaks_when_nhs_money_has_no_nhs_body_behind_it(known: dict[str, Any], standing: tuple[Any, ...]) -> None:
    assert breaks(the_case(**known), NHS_SHARE, *standing) == {"R2"}


@pytest.mark.parametrize("kind", ["nhs-icb", "nhs-england"])
def test_r2_holds_for_an_nhs_body_with_its_code(kind: str) -> None:
    assert breaks(the_case(), NHS_SHARE, icb(funder_kind=kind)) == set()


def test_r2_holds_without_nhs_money_and_for_a_closed_case() -> None:
    assert (
        breaks(the_case(responsible_body="council"), council(), filed(share("la-adult-social-care", "council")))
        == set()
    )
    assert breaks(the_case(responsible_body=None, state="not-proceeding"), NHS_SHARE) == set()
    assert breaks(the_case(responsible_body=None), filed(share("nhs-other", "icb", status="draft"))) == set()


def test_r2_breaks_for_nhs_money_that_comes_into_a_case_without_a_body() -> None:
    assert breaks(share("nhs-chc", "icb"), filed(the_case(responsible_body=None), "case")) == {"R2"}
    assert breaks(share("nhs-chc", "icb"), filed(the_case(), "case"), icb()) == set()
    assert breaks(share("nhs-chc", "icb")) == set()
    assert breaks(share("nhs-chc", "icb", status="draft"), filed(the_case(responsible_body=None), "case")) == set()


def test_r2_accepts_an_unrelated_change_of_an_old_case() -> None:
    old = the_case(responsible_body=None)
    assert breaks(replace(old, support_offered=("advocacy",)), NHS_SHARE, previous=old) == set()


# --- R3 ---------------------------------------------------------------------------------------------


def test_r3_breaks_when_the_delegate_is_the_responsible_body() -> None:
    assert breaks(the_case(delegations=(delegation(delegate="icb"),)), icb()) == {"R3"}


def test_r3_breaks_when_a_delegate_moves_into_the_responsible_bodys_place() -> None:
    before = the_case(delegations=(delegation(delegate="unit"),))
    after = replace(before, responsible_body="unit", delegations=())
    assert breaks(after, icb(), body("unit"), previous=before) == {"R3"}


def test_r3_breaks_for_a_body_that_only_acts_for_others() -> None:
    assert breaks(the_case(responsible_body="unit"), body("unit", roles=("delegate",))) == {"R3"}
    assert breaks(the_case(responsible_body="unit"), body("unit", roles=("delegate", "responsible-body"))) == set()


def test_r3_holds_when_a_delegation_leaves_the_responsible_body_alone() -> None:
    before = the_case()
    assert breaks(replace(before, delegations=(delegation(),)), icb(), previous=before) == set()
    assert breaks(the_case(responsible_body=None, delegations=(delegation(delegate=None),))) == set()


# --- R4 ---------------------------------------------------------------------------------------------

UNIT = (role("decider", "unit"), body("unit", roles=("delegate",)), icb())


def decided_by_unit(*delegations: Delegation) -> set[str]:
    case = filed(the_case(delegations=delegations), "case")
    return breaks(decision("family-payment"), case, *UNIT)


@pytest.mark.parametrize(
    "known",
    [
        {"end": date(2025, 2, 9)},
        {"start": date(2025, 2, 11)},
        {"functions": "transfer, review-request"},
        {"functions": None},
        {"functions": "smallish things"},
        {"delegate": "council"},
    ],
)
def test_r4_breaks_when_a_delegate_decides_beyond_its_delegation(known: dict[str, Any]) -> None:
    assert decided_by_unit(delegation(**known)) == {"R4"}


def test_r4_breaks_for_a_delegate_without_any_delegation() -> None:
    assert decided_by_unit() == {"R4"}


@pytest.mark.parametrize(
    "functions", ["all", "All decisions", "nominee, family-payment", "Family payment and transfer"]
)
def test_r4_holds_for_a_delegation_that_covers_the_subject_that_day(functions: str) -> None:
    assert decided_by_unit(delegation(functions=functions, end=date(2025, 2, 10))) == set()


@pytest.mark.parametrize("organisation", ["icb", "council", "elsewhere"])
def test_r4_holds_for_a_body_that_decides_for_itself(organisation: str) -> None:
    standing = (filed(the_case(), "case"), icb(), council(roles=("funder", "delegate")))
    paying = filed(share("la-adult-social-care", "council"), "share")
    assert breaks(decision("family-payment"), role("decider", organisation), paying, *standing) == set()


def test_r4_holds_while_nothing_is_decided() -> None:
    assert breaks(decision("family-payment", outcome=None), filed(the_case(), "case"), *UNIT) == set()


def test_r4_breaks_when_the_delegate_stands_on_the_answer() -> None:
    answer = made(
        FunderAnswer,
        person_id=PERSON,
        status="active",
        claim_type="phb-budget",
        use="preauthorization",
        outcome="complete",
        funder_id="unit",
    )
    case = filed(the_case(delegations=(delegation(),)), "case")
    assert breaks(answer, case, *UNIT) == {"R4"}
    assert breaks(replace(answer, funder_id="icb"), case, *UNIT) == set()
    assert breaks(replace(answer, disposition="Approved"), case, *UNIT, previous=answer) == set()


# --- R5 ---------------------------------------------------------------------------------------------

RIGHT = {"adult-nhs-chc", "child-continuing-care", "section-117-aftercare", "nhs-wheelchair"}


@pytest.mark.parametrize("group", [*ELIGIBILITY_GROUP, None])
def test_r5_holds_the_right_follows_from_the_group_alone(group: str | None) -> None:
    assert right_to_have(group) is (group in RIGHT)


def test_r5_breaks_nothing_when_a_client_writes_the_right_since_nothing_reads_it() -> None:
    tree = episode_of_care.MAPPING.to_fhir(the_case(), {"resourceType": "EpisodeOfCare"})
    claimed = {
        **tree,
        "extension": [*tree["extension"], {"url": extension_url("phb-right-to-have"), "valueBoolean": True}],
    }
    assert episode_of_care.TYPE.derive(claimed) == episode_of_care.TYPE.derive(tree)
    assert not right_to_have(episode_of_care.TYPE.derive(claimed)[1].group)
    assert CATALOGUE["R5"].place == "mapping"
