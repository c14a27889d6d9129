"""What is to be loaded: files found, opened and cut into tasks for the processes that judge and derive.

A task is a whole JSON document, or some lines of NDJSON, or some rows of a payment list. Files may be gzipped.

Source: FHIR R4 json.html; github.com/ndjson/ndjson-spec; RFC 4180; RFC 1952.
"""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from fhir_gateway.sync import payment_list
from fhir_gateway.sync.column_map import ColumnMap, UnusableMap
from mappings.registry import TYPES

KINDS: Final = {".json": "json", ".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv"}
LINES: Final = 200
TASK_BYTES: Final = 1024 * 1024
SNIFFED: Final = 4096
BrokenGzip: Final = (gzip.BadGzipFile, EOFError, zlib.error)
# types that others refer to, so that little has to wait for what it names
FIRST: Final = (
    *("Organization", "Practitioner", "PractitionerRole", "Patient", "RelatedPerson", "CareTeam"),
    *("Condition", "Goal", "Coverage", "DocumentReference", "RiskAssessment", "CarePlan"),
)
_RANK: Final = {name: position for position, name in enumerate(dict.fromkeys((*FIRST, *TYPES)))}


@dataclass(frozen=True, slots=True)
class Source:
    """A file to load. shown: how reports name it. name: its own name without `.gz`, part of the ids it gives."""

    path: Path
    shown: str
    kind: str

    @property
    def name(self) -> str:
        """The file's name, the same whether it is gzipped or not."""
        return self.path.name.removesuffix(".gz")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something refused. line: line number or entry path. column: element path or CSV column."""

    line: str
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Task:
    """Work for one process. payload: JSON document, lines with their numbers, or rows. size: bytes read of the file."""

    file: int
    name: str
    payload: "Document | Lines | payment_list.Rows | Fault"
    size: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """A whole JSON document, still in its file."""

    path: Path


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of an NDJSON file, each with its number, from 1."""

    lines: tuple[tuple[int, bytes], ...]


def find(paths: Sequence[Path]) -> list[Source]:
    """The files named and those in the folders named, each once.

    Within a folder, files named for a type of the gateway come first, people before what belongs to them.
    Raises FileNotFoundError.
    """
    found: dict[Path, Source] = {}
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"there is no {path}")
        files = sorted(_within(path), key=_order) if path.is_dir() else [path]
        for one in files:
            found.setdefault(one.resolve(), Source(one, str(one), _kind(one)))
    return list(found.values())


def _within(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and _suffix(path) in KINDS:
            yield path


def _order(path: Path) -> tuple[str, int, str]:
    stem = path.name.partition(".")[0].partition("-")[0]
    return str(path.parent), _RANK.get(stem, len(_RANK)), path.name


def _suffix(path: Path) -> str:
    return Path(path.name.removesuffix(".gz")).suffix.lower()


def _kind(path: Path) -> str:
    """By suffix; a file with another is JSON when it begins like JSON, and one document when its first line is none."""
    known = KINDS.get(_suffix(path))
    if known is not None:
        return known
    with opened(path) as file:
        start = file.read(SNIFFED).lstrip()
    if not start.startswith(b"{"):
        return "csv"
    first, newline, rest = start.partition(b"\n")
    return "ndjson" if newline and first.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{") else "json"


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The file's content, unzipped."""
    with path.open("rb") as raw:
        if path.name.endswith(".gz"):
            with gzip.GzipFile(fileobj=raw) as unzipped:
                yield unzipped  # type: ignore[misc]
        else:
            yield raw


def tasks(number: int, source: Source, chosen: ColumnMap | None) -> Iterator[Task]:
    """The work of one file, in its order. chosen: the column map of a payment list.

    A file that cannot be read to its end ends with a task that holds the fault.
    """
    if source.kind == "json":
        yield Task(number, source.name, Document(source.path), source.path.stat().st_size)
        return
    read = _rows if source.kind == "csv" else _lines
    try:
        yield from read(number, source, chosen)
    except BrokenGzip:
        yield Task(number, source.name, Fault("", "", "the compressed file is damaged or cut short"))
    except UnusableMap as error:
        yield Task(number, source.name, Fault(error.line, error.column, str(error)))


def _lines(number: int, source: Source, _: ColumnMap | None) -> Iterator[Task]:
    batch: list[tuple[int, bytes]] = []
    size = told = 0
    zipped = source.path.name.endswith(".gz")  # its size is told at the end: lines do not show it
    with opened(source.path) as file:
        for line, text in enumerate(file, 1):
            if text.isspace():
                continue
            batch.append((line, text))
            size += len(text)
            if len(batch) >= LINES or size >= TASK_BYTES:
                weight = 0 if zipped else size
                yield Task(number, source.name, Lines(tuple(batch)), weight)
                batch, size, told = [], 0, told + weight
    yield Task(number, source.name, Lines(tuple(batch)), source.path.stat().st_size - told)


def _rows(number: int, source: Source, chosen: ColumnMap | None) -> Iterator[Task]:
    if chosen is None:
        raise UnusableMap("no column map fits this file: name one with --map")
    size = source.path.stat().st_size
    with opened(source.path) as file:
        for rows in payment_list.read(file, source.name, chosen):
            yield Task(number, source.name, rows)
    yield Task(number, source.name, Lines(()), size)
