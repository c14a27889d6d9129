"""What the law says of one case: nothing forbidden came out, and what was found is what the oracle counts.

Source: security.md section 4, the no-leak law (oracle A); security requirements S34, S38, S39.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.lens.search import SearchParam
from mappings.registry import TYPES
from tests.fhir_gateway.api import Api
from tests.laws.no_leak import law
from tests.laws.no_leak.canary import SUM
from tests.laws.no_leak.law import Answer
from tests.laws.no_leak.oracle import Oracle
from tests.laws.no_leak.route import AUDIT, PAGE, Request
from tests.laws.no_leak.rows import ever
from tests.laws.no_leak.sample import Case
from tests.laws.no_leak.views import VIEWS
from tests.laws.no_leak.world import Record

Json = Any
OK: Final = 200
FAULT: Final = 500
NAMING: Final = frozenset({"include", "revinclude"})
COUNTED: Final = frozenset({"search", "parameter", "post-search", "count"})
ALWAYS_TOLD: Final = frozenset({"_id", "_lastUpdated", "_profile", "_security"})


def verdict(oracle: Oracle, asked: Api, custodian: Api, case: Case) -> Iterator[str]:
    """What is wrong with the answer to a case, in words; nothing when it is right."""
    answer = law.ask(asked, case.request)
    yield from faults(oracle, case, answer)
    if answer.status == OK and case.route.type != AUDIT:
        yield from _counts(oracle, case, answer, custodian) if case.route.form in COUNTED else ()
        yield from _sorted(oracle, case) if case.route.form == "sort" else ()
        yield from _included(oracle, case, answer) if case.route.form in NAMING else ()


def faults(oracle: Oracle, case: Case, answer: Answer) -> Iterator[str]:
    """What an answer tells that it must not."""
    if answer.status >= FAULT:
        yield f"{case}: {answer.status}"
    if case.actor.ended and answer.status != law.UNPAID:
        yield f"{case}: {answer.status} for a token whose ground has gone"
    allowed = oracle.audit_marks if case.route.type == AUDIT else oracle.marks
    if case.route.form == "operation" and ever(oracle, case.aim):  # totals, as of a day of one's own (R138)
        allowed |= frozenset(filter(SUM.fullmatch, oracle.world.spots))
    for mark in sorted(law.leaked(answer, case.request, allowed, oracle.world.spots)):
        yield f"{case}: told {mark} of {_whose(oracle, mark)}"


def _whose(oracle: Oracle, mark: str) -> str:
    spots = sorted((oracle.world.slugs.get(one.place, one.place), one.path) for one in oracle.world.spots[mark])
    return "; ".join(f"{place} {path}" for place, path in spots[:3])


def _sorted(oracle: Oracle, case: Case) -> Iterator[str]:
    """An order tells of each row: nobody sorts by what one of their rows hides."""
    param = TYPES[case.route.type].params[case.route.name]
    masked = [
        one for one in oracle.world.of_type(case.route.type) if oracle.sees(one) and not tells(oracle, one, param)
    ]
    if masked and any(oracle.sees(one) for one in masked):
        yield f"{case}: sorted by what is hidden of {oracle.world.slugs.get(masked[0].place, masked[0].place)}"


def _included(oracle: Oracle, case: Case, answer: Answer) -> Iterator[str]:
    """What is brought along is named, in what the actor sees, by what it came with, or names it there."""
    every, included = oracle.world.records, answer.included
    matches = [every[place] for place in answer.matches or ()]
    named = frozenset(place for one in matches for place in oracle.names(one))
    there = {one.place for one in matches}
    for place in included:
        if place not in named and not there & oracle.names(every[place]):
            yield f"{case}: {oracle.world.slugs.get(place, place)} came by a reference that is hidden"


# --- counts -------------------------------------------------------------------------------------------


def _counts(oracle: Oracle, case: Case, answer: Answer, custodian: Api) -> Iterator[str]:
    """Everything that is found and seen, and no more; of what is seen in part, what that part answers to."""
    found = _found(custodian, case)
    if found is None:
        return
    param = TYPES[case.route.type].params.get(case.route.name)
    records = [oracle.world.records[place] for place in found if place in oracle.seen]
    made = {place for place, tree in found.items() if _seen_change(oracle, place, tree)}
    at_most = made | {one.place for one in records if param is None or tells(oracle, one, param)}
    at_least = made | {one.place for one in records if param is None or oracle.view(one) is VIEWS["whole"]}
    if answer.total is not None and not len(at_least) <= answer.total <= len(at_most):
        yield f"{case}: total {answer.total}, not {len(at_least)} to {len(at_most)}"
    if "_count" not in case.route.name and case.route.form != "count" and "_summary=count" not in case.route.name:
        got = set(answer.matches or ())
        strange = {oracle.world.slugs.get(one, one) for one in (got - at_most) | (at_least - got)}
        if strange:
            yield f"{case}: found too much or too little: {sorted(strange)}"


def _seen_change(oracle: Oracle, place: str, tree: Json) -> bool:
    """Whether it is the Provenance of a change, worked out, of a record that the actor sees whole."""
    if place in oracle.world.records or not place.startswith("Provenance/"):
        return False
    about = oracle.world.records.get(tree["target"][0]["reference"].partition("/_history/")[0])
    return about is not None and oracle.view(about) is VIEWS["whole"]


def _found(custodian: Api, case: Case) -> dict[str, Json] | None:
    """What the same question finds for one who sees everything, by place."""
    path = case.request.path
    if case.route.form == "search":
        path = f"{case.route.type}?{PAGE}"
    elif case.route.form == "count":
        path = path.replace("_summary=count", PAGE)
    return law.ask(custodian, Request(case.request.method, path, case.request.body, case.request.headers)).resources


def tells(oracle: Oracle, record: Record, param: SearchParam) -> bool:
    """Whether the actor sees everything in the record that the parameter asks about."""
    view = oracle.view(record)
    if view is VIEWS["whole"] or param.name in ALWAYS_TOLD:
        return True
    return all(oracle.sees_element(record, one) for path in param.paths for one in _elements(record.tree, path))


def _elements(tree: Json, path: str) -> list[str]:
    """The paths of the top elements that a search path begins with."""
    steps = path.split(".")
    root, _, own = steps[0].partition(":")
    if root == "meta":
        return [".".join(steps[:2])]
    node = tree.get(root)
    if not isinstance(node, list):
        return [root]
    chosen = (at for at, one in enumerate(node) if not own or str(one.get("url", "")).endswith(f"/{own}"))
    return [f"{root}[{at}]" for at in chosen]
