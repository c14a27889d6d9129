"""What people complained of and wished for: R164 to R168."""

from datetime import date
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from fhir_gateway.phb.rules.catalogue import CATALOGUE
from mappings.budget import AgreedBudget, BudgetLine, BudgetProvider
from mappings.care_plan import Agreement, SupportPlan
from mappings.communication import Discussion, Notice
from mappings.employment import Employment
from mappings.patient import CommunicationNeed, Person
from tests.fhir_gateway.phb.shelf import broken, filed, warned

MADE = date(2025, 3, 1)
READ = date(2025, 3, 8)

# --- R164 -------------------------------------------------------------------------------------------


def budget(provider: str | None, **known: Any) -> AgreedBudget:
    """A budget with one line bought from one provider."""
    option = known.pop("option", "notional")
    line = made(
        BudgetLine,
        line_no=1,
        category="therapy",
        management_option=option,
        provider_sequences=(1,) if provider else (),
    )
    providers = (made(BudgetProvider, sequence=1, provider=provider),) if provider else ()
    usual: dict[str, Any] = {"status": "draft", "created": MADE, "lines": (line,), "providers": providers}
    return made(AgreedBudget, person_id="pat", **usual | known)


def talk(**known: Any) -> Filed[Discussion]:
    """The person agreed when options were talked over."""
    usual: dict[str, Any] = {
        "status": "completed",
        "topic": "options",
        "agreed": True,
        "sent_on": MADE,
        "recipients": ("Patient/pat",),
    }
    return filed(made(Discussion, person_id="pat", **usual | known), "talk")


BEFORE = filed(budget("Organization/old"), "before")


def of_r164(record: AgreedBudget, *standing: Filed[Any], **known: Any) -> set[str]:
    """Budgets have many rules of their own: whether this one warns."""
    assert "R164" not in broken(record, *standing, **known)
    return warned(record, *standing, **known) & {"R164"}


def test_r164_warns_when_the_provider_changes_without_a_choice_or_reason() -> None:
    assert of_r164(budget("Organization/new", supersedes_id="before"), BEFORE) == {"R164"}
    assert of_r164(budget("Organization/new"), previous=BEFORE.record) == {"R164"}


@pytest.mark.parametrize(
    "known", [{"agreed": None}, {"sent_on": date(2025, 2, 28)}, {"topic": "recovery"}, {"recipients": ()}]
)
def test_r164_warns_when_the_talk_was_no_choice(known: dict[str, Any]) -> None:
    assert of_r164(budget("Organization/new", supersedes_id="before"), BEFORE, talk(**known)) == {"R164"}


@pytest.mark.parametrize(
    ("provider", "known"),
    [
        ("Organization/old", {}),
        ("Organization/new", {"difference_reason": "the old provider closed"}),
        ("Organization/new", {"option": "direct-payment"}),
        ("Organization/new", {"status": "entered-in-error"}),
        ("Organization/new", {"supersedes_id": None}),
    ],
)
def test_r164_holds_for_the_same_provider_or_with_a_reason(provider: str, known: dict[str, Any]) -> None:
    assert of_r164(budget(provider, **{"supersedes_id": "before"} | known), BEFORE) == set()


def test_r164_holds_with_the_persons_choice_and_for_a_first_provider() -> None:
    assert of_r164(budget("Organization/new", supersedes_id="before"), BEFORE, talk()) == set()
    assert of_r164(budget("Organization/new", supersedes_id="before"), filed(budget(None), "before")) == set()


# --- R165 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["draft", "submitted", "agreed", "active"])
def test_r165_accepts_a_direct_payment_of_somebody_who_employs_nobody(status: str) -> None:
    """With and without an Employment the rules say the same of a line that buys from an organisation."""
    bought = budget("Organization/micro", option="direct-payment", budget_status=status)
    job = made(Employment, person_id="pat", status="executed", employer="Patient/pat", employee="ravi")
    assert broken(bought) == broken(bought, filed(job, "job"))
    assert "R165" not in broken(bought)


# --- R166 -------------------------------------------------------------------------------------------


def person(*formats: str | None) -> Filed[Person]:
    needs = tuple(made(CommunicationNeed, format=one) for one in formats)
    return filed(made(Person, communication_needs=needs), "pat")


def notice(**known: Any) -> Notice:
    usual: dict[str, Any] = {"status": "completed", "notice_kind": "review", "recipients": ("Patient/pat",)}
    return made(Notice, person_id="pat", **usual | known)


def of_r166(record: Notice, *standing: Filed[Any]) -> set[str]:
    return warned(record, *standing) & {"R166"}


@pytest.mark.parametrize("known", [{}, {"format": "braille"}, {"recipients": ("RelatedPerson/mum",)}])
def test_r166_warns_when_a_notice_is_in_none_of_the_formats_needed(known: dict[str, Any]) -> None:
    assert of_r166(notice(**known), person("easy-read", "audio", None)) == {"R166"}


@pytest.mark.parametrize(
    ("known", "formats"),
    [
        ({"format": "audio"}, ("easy-read", "audio")),
        ({}, (None,)),
        ({}, ()),
        ({"status": "preparation"}, ("audio",)),
        ({"recipients": ("Organization/council",)}, ("audio",)),
    ],
)
def test_r166_holds_in_a_format_needed_or_where_none_is(known: dict[str, Any], formats: tuple[str | None, ...]) -> None:
    assert of_r166(notice(**known), person(*formats)) == set()


def test_r166_holds_for_a_person_who_is_not_known() -> None:
    assert of_r166(notice()) == set()


# --- R167, R168 -------------------------------------------------------------------------------------


def test_r167_belongs_to_the_report_of_concerns() -> None:
    assert (CATALOGUE["R167"].place, CATALOGUE["R167"].severity) == ("measure", "warning")


def plan(**known: Any) -> SupportPlan:
    usual: dict[str, Any] = {"status": "active", "plan_status": "agreed", "shared_with_person_on": READ}
    return made(SupportPlan, person_id="pat", **usual | known)


def of_r168(record: SupportPlan, **known: Any) -> set[str]:
    """Plans have many rules of their own: whether this one is broken."""
    return broken(record, **known) & {"R168"}


def signed(on: date) -> tuple[Agreement, ...]:
    return (made(Agreement, on=on), made(Agreement))


@pytest.mark.parametrize("known", [{"shared_with_person_on": None}, {"agreements": signed(date(2025, 3, 7))}])
@pytest.mark.parametrize("status", ["agreed", "active"])
def test_r168_breaks_when_a_plan_is_agreed_before_it_could_be_read(status: str, known: dict[str, Any]) -> None:
    assert of_r168(plan(plan_status=status, **known)) == {"R168"}
    assert of_r168(plan(plan_status=status, **known), previous=plan(plan_status="submitted")) == {"R168"}


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"agreements": signed(READ)},
        {"plan_status": "submitted", "shared_with_person_on": None},
        {"status": "entered-in-error", "shared_with_person_on": None},
    ],
)
def test_r168_holds_when_it_could_be_read_or_is_not_agreed(known: dict[str, Any]) -> None:
    assert of_r168(plan(**known)) == set()


def test_r168_holds_when_a_plan_agreed_before_is_written_again() -> None:
    old = plan(shared_with_person_on=None)
    assert of_r168(old, previous=old) == set()
