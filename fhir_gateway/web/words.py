"""What an app asks, said so that people understand it: scopes in plain words.

Source: security requirement S15; SMART App Launch 2.2 (scopes); domain.md 2 for the names of things.
"""

from collections.abc import Iterable
from typing import Final

from auth.scopes import Scope
from fhir_gateway.web.page import day_of

# What a person calls each kind of record; `whose` stands for "your", "this person's" or "people's".
OF_A_PERSON: Final = {
    "Account": "{whose} money accounts",
    "AuditEvent": "the list of who looked at {whose} records",
    "CarePlan": "{whose} plan",
    "CareTeam": "{whose} team",
    "Claim": "{whose} budget, payments and spending",
    "ClaimResponse": "the funders' answers about {whose} money",
    "Communication": "{whose} messages",
    "Composition": "{whose} summaries and letters",
    "Condition": "{whose} health and care needs",
    "Consent": "{whose} choices about sharing",
    "Contract": "{whose} budget agreement",
    "Coverage": "who funds {whose} budget, and how much",
    "DocumentReference": "{whose} documents",
    "Encounter": "{whose} meetings",
    "EpisodeOfCare": "{whose} case",
    "ExplanationOfBenefit": "{whose} budget statement",
    "Goal": "{whose} goals",
    "Group": "budgets that {whose} money is pooled in",
    "MeasureReport": "figures worked out from {whose} records",
    "Observation": "how {whose} goals and needs are going",
    "Patient": "{whose} name, address and other details",
    "PaymentReconciliation": "{whose} payments as the funders listed them",
    "Provenance": "who changed {whose} records",
    "RelatedPerson": "the people who act for {whose} side, such as family",
    "RiskAssessment": "{whose} risks",
    "Task": "{whose} reviews, decisions and requests",
}
OF_NOBODY: Final = {
    "Measure": "which figures there are",
    "Organization": "the organisations in the record",
    "Practitioner": "the professionals in the record",
    "PractitionerRole": "the professionals' jobs",
}
# What a person alone may change in their own record is less than the kind says
OWN_CHANGES: Final = {"Claim": "change your spending, and say for you whether an invoice is right"}
VERBS: Final = (("rs", "see"), ("c", "add to"), ("u", "change"), ("d", "delete from"))
YOURS: Final = "your"
THEIRS: Final = "this person's"
EVERYBODY: Final = "people's"
IDENTITY: Final = {
    "openid": "know that it is you, each time you log in",
    "fhirUser": "know who you are in the record",
    "profile": "know who you are in the record",
}


def scope(one: Scope, whose: str = YOURS) -> str:
    """A resource scope as a sentence without its full stop. whose: whose record a `patient/` scope reaches."""
    owner = whose if one.context == "patient" else EVERYBODY
    sentence = f"{_verbs(one.actions)} {_things(one.resource_type, owner)}"
    if one.actions == {"u"} and owner == YOURS:
        sentence = OWN_CHANGES.get(one.resource_type, sentence)
    return sentence[0].upper() + sentence[1:] + _only(one.params) + _reach(one)


def scopes(texts: Iterable[str], whose: str = YOURS) -> list[str]:
    """The resource scopes among these texts, each as a sentence, none twice."""
    read = (Scope.parse(text) for text in texts)
    return list(dict.fromkeys(scope(one, whose) for one in read if one is not None))


def identity(words: Iterable[str]) -> list[str]:
    """What an app learns of who logged in."""
    return list(dict.fromkeys(IDENTITY[word] for word in words if word in IDENTITY))


def refresh(word: str, until: int | None) -> str:
    """How long an app may go on. until: microseconds, of offline access."""
    if word == "offline_access" and until is not None:
        return f"Keep this up when you are not using the app, until you stop it or until {day_of(until)}"
    return "Keep this up while you are logged in here, and no longer"


def _verbs(actions: frozenset[str]) -> str:
    found = [verb for letters, verb in VERBS if actions & set(letters)]
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


def _things(resource_type: str, owner: str) -> str:
    if resource_type == "*":
        return f"everything in {owner} records"
    if resource_type in OF_NOBODY:
        return OF_NOBODY[resource_type]
    return OF_A_PERSON.get(resource_type, "{whose} records of the kind " + resource_type).format(whose=owner)


def _only(params: tuple[tuple[str, str], ...]) -> str:
    """What narrows a scope, named: the code without the list it is from."""
    if not params:
        return ""
    return ", only where " + " and ".join(f"{name} is {value.rpartition('|')[2]}" for name, value in params)


def _reach(one: Scope) -> str:
    wide = ", now and in future, new kinds of record too" if one.resource_type == "*" else ""
    return f"{wide}, as far as you may see them yourself" if one.context == "user" else wide
