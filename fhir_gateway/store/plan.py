"""How a clause becomes SQL: its shape, its values, and what builds the condition over a table.

Equal shapes give equal SQL text, so that the statement of a shape is built and compiled once.

Source: design decision 3.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table

from mappings.lens.query import Clause

Binds = Iterator[Any]
Build = Callable[[Binds, Table], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a clause becomes SQL: equal shapes give equal text. `build` takes a place for each value in order."""

    shape: tuple[Any, ...]
    values: tuple[Any, ...]
    build: Build


Planner = Callable[[str, Clause], Plan]
