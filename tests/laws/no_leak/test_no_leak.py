"""The no-leak law, drawn by pairs: no route tells anybody what they may not see.

Source: security.md section 4, the no-leak law; security requirements S32 to S43.
"""

from collections.abc import Iterator

import pytest

from tests.fhir_gateway.api import Loop
from tests.laws.no_leak import hunt, mutants
from tests.laws.no_leak.hunt import SEED, Hunt
from tests.laws.no_leak.mutants import Mutant
from tests.laws.no_leak.route import Unasked
from tests.laws.no_leak.routes import routes_of
from tests.laws.no_leak.stage import staged

TWINNED = ("council-1", "provider-1", "ada", "coordinator-icb-1")
ON_POSTGRESQL = 90  # cases
WORDLESS = ("provenance", "case", "")  # they hold codes, days and the numbers of others
SHOWN = 40  # faults told of a failing law
QUICK = (
    *("read without a predicate", "matches without a predicate", "feed without a predicate", "no view at all"),
    *("the gate stands open", "Provenance of what is hidden", "operations on anybody", "rows of another body written"),
)


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture(scope="module")
def law(loop: Loop) -> Iterator[Hunt]:
    with staged("sqlite", loop) as stage:
        print(f"NO_LEAK_SEED={SEED}")  # noqa: T201 - to draw the same cases again
        yield hunt.begun(stage, loop, "sqlite")


def told(found: list[str]) -> str:
    return "\n".join(found[:SHOWN])


# --- completeness -------------------------------------------------------------------------------------


def test_every_actor_of_the_story_is_of_the_table_and_each_role_has_one(law: Hunt) -> None:
    roles = {one.actor.role for one in law.oracles.values()}
    assert {"person", "representative", "nominee", "coordinator", "icb", "council", "provider", "holder"} <= roles
    assert {"auditor", "privacy-officer", "operator", ""} <= roles


def test_every_record_of_a_person_has_a_canary_that_stands_in_no_other(law: Hunt) -> None:
    places = [{one.place for one in spots} for spots in law.world.spots.values()]
    marked = {place for some in places if len(some) == 1 for place in some}
    people = [one for one in law.world.records.values() if one.person and one.place in law.world.slugs]
    assert [one.place for one in people if one.place not in marked and one.kind not in WORDLESS] == []


@pytest.mark.requirement("S43", "lesson-21")
@pytest.mark.parametrize("what", ["interaction", "searchParam", "operation"])
def test_what_the_server_states_and_no_case_asks_is_noticed(law: Hunt, what: str) -> None:
    statement = law.stage.api.get("metadata").json()
    claim = next(one for one in statement["rest"][0]["resource"] if one["type"] == "Claim")
    claim[what].append({"code": "patch", "name": "invented", "definition": "invented"})
    with pytest.raises((Unasked, KeyError)):
        routes_of(statement, {})


# --- the law ------------------------------------------------------------------------------------------


@pytest.mark.requirement("S34", "S43", "lesson-21")
def test_no_answer_tells_what_the_oracle_forbids(law: Hunt) -> None:
    found = list(law.told(law.sampler.pairwise(law.reading)))
    assert not found, told(found)


@pytest.mark.requirement("S43")
def test_what_is_worked_out_of_a_case_is_told_to_nobody_else(law: Hunt) -> None:
    found = list(law.told(law.of_each_person("$statement ", "$check ")))
    assert not found, told(found)


@pytest.mark.parametrize("name", TWINNED)
def test_no_answer_depends_on_what_the_asker_may_not_see(law: Hunt, name: str) -> None:
    found = list(law.twin(law.oracles[name], law.silent))
    assert not found, told(found)


@pytest.mark.requirement("S43")
def test_what_is_hidden_cannot_be_changed_and_the_refusal_does_not_say_that_it_is_there(law: Hunt) -> None:
    found = list(law.written(law.oracles.values(), one_of_each=True))
    assert not found, told(found)


def test_nothing_is_told_on_postgresql_either(loop: Loop) -> None:
    with staged("postgresql", loop) as stage:
        law = hunt.begun(stage, loop, "postgresql")
        cases = list(law.sampler.pairwise(law.reading))
        found = list(law.told(law.sampler.random.sample(cases, ON_POSTGRESQL)))
        found += list(law.twin(law.oracles["council-1"], law.silent, ON_POSTGRESQL // 3))
    assert not found, told(found)


# --- its teeth ----------------------------------------------------------------------------------------


@pytest.mark.requirement("S43")
@pytest.mark.parametrize("mutant", [one for one in mutants.MUTANTS if one.name in QUICK], ids=lambda one: one.name)
def test_a_fault_put_in_on_purpose_is_found(law: Hunt, mutant: Mutant) -> None:
    assert law.kills(mutant), mutant.name
