"""`phb-gateway demo` as a process of its own, in a folder of its own, for as long as a block runs."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from fhir_gateway.demo import start
from tests import databases

ROOT: Final = Path(__file__).parents[1]
COMMAND: Final = (sys.executable, "-c", "from fhir_gateway.cli import main; main()", "demo", "--port")
READY_S: Final = 60
ANY_PORT: Final = 8000  # each start writes its own


@dataclass(frozen=True)
class Demonstration:
    """A running demonstration. root: where it is reached. folder: where its credentials are."""

    root: str
    folder: Path

    @property
    def base(self) -> str:
        """The FHIR base."""
        return f"{self.root}/fhir"

    @property
    def app(self) -> str:
        """Where the patient app is served."""
        return f"{self.root}/app/"

    @property
    def credentials(self) -> dict[str, Any]:
        """What was written for visitors."""
        content: dict[str, Any] = json.loads((self.folder / ".demo" / "credentials.json").read_text())
        return content

    def user(self, name: str) -> tuple[str, str]:
        """User name and password."""
        found = self.credentials["users"][name]
        return found["username"], found["password"]


def prepare(folder: Path) -> None:
    """Leave in a folder what a first start makes; made once for a whole run of tests."""
    made = databases.run_folder() / "demonstration"
    with databases.held("demonstration"):
        if not made.exists():
            making = made.with_name("making-the-demonstration")
            start.set_up(making, start.settings_of(making, ANY_PORT))
            making.rename(made)
    shutil.copytree(made, folder / ".demo")


@contextmanager
def demonstration(folder: Path) -> Iterator[Demonstration]:
    """The demonstration in a folder, ready."""
    prepare(folder)
    port = free_port()
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    output = folder / "output"
    with output.open("w") as file:
        process = subprocess.Popen([*COMMAND, str(port)], cwd=folder, env=environment, stdout=file, stderr=file)
    try:
        root = f"http://127.0.0.1:{port}"
        _wait(f"{root}/health/ready", process, output)
        yield Demonstration(root, folder)
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, process: "subprocess.Popen[bytes]", output: Path) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        assert process.poll() is None, output.read_text()
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the demonstration was not ready in time")
