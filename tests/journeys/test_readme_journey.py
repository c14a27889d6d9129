"""The calls of the README's journey, run as they stand there, against the demonstration as `make demo` serves it."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.demonstration import prepare
from tests.journeys import june

ROOT: Final = Path(__file__).parents[2]
README: Final = ROOT / "README.md"
HEADING: Final = "## Janice's journey\n"
SERVED_AT: Final = "127.0.0.1:8000"
READY_S: Final = 60
WALK_S: Final = 180
PROGRAM: Final = f'#!/bin/sh\nexec "{sys.executable}" -c "from fhir_gateway.cli import main; main()" "$@"\n'


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language in the journey."""
    section = README.read_text(encoding="utf-8").partition(HEADING)[2].partition("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder such as a reader has after `make demo`; there curl stops at the first refusal."""
    path = tmp_path_factory.mktemp("reader")
    program = path / ".venv" / "bin" / "phb-gateway"
    program.parent.mkdir(parents=True)
    program.write_text(PROGRAM)
    program.chmod(0o700)
    (path / "docs").symlink_to(ROOT / "docs")
    prepare(path)
    (path / ".curlrc").write_text("fail-with-body\nshow-error\nnoproxy = *\n")
    return path


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    """Where the demonstration listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = int(probe.getsockname()[1])
    command = [str(folder / ".venv" / "bin" / "phb-gateway"), "demo", "--port", str(free)]
    with subprocess.Popen(command, cwd=folder, env=_environment(folder), stdout=subprocess.DEVNULL) as process:
        try:
            _wait(process, free)
            yield free
        finally:
            process.terminate()
            process.wait()


def _environment(folder: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "CURL_HOME": str(folder)}


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health/ready").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
        assert process.poll() is None, "the demonstration ended"
    pytest.fail("the demonstration was not ready in time")


def test_the_calls_of_the_readme_lead_to_what_it_shows(folder: Path, port: int) -> None:
    script = "set -eo pipefail\n" + "".join(blocks("sh")).replace(SERVED_AT, f"127.0.0.1:{port}")
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        timeout=WALK_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    shown = [line for text in blocks("text") for line in text.splitlines()]
    assert shown
    assert [line for line in shown if line not in done.stdout.replace("\r", "").splitlines()] == []


def test_every_file_is_used() -> None:
    script = "".join(blocks("sh"))
    assert [name for name in june.files() if f"docs/journey/{name}" not in script] == []
