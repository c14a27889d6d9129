"""Keeping records: R157 to R163, as far as they are not of plans, budgets and the case."""

from datetime import UTC, datetime
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.rules.catalogue import CATALOGUE, setting
from fhir_gateway.phb.rules.rule import DELETE
from mappings import budget, care_plan, goal, payment
from mappings.communication import NOTICE, Discussion, Notice
from mappings.contract import DirectPaymentAgreement
from mappings.decision import Decision
from mappings.document_reference import Evidence
from mappings.lens import document
from mappings.lens.document import Tree
from mappings.lens.errors import Issue, Unprocessable
from mappings.lens.mapping import Mapping
from mappings.namespaces import code_system
from mappings.patient import Person
from mappings.practitioner_role import CareCoordinator
from mappings.provenance import ProvenanceAgent, ProvenanceRecord
from mappings.registry import TYPES
from tests.fhir_gateway.api import Api, refused
from tests.fhir_gateway.phb.shelf import broken, filed, issues
from tests.golden.pairs import PAIRS

# --- R159 -------------------------------------------------------------------------------------------

PERSON = filed(made(Person), "pat")
ROLE = filed(made(CareCoordinator, practitioner="mira", organisation="icb"), "role")


def provenance(*agents: ProvenanceAgent, target: str = "Patient/pat") -> ProvenanceRecord:
    return made(ProvenanceRecord, targets=(target,), recorded=datetime(2025, 6, 1, tzinfo=UTC), agents=agents)


def agent(**known: Any) -> ProvenanceAgent:
    """A coordinator who acted for the ICB."""
    return made(
        ProvenanceAgent,
        **{"role": "care-coordinator", "who": "Practitioner/mira", "on_behalf_of": "Organization/icb"} | known,
    )


@pytest.mark.parametrize(
    "known",
    [
        {"who": None},
        {"role": None},
        {"on_behalf_of": None},
        {"who": "Device/robot", "on_behalf_of": None},
        {"who": "PractitionerRole/unknown", "on_behalf_of": None},
    ],
)
def test_r159_breaks_when_agent_role_or_body_is_missing(known: dict[str, Any]) -> None:
    assert broken(provenance(agent(**known)), PERSON, ROLE) == {"R159"}
    assert broken(provenance(agent(), agent(**known)), PERSON, ROLE) == {"R159"}


def test_r159_breaks_when_nobody_is_named() -> None:
    assert broken(provenance(), PERSON) == {"R159"}


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"role": None, "part": "author"},
        {"who": "PractitionerRole/role", "on_behalf_of": None},
        {"who": "Patient/pat", "on_behalf_of": None},
        {"who": "Organization/icb", "on_behalf_of": None},
        {"who": "https://elsewhere.example/Practitioner/1", "on_behalf_of": None},
    ],
)
def test_r159_holds_when_agent_role_and_body_are_known(known: dict[str, Any]) -> None:
    assert broken(provenance(agent(**known)), PERSON, ROLE) == set()


def test_r159_holds_for_the_provenance_of_what_is_no_record_here() -> None:
    assert broken(provenance(target="https://elsewhere.example/Patient/1")) == set()


# --- R160, R101 -------------------------------------------------------------------------------------


def refusal(mapping: Mapping[Any], tree: Tree) -> tuple[Issue, ...]:
    with pytest.raises(Unprocessable) as refused:
        mapping.from_fhir(tree)
    return refused.value.issues


def golden(name: str) -> Tree:
    return next(one.tree for one in PAIRS if one.name == name)


def bogus(list_name: str) -> Tree:
    return {"coding": [{"system": code_system(list_name), "code": "bogus"}]}


def test_r160_breaks_when_a_code_is_not_in_its_list() -> None:
    plan_status = {"url": "https://phb-gateway.example/fhir/StructureDefinition/phb-plan-status", "valueCode": "bogus"}
    cases: tuple[tuple[Mapping[Any], str, Tree, str], ...] = (
        (care_plan.MAPPING, "CarePlan/minimal", {"extension": [plan_status]}, "phb-plan-status"),
        (payment.PAYMENT, "Claim/payment-minimal", {"subType": bogus("phb-payment-kind")}, "phb-payment-kind"),
        (goal.MAPPING, "Goal/minimal", {"category": [bogus("phb-outcome-kind")]}, "phb-outcome-kind"),
        (payment.PAYMENT, "Claim/payment-minimal", {"type": bogus("phb-claim-type")}, "phb-claim-type"),
    )
    for mapping, name, change, list_name in cases:
        found = refusal(mapping, {**golden(name), **change})
        assert ("R160", True) in [(one.details, list_name in one.diagnostics) for one in found], name


def test_r160_breaks_when_a_code_is_in_no_list_of_hl7() -> None:
    achieved = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/goal-achievement", "code": "bogus"}]}
    (issue,) = refusal(goal.MAPPING, {**golden("Goal/minimal"), "achievementStatus": achieved})
    assert (issue.details, "goal-achievement" in issue.diagnostics) == ("R160", True)


def test_r160_holds_for_every_code_of_the_golden_pairs() -> None:
    for pair in PAIRS:
        TYPES[pair.tree["resourceType"]].derive(pair.tree)


@pytest.mark.parametrize("amount", ['{"value": 1.005, "currency": "GBP"}', '{"value": 1.00, "currency": "EUR"}'])
def test_r101_breaks_when_an_amount_is_not_whole_pence_in_gbp(amount: str) -> None:
    total = document.parse(amount.encode())
    (issue,) = refusal(budget.AGREED, {**golden("Claim/agreed-budget-minimal"), "total": total})
    assert (issue.details, issue.expression) == ("R101", "Claim.total")


# --- R162 -------------------------------------------------------------------------------------------

KEPT = (
    made(Decision, person_id="pat", status="completed", intent="order", decision_subject="plan"),
    made(DirectPaymentAgreement, person_id="pat"),
    made(Notice, person_id="pat", status="completed", notice_kind="decision"),
    made(Evidence, person_id="pat", status="current", evidence_type="receipt", confidential=True),
)


@pytest.mark.parametrize("record", KEPT, ids=lambda one: type(one).__name__)
def test_r162_breaks_when_what_matters_in_law_is_deleted(record: Any) -> None:
    assert broken(record, when=DELETE) == {"R162"}


def test_r162_accepts_marking_it_as_an_error_and_deleting_other_records() -> None:
    wrong = made(Decision, person_id="pat", status="entered-in-error", intent="order", decision_subject="plan")
    assert broken(wrong, previous=KEPT[0]) == set()
    talk = made(Discussion, person_id="pat", status="completed", topic="options")
    assert issues(talk, when=DELETE) == []


def test_r162_breaks_over_http_until_it_is_marked_as_an_error(api: Api) -> None:
    person = api.person()
    sent = made(Notice, person_id=person.partition("/")[2], status="completed", notice_kind="decision")
    reply = api.post("Communication", NOTICE.to_fhir(sent))
    notice = f"Communication/{reply.json()['id']}"
    issue = refused(api.delete(notice), 422, code="business-rule")
    assert issue["details"]["coding"][0] == {"system": code_system("phb-rule"), "code": "R162"}
    assert api.put(notice, {**reply.json(), "status": "entered-in-error"}).status_code == 200
    assert api.get(notice).json()["status"] == "entered-in-error"


# --- R163 -------------------------------------------------------------------------------------------


def test_r163_belongs_to_a_report_and_holds_no_write_back() -> None:
    assert (CATALOGUE["R163"].place, setting("R163", "per_cent")) == ("measure", 40)
