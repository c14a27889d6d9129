"""What is taken for an arrangement, a pool, an assessment, a stay, an employment or a provenance, and what is not."""

from dataclasses import replace
from typing import Any

import jiter
import pytest

from mappings import account, contract, encounter, experience, group, observation, practitioner_role, provenance
from mappings.lens.errors import Issue, Unprocessable
from mappings.lens.mapping import ResourceType
from mappings.namespaces import code_system
from mappings.registry import TYPES
from mappings.terminology import ASSESSMENT_KIND, CONSENT_SUBJECT, MANAGEMENT_OPTION, RECORD_KIND
from tests.golden.pairs import Pair

MARKED = [
    (account.TYPE, "Account/minimal", "type"),
    (group.TYPE, "Group/minimal", "code"),
    (observation.TYPE, "Observation/capacity-assessment-minimal", "code"),
    (observation.TYPE, "Observation/direct-payment-bar-minimal", "code"),
    (observation.TYPE, "Observation/needs-assessment-minimal", "code"),
    (observation.TYPE, "Observation/comparator-minimal", "code"),
    (observation.TYPE, "Observation/experience-minimal", "code"),
    (encounter.TYPE, "Encounter/minimal", "class"),
    (contract.TYPE, "Contract/employment-minimal", "type"),
]
OBSERVED = {
    "capacity-assessment": CONSENT_SUBJECT.coding("act-as-nominee"),
    "needs-assessment": ASSESSMENT_KIND.coding("chc-checklist"),
    "direct-payment-bar": RECORD_KIND.coding("direct-payment-bar"),
    "comparator": RECORD_KIND.coding("comparator"),
    "experience": RECORD_KIND.coding("experience"),
}


def refusals(kind: ResourceType, tree: dict[str, Any]) -> list[tuple[str, str, str]]:
    with pytest.raises(Unprocessable) as refusal:
        kind.derive(tree)
    return [(one.code, one.expression, one.details) for one in refusal.value.issues]


def seen(coding: dict[str, str]) -> dict[str, Any]:
    """An Observation of one code."""
    subject = {"reference": "Patient/janice"}
    return {"resourceType": "Observation", "status": "final", "code": {"coding": [coding]}, "subject": subject}


@pytest.mark.parametrize(("kind", "name", "mark"), MARKED, ids=[name for _, name, _ in MARKED])
def test_a_resource_without_the_mark_is_not_ours(kind: ResourceType, name: str, mark: str) -> None:
    tree = Pair(name).tree
    assert kind.derive(tree)[0] != ""
    assert kind.derive({key: value for key, value in tree.items() if key != mark}) == ("", None)


@pytest.mark.parametrize("kind", OBSERVED)
def test_the_code_of_an_observation_tells_its_kind(kind: str) -> None:
    assert observation.TYPE.derive(seen(OBSERVED[kind]))[0] == kind


def test_a_blood_pressure_is_no_record_of_a_budget() -> None:
    assert observation.TYPE.derive(seen({"system": "http://loinc.org", "code": "85354-9"})) == ("", None)


@pytest.mark.parametrize("list_", [CONSENT_SUBJECT, ASSESSMENT_KIND, RECORD_KIND], ids=lambda one: one.name)
def test_an_observation_of_an_unknown_code_of_ours_is_refused_and_not_taken_for_anothers(list_: Any) -> None:
    assert refusals(observation.TYPE, seen({"system": list_.system, "code": "tea-leaves"})) == [
        ("code-invalid", "Observation.code", "R160")
    ]


def test_a_bar_says_whether_the_person_is_barred() -> None:
    bar = Pair("Observation/direct-payment-bar-full").record
    assert not bar.barred
    barred = seen(OBSERVED["direct-payment-bar"]) | {
        "valueCodeableConcept": {"coding": [{"system": code_system("phb-dp-bar"), "code": "barred"}]}
    }
    assert observation.TYPE.derive(barred)[1].barred


