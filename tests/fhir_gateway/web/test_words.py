"""Scopes in words people use."""

import pytest

from auth.scopes import Scope
from fhir_gateway.web import words
from mappings.registry import TYPES


def said(text: str, whose: str = words.YOURS) -> str:
    scope = Scope.parse(text)
    assert scope is not None
    return words.scope(scope, whose)


@pytest.mark.parametrize("resource_type", [*TYPES, "AuditEvent", "Measure", "MeasureReport", "ExplanationOfBenefit"])
def test_every_kind_of_record_has_a_name_people_know(resource_type: str) -> None:
    assert resource_type in words.OF_A_PERSON.keys() | words.OF_NOBODY.keys()
    assert resource_type not in said(f"patient/{resource_type}.rs").split()[1:] or resource_type in ("Account", "Task")


@pytest.mark.parametrize(
    ("scope", "sentence"),
    [
        ("patient/Goal.r", "See your goals"),
        ("patient/Goal.s", "See your goals"),
        ("patient/Goal.c", "Add to your goals"),
        ("patient/Goal.ru", "See and change your goals"),
        ("patient/Claim.u", "Change your spending, and say for you whether an invoice is right"),
        ("patient/Goal.cruds", "See, add to, change and delete from your goals"),
        ("patient/Goal.read", "See your goals"),
        ("patient/Goal.write", "Add to, change and delete from your goals"),
        ("patient/Organization.rs", "See the organisations in the record"),
        ("patient/Unheard.rs", "See your records of the kind Unheard"),
        ("user/Goal.rs", "See people's goals, as far as you may see them yourself"),
        ("user/Goal.ru", "See and change people's goals, as far as you may see them yourself"),
        ("patient/Goal.rs?category=http://x.example|dietary", "See your goals, only where category is dietary"),
        ("patient/Goal.rs?a=1&b=2", "See your goals, only where a is 1 and b is 2"),
    ],
)
def test_a_scope_is_a_sentence(scope: str, sentence: str) -> None:
    assert said(scope) == sentence


def test_somebody_who_acts_for_another_reads_whose_records_are_meant() -> None:
    assert said("patient/CarePlan.rs", words.THEIRS) == "See this person's plan"
    assert said("patient/Claim.u", words.THEIRS) == "Change this person's budget, payments and spending"


def test_sentences_are_said_once_and_words_that_are_no_scopes_not_at_all() -> None:
    texts = ["openid", "patient/Goal.rs", "patient/Goal.read", "launch/patient", "nonsense"]
    assert words.scopes(texts) == ["See your goals"]
    assert words.identity(["openid", "fhirUser", "profile"]) == [
        "know that it is you, each time you log in",
        "know who you are in the record",
    ]
