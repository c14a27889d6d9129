"""K28: what people were asked about their budget and what they said, for many together and nobody alone.

Answers are people's own words: only those that enough people gave are shown.

Source: domain.md section 7, 2.6 (Experience).
"""

from typing import Any, Final

from sqlalchemy import Integer, and_, func, literal_column, not_, select

from fhir_gateway.store.measures.population import by_dimension, of_reporters, people
from fhir_gateway.store.measures.words import ONE, day, is_code, one_of, when, within
from fhir_gateway.store.tables import RESOURCES, ROWS

ASKED: Final = RESOURCES["Observation"]
SAID: Final = ROWS["Observation", "answers"]
# A published count below this is none (domain.md 7, small numbers); so many must have said the same.
ENOUGH: Final = literal_column("7", Integer)
MOST: Final = 1_000  # questions and answers


def _in_period() -> Any:
    standing = not_(one_of(ASKED.c.r_observation_status, ("cancelled", "entered-in-error")))
    return and_(is_code(ASKED.c.kind, "experience"), standing, within(day(ASKED.c.r_asked_on)))


def _answered() -> Any:
    return and_(SAID.c.id == ASKED.c.id, SAID.c.r_answer.is_not(None))


def asked_and_answered(*, narrowed: bool) -> Any:
    """People asked in the period, and those who said anything."""
    who = people()
    each = (
        select(ASKED.c.person, func.max(when(SAID.c.id.is_not(None))).label("answered"))
        .select_from(ASKED.outerjoin(SAID, _answered()))
        .where(_in_period())
        .group_by(ASKED.c.person)
        .cte("each")
    )
    values = {"numerator": each.c.answered, "denominator": ONE}
    return by_dimension(each.outerjoin(who, who.c.person == each.c.person), who, values, narrowed=narrowed)


def questions(*, narrowed: bool) -> Any:
    """How many people answered each question: question, count."""
    return _counted(SAID.c.r_question, narrowed=narrowed)


def answers(*, narrowed: bool) -> Any:
    """How many people gave each answer, of those that enough people gave: question, answer, count."""
    query = _counted(SAID.c.r_question, SAID.c.r_answer, narrowed=narrowed)
    return query.having(func.count(ASKED.c.person.distinct()) >= ENOUGH)


def _counted(*keys: Any, narrowed: bool) -> Any:
    count, said = func.count(ASKED.c.person.distinct()), ASKED.join(SAID, _answered())
    return (
        select(*keys, count.label("count"))
        .select_from(of_reporters(said, ASKED) if narrowed else said)
        .where(_in_period())
        .group_by(*keys)
        .order_by(count.desc(), *keys)
        .limit(literal_column(str(MOST)))
    )
