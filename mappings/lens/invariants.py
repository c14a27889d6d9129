"""The invariants of R4 4.0.1 that no cardinality or type says, for the types this project speaks.

Only those of severity error; con-3 and dom-6, which are warnings, are not here. dom-3 (each contained resource is
referred to) is left out on purpose: published examples and national systems break it, and nothing is lost by it.
A predicate is true when the invariant holds, and never raises, whatever JSON the object holds.

Source: FHIR R4, the constraints of each type's page, cited by key.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from mappings.lens.document import Json, decimal_of, is_number, sane_number

Node = dict[str, Any]
Predicate = Callable[[Node], bool]

_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_UCUM: Final = "http://unitsofmeasure.org"
_DAY_LENGTH: Final = 10
_MEALS: Final = frozenset({"C", "CM", "CD", "CV"})


def _forms(*names: str) -> frozenset[str]:
    """The JSON names under which the elements can be there: by value, or only by extensions."""
    return frozenset(names) | {f"_{name}" for name in names}


def has(node: Node, *names: str) -> bool:
    """True when any of the elements is there, be it only by its extensions."""
    return not _forms(*names).isdisjoint(node)


def _needs(name: str, *others: str) -> Predicate:
    """Holds unless `name` is there and none of `others` is."""
    extras, needed = f"_{name}", _forms(*others)
    return lambda node: (name not in node and extras not in node) or not needed.isdisjoint(node)


def _not_both(name: str, other: str) -> Predicate:
    left, right = _forms(name), _forms(other)
    return lambda node: left.isdisjoint(node) or right.isdisjoint(node)


def _one_of(*names: str) -> Predicate:
    wanted = _forms(*names)
    return lambda node: not wanted.isdisjoint(node)


def in_order(start: Json, end: Json) -> bool:
    """False only when `start` is after `end` for certain: partial dates are compared as far as both go."""
    if type(start) is not str or type(end) is not str:
        return True
    if len(start) == len(end) <= _DAY_LENGTH:
        return start <= end
    if len(start) > _DAY_LENGTH and len(end) > _DAY_LENGTH:
        try:
            return datetime.fromisoformat(start) <= datetime.fromisoformat(end)
        except (ValueError, TypeError):  # second 60, or a text another check refuses
            return start[:_DAY_LENGTH] <= end[:_DAY_LENGTH]
    common = min(len(start), len(end), _DAY_LENGTH)
    return start[:common] <= end[:common]


def _period(node: Node) -> bool:
    return in_order(node.get("start"), node.get("end"))


def _modified_after_authored(node: Node) -> bool:
    return in_order(node.get("authoredOn"), node.get("lastModified"))


def _amount(node: Json) -> Decimal | None:
    """The exact value of a number, None for anything else."""
    return decimal_of(node) if is_number(node) and sane_number(node) else None


def _range(node: Node) -> bool:
    low, high = node.get("low"), node.get("high")
    if type(low) is not dict or type(high) is not dict:
        return True
    if [low.get(name) for name in ("code", "unit")] != [high.get(name) for name in ("code", "unit")]:
        return True
    least, most = _amount(low.get("value")), _amount(high.get("value"))
    return least is None or most is None or least <= most


def _ratio(node: Node) -> bool:
    if "numerator" in node or "denominator" in node:
        return "numerator" in node and "denominator" in node
    return "extension" in node


def _age(node: Node) -> bool:
    value = _amount(node.get("value"))
    return _ucum(node) and (value is None or value > 0)


def _ucum(node: Node) -> bool:
    return (has(node, "code") or not has(node, "value")) and node.get("system", _UCUM) == _UCUM


def _duration(node: Node) -> bool:
    return not has(node, "code") or (node.get("system") == _UCUM and has(node, "value"))


def _not_negative(name: str) -> Predicate:
    def holds(node: Node) -> bool:
        number = node.get(name)
        if type(number) is int:
            return number >= 0
        value = _amount(number)
        return value is None or value >= 0

    return holds


def _offset(node: Node) -> bool:
    if "offset" not in node and "_offset" not in node:
        return True
    when = node.get("when")
    return has(node, "when") and not (type(when) is list and _has_meal(when))


def _has_meal(when: list[Json]) -> bool:
    return any(type(code) is str and code in _MEALS for code in when)


def _codes(node: Node, name: str, system: str) -> set[str]:
    """The codes of one system in a CodeableConcept."""
    concept = node.get(name)
    codings = concept.get("coding") if type(concept) is dict else None
    return {
        code
        for coding in (codings if type(codings) is list else ())
        if type(coding) is dict and coding.get("system") == system and type(code := coding.get("code")) is str
    }


def _abated(node: Node) -> bool:
    abated = any(name.lstrip("_").startswith("abatement") for name in node)
    return not abated or bool(_codes(node, "clinicalStatus", _CLINICAL) & {"resolved", "remission", "inactive"})


def _entered_in_error(node: Node) -> bool:
    return not has(node, "clinicalStatus") or "entered-in-error" not in _codes(
        node, "verificationStatus", _VERIFICATION
    )


def _nowhere_home(name: str) -> Predicate:
    def holds(node: Node) -> bool:
        places = node.get(name)
        return not (type(places) is list and any(type(p) is dict and p.get("use") == "home" for p in places))

    return holds


def _probability(node: Node) -> bool:
    value = _amount(node.get("probabilityDecimal"))
    return value is None or value <= 100  # noqa: PLR2004 - per cent


def _goal_target(node: Node) -> bool:
    return has(node, "measure") or not any(name.lstrip("_").startswith("detail") for name in node)


def _members(node: Node) -> bool:
    return not has(node, "member") or node.get("actual") is True


def _valued(node: Node) -> bool:
    return any(name.lstrip("_").startswith("value") for name in node)


def _no_reason(node: Node) -> bool:
    return not has(node, "dataAbsentReason") or not _valued(node)


def _codings(node: Json) -> list[Json]:
    """The codings in the `code` of an object."""
    concept = node.get("code") if type(node) is dict else None
    codings = concept.get("coding") if type(concept) is dict else None
    return codings if type(codings) is list else []


def _not_its_own_component(node: Node) -> bool:
    parts = node.get("component")
    if not _valued(node) or type(parts) is not list:
        return True
    own = _codings(node)
    return not any(coding in own for part in parts for coding in _codings(part))


_QUANTITY: Final = ("qty-3", _needs("code", "system"), "a Quantity with a code names its system")

INVARIANTS: Final[dict[str, tuple[tuple[str, Predicate, str], ...]]] = {
    "Age": (_QUANTITY, ("age-1", _age, "an Age has a UCUM code and is above zero")),
    "Attachment": (("att-1", _needs("data", "contentType"), "an Attachment with data has a contentType"),),
    "CarePlan.activity": (
        ("cpl-3", _not_both("detail", "reference"), "an activity has a reference or a detail, not both"),
    ),
    "Composition.section": (
        ("cmp-1", _one_of("text", "entry", "section"), "a section has a text, an entry or a section"),
        ("cmp-2", _not_both("emptyReason", "entry"), "a section with an emptyReason has no entry"),
    ),
    "Condition": (
        ("con-4", _abated, "an abated Condition has the clinicalStatus inactive, resolved or remission"),
        ("con-5", _entered_in_error, "a Condition entered in error has no clinicalStatus"),
    ),
    "Condition.evidence": (("con-2", _one_of("code", "detail"), "evidence has a code or a detail"),),
    "Condition.stage": (("con-1", _one_of("summary", "assessment"), "a stage has a summary or an assessment"),),
    "Consent": (("ppc-1", _one_of("policy", "policyRule"), "a Consent has a policy or a policyRule"),),
    "ContactPoint": (("cpt-2", _needs("value", "system"), "a ContactPoint with a value has a system"),),
    "Count": (_QUANTITY,),
    "Distance": (_QUANTITY, ("dis-1", _ucum, "a Distance has a UCUM code")),
    "Duration": (_QUANTITY, ("drt-1", _duration, "a Duration with a code has a value and the system of UCUM")),
    "Expression": (("exp-1", _one_of("expression", "reference"), "an Expression has an expression or a reference"),),
    "Goal.target": (("gol-1", _goal_target, "a target with a detail has a measure"),),
    "Group": (("grp-1", _members, "a Group with members is actual"),),
    "Observation": (
        ("obs-6", _no_reason, "an Observation with a value has no dataAbsentReason"),
        ("obs-7", _not_its_own_component, "an Observation with a value has no component of its own code"),
    ),
    "Observation.referenceRange": (
        ("obs-3", _one_of("low", "high", "text"), "a reference range has a low, a high or a text"),
    ),
    "Organization": (
        ("org-1", _one_of("identifier", "name"), "an Organization has a name or an identifier"),
        ("org-2", _nowhere_home("address"), "no address of an Organization has the use home"),
        ("org-3", _nowhere_home("telecom"), "no telecom of an Organization has the use home"),
    ),
    "Patient.contact": (
        (
            "pat-1",
            _one_of("name", "telecom", "address", "organization"),
            "a contact has a name, telecom, address or organization",
        ),
    ),
    "Period": (("per-1", _period, "the end of a Period is not before its start"),),
    "Quantity": (_QUANTITY,),
    "Range": (("rng-2", _range, "the low of a Range is not above its high"),),
    "Ratio": (("rat-1", _ratio, "a Ratio has numerator and denominator, or neither and an extension"),),
    "RiskAssessment.prediction": (("ras-2", _probability, "a probability is at most 100"),),
    "Task": (("inv-1", _modified_after_authored, "lastModified is not before authoredOn"),),
    "Timing.repeat": (
        ("tim-1", _needs("duration", "durationUnit"), "a duration has a durationUnit"),
        ("tim-2", _needs("period", "periodUnit"), "a period has a periodUnit"),
        ("tim-4", _not_negative("duration"), "a duration is not below zero"),
        ("tim-5", _not_negative("period"), "a period is not below zero"),
        ("tim-6", _needs("periodMax", "period"), "a periodMax has a period"),
        ("tim-7", _needs("durationMax", "duration"), "a durationMax has a duration"),
        ("tim-8", _needs("countMax", "count"), "a countMax has a count"),
        ("tim-9", _offset, "an offset has a when, and not C, CM, CD or CV"),
        ("tim-10", _not_both("timeOfDay", "when"), "a timeOfDay has no when"),
    ),
}
