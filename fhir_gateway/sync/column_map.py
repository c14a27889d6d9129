"""Column maps: how to read a payment list that somebody else laid out. A map is a small TOML file.

It says which column is what, how dates and amounts are written, and which rows are wanted. Those in `maps/`
are shipped and chosen by the name of the file they fit.

Source: docs/loading.md; the lists councils and NHS bodies publish under the transparency code.
"""

import re
import tomllib
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

FOLDER: Final = Path(__file__).parent / "maps"
DIRECTIVES: Final = {"d": "d", "m": "m", "b": "m", "B": "m", "Y": "y", "y": "y"}
Column = Annotated[str, Field(min_length=1)]


class UnusableMap(ValueError):
    """A column map that cannot be used, or that does not fit the file. line, column: where in the file."""

    def __init__(self, message: str, *, line: str = "", column: str = "") -> None:
        self.line = line
        self.column = column
        super().__init__(message)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Part):
    """A test of one cell: true when any of what is given fits. `contains` and `equals` look at case."""

    column: Column
    equals: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    matches: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.equals or self.contains or self.matches):
            raise ValueError("give equals, contains or matches")
        return self

    @field_validator("matches")
    @classmethod
    def _is_a_pattern(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from error
        return value

    def fits(self, cell: str) -> bool:
        """Whether the cell is one this rule names."""
        if cell in self.equals or any(part in cell for part in self.contains):
            return True
        return self.matches is not None and re.search(self.matches, cell) is not None


class Dates(_Part):
    """The column of the day paid. formats: of day, month and year; a day two formats read differently is refused."""

    column: Column
    formats: Annotated[tuple[str, ...], Field(min_length=1)]

    @field_validator("formats")
    @classmethod
    def _are_days(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if "".join(sorted(DIRECTIVES.get(part, "?") for part in re.findall("%(.)", one))) != "dmy":
                raise ValueError(f"{one!r} must hold %d, one of %m %b %B, and one of %Y %y, and no other directive")
        return value


class Amounts(_Part):
    """The column of the amount in pounds, or a column each for money out (debit) and money back (credit).

    sign: `as-is` when money paid out is positive, `negate` when it is negative. brackets: `(5.00)` is -5.00.
    thousands: what may stand between groups of three digits. currency: a sign that may stand before the digits.
    """

    column: Column | None = None
    debit: Column | None = None
    credit: Column | None = None
    sign: Literal["as-is", "negate"] = "as-is"
    brackets: bool = True
    thousands: Literal["", ",", " "] = ","
    currency: str = "£"

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        both = self.debit is not None and self.credit is not None
        neither = self.debit is None and self.credit is None
        if not (self.column and neither) and not (both and self.column is None):
            raise ValueError("give column, or debit and credit, and not both")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns amounts stand in."""
        return tuple(one for one in (self.column, self.debit, self.credit) if one)


class Body(_Part):
    """Who paid: the funder's ODS code where it has one, and its name, the same for all rows or in a column."""

    ods_code: Annotated[str, Field(pattern="^[A-Z0-9]{3,10}$")] | None = None
    name: Annotated[str, Field(min_length=1)] | None = None
    name_column: Column | None = None

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if self.name is None and self.name_column is None:
            raise ValueError("give name or name_column")
        return self


class Texts(_Part):
    """Columns kept as text. description: one or more, joined by ` / `. reference: the transaction's number."""

    payee: Column | None = None
    description: tuple[Column, ...] = ()
    cost_code: Column | None = None
    reference: Column | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(one for one in (self.payee, *self.description, self.cost_code, self.reference) if one)


class ColumnMap(_Part):
    """A whole map. files: patterns of the file names it fits, `.gz` left off.

    skip: lines above the headings, or above the first row where `columns` names the columns of a list without headings.
    line_breaks: what to do with text broken over lines, which shows a list read badly out of a page.
    """

    name: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]*$")]
    title: str
    files: tuple[str, ...] = ()
    encoding: Literal["utf-8-sig", "utf-8", "windows-1252", "latin-1"] = "utf-8-sig"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    skip: Annotated[int, Field(ge=0)] = 0
    columns: tuple[Column, ...] = ()
    line_breaks: Literal["refuse", "keep"] = "refuse"
    required: tuple[Column, ...] = ()
    body: Body
    date: Dates
    amount: Amounts
    text: Texts
    keep: tuple[Rule, ...] = ()
    drop: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _columns_are_there(self) -> Self:
        if self.columns:
            missing = sorted(set(self.used) - set(self.columns))
            if missing:
                raise ValueError(f"columns does not name {', '.join(missing)}")
        return self

    @property
    def used(self) -> tuple[str, ...]:
        """Every column the map looks at, each once."""
        rules = (one.column for one in (*self.keep, *self.drop))
        body = (self.body.name_column,) if self.body.name_column else ()
        return tuple(
            dict.fromkeys((*self.required, self.date.column, *self.amount.columns, *self.text.columns, *body, *rules))
        )

    @property
    def read(self) -> tuple[str, ...]:
        """The columns whose content becomes part of a record."""
        body = (self.body.name_column,) if self.body.name_column else ()
        return (*dict.fromkeys((self.date.column, *self.amount.columns, *self.text.columns, *body)),)

    def fits(self, file_name: str) -> bool:
        """Whether a file of this name is one the map was made for."""
        return any(fnmatch(file_name.lower(), pattern.lower()) for pattern in self.files)


def parse(text: str, shown: str) -> ColumnMap:
    """The map in `text`. Raises UnusableMap naming `shown`, and each fault with its place."""
    try:
        return ColumnMap.model_validate(_listed(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise UnusableMap(f"{shown}: not valid TOML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(_told(one) for one in error.errors(include_url=False, include_input=False))
        raise UnusableMap(f"{shown}: {faults}") from error


def _listed(said: dict[str, Any]) -> dict[str, Any]:
    """The map with `description = "a"` read as `["a"]`."""
    texts = said.get("text")
    if isinstance(texts, dict) and isinstance(texts.get("description"), str):
        said = {**said, "text": {**texts, "description": [texts["description"]]}}
    return said


def _told(error: Any) -> str:
    place = ".".join(str(one) for one in error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


@cache
def shipped() -> tuple[ColumnMap, ...]:
    """The maps that come with the gateway."""
    return tuple(parse(path.read_text("utf-8"), path.name) for path in sorted(FOLDER.glob("*.toml")))


def named(name: str) -> ColumnMap:
    """The shipped map of this name, or the one in the TOML file of this path. Raises UnusableMap."""
    found = next((one for one in shipped() if one.name == name), None)
    if found is not None:
        return found
    path = Path(name)
    if not path.is_file():
        known = ", ".join(one.name for one in shipped())
        raise UnusableMap(f"there is no column map {name!r}: give a TOML file or one of {known}")
    return parse(path.read_text("utf-8"), path.name)


def chosen(file_name: str) -> ColumnMap | None:
    """The shipped map made for files of this name, if there is one."""
    return next((one for one in shipped() if one.fits(file_name)), None)
