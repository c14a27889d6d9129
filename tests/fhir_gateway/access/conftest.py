"""One case that many may look into, made once for each kind of database and only read."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from tests import databases
from tests.fhir_gateway.access.case import stock
from tests.fhir_gateway.api import Api, Loop, opened


@pytest.fixture(scope="session")
def case_on(loop: Loop, migrate: databases.Migrate) -> Iterator[Callable[[str], Api]]:
    with ExitStack() as stack:

        @cache
        def made(kind: str) -> Api:
            api = stack.enter_context(opened(stack.enter_context(databases.fresh(kind, migrate)), loop))
            stock(api)
            return api

        yield made


@pytest.fixture
def case(database_kind: str, case_on: Callable[[str], Api]) -> Api:
    """Janice's case, asked by a client that may do everything; nothing in it is changed."""
    return case_on(database_kind)
