import gzip
from pathlib import Path

import pytest

from fhir_gateway.sync import sources
from fhir_gateway.sync.sources import Document, Fault, Lines


def kinds(folder: Path) -> list[tuple[str, str]]:
    return [(one.path.name, one.kind) for one in sources.find([folder])]


def made(folder: Path, **files: bytes) -> Path:
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_bytes(content)
    return folder


def test_a_folder_gives_the_files_that_can_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    made(tmp_path, a__json=b"{}", b__ndjson__gz=b"", c__csv=b"", readme__txt=b"", __git__json=b"")
    made(tmp_path / "inner", d__jsonl=b"")
    assert kinds(tmp_path) == [("a.json", "json"), ("b.ndjson.gz", "ndjson"), ("c.csv", "csv"), ("d.jsonl", "ndjson")]


def test_people_come_before_what_belongs_to_them(tmp_path: Path) -> None:
    made(tmp_path, Claim__ndjson=b"", Patient__ndjson=b"", Organization__ndjson=b"", other__ndjson=b"")
    names = [name for name, _ in kinds(tmp_path)]
    assert names == ["Organization.ndjson", "Patient.ndjson", "Claim.ndjson", "other.ndjson"]


def test_a_file_named_twice_is_loaded_once(tmp_path: Path) -> None:
    made(tmp_path, a__json=b"{}")
    assert len(sources.find([tmp_path, tmp_path / "a.json"])) == 1


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no .*nothing\.json"):
        sources.find([tmp_path / "nothing.json"])


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b'{"a":1}\n{"a":2}\n', "ndjson"), (b'{\n "a": 1\n}\n', "json"), (b'{"a":1}', "json"), (b"a,b\n1,2\n", "csv")],
)
def test_a_file_of_another_suffix_is_known_by_how_it_begins(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "export.txt"
    path.write_bytes(content)
    assert sources.find([path])[0].kind == kind


def test_lines_keep_their_numbers_and_blank_ones_are_passed_over(tmp_path: Path) -> None:
    made(tmp_path, a__ndjson=b'{"a":1}\n\n{"a":2}')
    [task] = sources.tasks(0, sources.find([tmp_path])[0], None)
    assert task.payload == Lines(((1, b'{"a":1}\n'), (3, b'{"a":2}')))


def test_many_lines_make_many_tasks_that_cover_the_file(tmp_path: Path) -> None:
    made(tmp_path, a__ndjson=b'{"a":1}\n' * 1001)
    found = list(sources.tasks(0, sources.find([tmp_path])[0], None))
    assert [len(one.payload.lines) for one in found if isinstance(one.payload, Lines)] == [200] * 5 + [1]
    assert sum(one.size for one in found) == 8 * 1001


def test_a_document_is_left_to_the_process_that_reads_it(tmp_path: Path) -> None:
    made(tmp_path, a__json=b"{}")
    [task] = sources.tasks(3, sources.find([tmp_path])[0], None)
    assert (task.file, task.payload) == (3, Document(tmp_path / "a.json"))


@pytest.mark.parametrize(
    "content", [gzip.compress(b'{"a":1}\n' * 999)[:-12], b"no gzip at all"], ids=["cut off", "none at all"]
)
def test_a_damaged_gzip_file_ends_with_the_fault(tmp_path: Path, content: bytes) -> None:
    made(tmp_path, a__ndjson__gz=content)
    *_, last = sources.tasks(0, sources.find([tmp_path])[0], None)
    assert last.payload == Fault("", "", "the compressed file is damaged or cut short")


def test_a_list_no_map_fits_is_a_fault(tmp_path: Path) -> None:
    made(tmp_path, a__csv=b"a,b\n")
    [task] = sources.tasks(0, sources.find([tmp_path])[0], None)
    assert task.payload == Fault("", "", "no column map fits this file: name one with --map")
