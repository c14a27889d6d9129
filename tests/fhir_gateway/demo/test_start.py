"""`phb-gateway demo`, as somebody at a terminal meets it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest

from fhir_gateway.demo import start
from fhir_gateway.demo.people import FILES
from fhir_gateway.demo.start import CannotStart
from fhir_gateway.demo.token import Refused, token
from fhir_gateway.store import engagements
from fhir_gateway.store.database import Database

ROOT: Final = Path(__file__).parents[3]
COMMAND: Final = (sys.executable, "-c", "from fhir_gateway.cli import main; main()")
READY_S: Final = 10
PATIENCE_S: Final = 60
SIZE: Final = sum(len(file) for file in FILES.values())


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PHB_DATABASE_URL": "sqlite:///elsewhere.db", "COLUMNS": "80"}


def phb(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What one command printed, and its exit code."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


@contextmanager
def serving(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """The demonstration in a folder, until the block ends."""
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            [*COMMAND, "demo", "--port", str(port)],
            cwd=folder,
            env=environment(),
            stdout=output,
            stderr=output,
            text=True,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/health/ready", process)
        yield process
    finally:
        process.kill()
        process.wait()


def _wait_for(url: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"{url} does not answer")


def worked_s(process: subprocess.Popen[str]) -> float:
    """Processor time of a process so far: what it would take on a machine with nothing else to do."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demonstration was started before."""
    folder = tmp_path_factory.mktemp("demo")
    start.set_up(folder / ".demo", start.settings_of(folder / ".demo", free_port()))
    return folder


@pytest.mark.requirement("S60")
def test_it_serves_the_people_gives_tokens_and_stops_when_told(tmp_path: Path) -> None:
    folder, port = tmp_path, free_port()
    with serving(folder, port) as process:
        if Path("/proc").exists():
            assert worked_s(process) < READY_S
        printed = (folder / "output").read_text()
        bearer = phb(folder, "token", "council-sync").stdout.strip()
        headers = {"Authorization": f"Bearer {bearer}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/fhir/", headers=headers, trust_env=False) as http:
            assert http.get("Patient/janice").json()["name"][0]["given"] == ["Janice"]
            budget = http.get("Claim?patient=janice&use=preauthorization").json()
            assert budget["entry"][0]["resource"]["total"] == {"value": 5716.89, "currency": "GBP"}
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
    assert time.monotonic() - began < READY_S
    assert process.returncode in (0, -signal.SIGTERM)
    assert f"{SIZE} resources created" in printed
    assert f"http://127.0.0.1:{port}/fhir" in printed
    janice = json.loads((folder / ".demo/credentials.json").read_text())["users"]["janice"]
    assert f"http://127.0.0.1:{port}/app/" in printed
    assert f"log in as janice, password {janice['password']}" in printed
    assert (folder / "output").read_text() == printed
    assert not (folder / "elsewhere.db").exists()


def test_a_second_start_changes_nothing_and_an_interrupt_stops_it(folder: Path) -> None:
    before = json.loads((folder / ".demo/credentials.json").read_text())
    port = free_port()
    with serving(folder, port) as process:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_S)
    assert process.returncode == 0
    assert "nothing was changed" in (folder / "output").read_text()
    after = json.loads((folder / ".demo/credentials.json").read_text())
    assert after["clients"] == before["clients"]
    assert after["fhir_base"] == f"http://127.0.0.1:{port}/fhir"


def test_the_auditors_are_engaged_once_for_a_sample(folder: Path) -> None:
    settings = start.settings_of(folder / ".demo", free_port())
    start.set_up(folder / ".demo", settings)
    database = Database(settings.database_url)
    (engagement,) = database.write(engagements.every)
    database.close()
    assert (engagement.organisation, set(engagement.people)) == ("even-handed", {"janice", "keir", "rowan"})


def test_a_token_without_a_server_is_refused_in_one_line(folder: Path) -> None:
    done = phb(folder, "token", "council-sync")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "is the demonstration running?" in done.stderr


@pytest.mark.parametrize(
    ("name", "reason"), [("nobody", "there are auditor, chc-tool"), ("patient-app", "people log in")]
)
def test_a_token_for_a_client_that_signs_nothing_is_refused(folder: Path, name: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        token(name, folder / ".demo")


def test_a_token_where_no_demonstration_was_started_is_refused_in_one_line(tmp_path: Path) -> None:
    done = phb(tmp_path, "token", "council-sync")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "make demo" in done.stderr


def test_a_port_in_use_is_told_in_one_line_and_nothing_is_made(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = phb(tmp_path, "demo", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "cannot be used" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / ".demo"
    with pytest.raises(CannotStart, match=r"file/\.demo: Not a directory"):
        start.set_up(folder, start.settings_of(folder, 8000))


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    folder = tmp_path / ".demo"
    folder.touch()
    with pytest.raises(CannotStart, match=r"\.demo: File exists"):
        start.set_up(folder, start.settings_of(folder, 8000))


def test_a_database_of_another_program_is_named_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / start.DATABASE).write_text("no database at all, but long enough to be taken for one" * 100)
    with pytest.raises(CannotStart, match=r"remove .* and start again"):
        start.set_up(tmp_path, start.settings_of(tmp_path, 8000))


def test_the_lines_to_try_name_the_program_as_it_was_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [".venv/bin/phb-gateway", "demo"])
    assert start._program() == ".venv/bin/phb-gateway"
    monkeypatch.setattr(sys, "argv", ["-c"])
    assert start._program() == "phb-gateway"
