"""The processes of the bench: each takes its orders on standard input and ends when that closes.

A child that outlives its parent sees its input close, so nothing stays behind when the bench is killed.
`python -m bench.child ROLE JOB` runs one; the parent's side is `Child`.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from types import TracebackType
from typing import Any, Final, Self

from bench.machine import cpu_seconds, pin

SERVER_CORE: Final = 0
CLIENT_CORE: Final = 1
START_S: Final = 60.0
STOP_S: Final = 10.0
HOST: Final = "127.0.0.1"
Job = dict[str, Any]


class ChildFailed(RuntimeError):
    """A process of the bench ended, or refused its order."""


class Child:
    """A process in one role. core: where it stays, as far as the system can be asked."""

    def __init__(self, role: str, job: Job) -> None:
        self.role = role
        command = [sys.executable, "-m", "bench.child", role, json.dumps(job)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.said = self._answer()

    def ask(self, order: Job) -> Job:
        """Send an order and wait for what comes of it."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> Job:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise ChildFailed(f"the {self.role} process ended with {self.process.wait()}")
        answer: Job = json.loads(line)
        if "failed" in answer:
            raise ChildFailed(f"{self.role}: {answer['failed']}")
        return answer

    def cpu(self) -> float | None:
        """Processor seconds used so far."""
        return cpu_seconds(self.process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        """Close its input and wait; end it by its own id when it does not listen."""
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Server(Child):
    """A web server on a free port of the loopback; `said` is heard once it listens."""

    def __init__(self, role: str, job: Job) -> None:
        self.port = free_port()
        super().__init__(role, {**job, "port": self.port})
        _wait_for(self.port, self.process)


def free_port() -> int:
    """A port nobody listens on just now."""
    with closing(socket.socket()) as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[str]") -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        with closing(socket.socket()) as one:
            if one.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.02)
    raise ChildFailed(f"nothing listens on port {port}")


# --- the child's own side ---------------------------------------------------------------------------


def say(answer: Job) -> None:
    """Tell the parent."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    """Stop this process, in order, when its input closes."""

    def wait() -> None:
        sys.stdin.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def _gateway(job: Job) -> None:
    from fhir_gateway.server import serve
    from fhir_gateway.settings import Settings

    _end_with_parent()
    pinned = pin(SERVER_CORE)
    say({"pinned": pinned})
    base = f"http://{HOST}:{job['port']}"
    settings = Settings(database_url=job["database"], base_url=base, port=job["port"], log_level="ERROR")
    serve(settings, HOST, job["port"], 1)


def _bare(job: Job) -> None:
    import uvicorn

    from bench.bare import Bare

    _end_with_parent()
    pinned = pin(SERVER_CORE)
    say({"pinned": pinned})
    uvicorn.run(Bare.read(job["answers"]), **{**job["options"], "host": HOST, "port": job["port"]})


def _client(job: Job) -> None:
    from bench.client import Client

    pin(CLIENT_CORE)
    _obey(Client.read(job).run)


def _raw(job: Job) -> None:
    from bench.raw import Raw

    pin(SERVER_CORE)
    _obey(Raw.read(job).run)


def _obey(run: Any) -> None:
    """Carry out the orders on standard input until it closes."""
    say({"ready": True})
    for line in sys.stdin:
        try:
            say(run(**json.loads(line)))
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent has to know
            say({"failed": f"{type(error).__name__}: {error}"})


ROLES: Final = {"gateway": _gateway, "bare": _bare, "client": _client, "raw": _raw}

if __name__ == "__main__":
    ROLES[sys.argv[1]](json.loads(sys.argv[2]))
