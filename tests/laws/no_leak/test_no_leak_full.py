"""The no-leak law in full: every actor at every route on both databases, and every mutant. Minutes; `make no-leak`.

Source: security.md section 4, the no-leak law (cost: full cross in its own target; teeth).
"""

from collections.abc import Iterator

import pytest

from tests.fhir_gateway.api import Loop
from tests.laws.no_leak import hunt, mutants
from tests.laws.no_leak.actors import ACTORS
from tests.laws.no_leak.hunt import SEED, Hunt
from tests.laws.no_leak.stage import staged

NAMES = [one.name for one in ACTORS]
SHOWN = 60
MOST = 4_000  # cases of one actor in both worlds


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def law(request: pytest.FixtureRequest, loop: Loop) -> Iterator[Hunt]:
    with staged(request.param, loop) as stage:
        print(f"NO_LEAK_SEED={SEED}")  # noqa: T201 - to draw the same cases again
        yield hunt.begun(stage, loop, request.param)


@pytest.mark.full
@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_told_what_the_oracle_forbids_by_any_route(law: Hunt, name: str) -> None:
    found = list(law.told(law.sampler.every(law.reading, [law.oracles[name].actor])))
    assert not found, "\n".join(found[:SHOWN])


@pytest.mark.full
def test_what_is_worked_out_of_a_case_is_told_to_nobody_else(law: Hunt) -> None:
    names = [one.name for one in law.reading if one.form == "operation"]
    found = list(law.told(law.of_each_person(*names)))
    assert not found, "\n".join(found[:SHOWN])


@pytest.mark.full
@pytest.mark.parametrize("name", NAMES)
def test_no_answer_to_anybody_depends_on_what_they_may_not_see(law: Hunt, name: str) -> None:
    found = list(law.twin(law.oracles[name], law.silent, MOST))
    assert not found, "\n".join(found[:SHOWN])


@pytest.mark.full
@pytest.mark.parametrize("name", NAMES)
def test_nobody_changes_what_is_hidden_by_any_verb(law: Hunt, name: str) -> None:
    found = list(law.written([law.oracles[name]]))
    assert not found, "\n".join(found[:SHOWN])


@pytest.mark.mutation
def test_every_fault_put_in_on_purpose_is_found(law: Hunt) -> None:
    killed = {one.name: law.kills(one) for one in mutants.MUTANTS}
    print("\n".join(f"{'killed' if dead else 'ALIVE'}  {name}" for name, dead in killed.items()))  # noqa: T201
    assert all(killed.values()), [name for name, dead in killed.items() if not dead]