@pytest.mark.parametrize(
    "quantity",
    [
        {"value": 1, "code": "EUR"},
        {"value": 1, "unit": "USD"},
        {"value": jiter.LosslessFloat(b"1.005")},
        {"unit": "GBP"},
    ],
    ids=["euro", "dollar", "fraction", "nothing"],
)
def test_a_comparator_that_is_no_sum_in_pounds_and_pence_is_refused(quantity: dict[str, Any]) -> None:
    tree = seen(OBSERVED["comparator"]) | {"valueQuantity": quantity}
    assert [place for _, place, _ in refusals(observation.TYPE, tree)] == ["Observation.valueQuantity"]


def test_a_comparator_is_exact_to_the_penny() -> None:
    tree = seen(OBSERVED["comparator"]) | {"valueQuantity": {"id": "sum", "value": 34000, "unit": "GBP"}}
    record = observation.TYPE.derive(tree)[1]
    assert record.standard_package_pence == 3400000
    assert experience.COMPARATOR.to_fhir(record, onto=tree) is tree
    less = experience.COMPARATOR.to_fhir(replace(record, standard_package_pence=99), onto=tree)["valueQuantity"]
    assert (bytes(less["value"]), less["code"], less["id"]) == (b"0.99", "GBP", "sum")


def test_a_visit_to_a_clinic_is_no_hospital_stay() -> None:
    visit = Pair("Encounter/minimal").tree | {"class": {"system": encounter.INPATIENT["system"], "code": "AMB"}}
    assert encounter.TYPE.derive(visit) == ("", None)


def test_a_pool_of_devices_is_refused() -> None:
    pool = Pair("Group/minimal").tree
    assert refusals(group.TYPE, pool | {"type": "device"}) == [("value", "Group.type", "")]
    assert refusals(group.TYPE, pool | {"actual": False}) == [("value", "Group.actual", "")]


def test_an_account_among_several_subjects_is_the_patients() -> None:
    subjects = [{"reference": "Organization/example-trust"}, {"reference": "Patient/janice"}]
    assert account.TYPE.subject_of({"resourceType": "Account", "subject": subjects}) == "janice"
    assert isinstance(account.TYPE.subject_of({"resourceType": "Account"}), Issue)


def test_a_misspelt_management_option_is_refused() -> None:
    coding = {"system": MANAGEMENT_OPTION.system, "code": "direct-payments"}
    tree = Pair("Account/minimal").tree | {"type": {"coding": [coding]}}
    assert refusals(account.TYPE, tree) == [("code-invalid", "Account.type", "R160")]


def test_an_employment_and_an_agreement_are_told_apart() -> None:
    assert contract.TYPE.derive(Pair("Contract/employment-minimal").tree)[0] == "employment"
    assert contract.TYPE.derive(Pair("Contract/minimal").tree)[0] == "direct-payment-agreement"


def test_a_pool_and_a_provenance_are_about_no_single_person() -> None:
    assert [name for name in ("Account", "Encounter", "Observation") if not TYPES[name].compartment] == []
    assert group.TYPE.subject_of(Pair("Group/full").tree) is None
    assert provenance.TYPE.subject_of(Pair("Provenance/full").tree) is None


def test_a_provenance_without_its_time_is_refused() -> None:
    tree = Pair("Provenance/minimal").tree
    del tree["recorded"]
    assert refusals(provenance.TYPE, tree) == [("required", "Provenance.recorded", "")]


def test_a_decision_maker_without_a_limit_still_has_subjects() -> None:
    """Only then does no limit mean no limit."""
    authority = {"url": "subject", "valueCode": "plan"}
    url = "https://phb-gateway.example/fhir/StructureDefinition/phb-decision-authority"
    tree = Pair("PractitionerRole/minimal").tree | {"extension": [{"url": url, "extension": [authority]}]}
    role = practitioner_role.TYPE.derive(tree)[1]
    assert (role.limit_pence, role.decision_subjects) == (None, ("plan",))
    assert practitioner_role.TYPE.derive(Pair("PractitionerRole/minimal").tree)[1].decision_subjects == ()
