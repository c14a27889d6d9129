"""Reading and searching are driven by `wrk` where it is on the path: it costs the client's core least.

Source: github.com/wg/wrk, SCRIPTING.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.child import CLIENT_CORE, HOST
from bench.client import Refused, Shot

SCRIPT: Final = """
local requests = {}
local at = 0
function init(args)
  for line in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", line)
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency, _)
  local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  local function at(share) return latency:percentile(share) / 1e3 end
  io.write(string.format('{"requests":%d,"seconds":%f,"bad":%d,"p50":%f,"p95":%f,"p99":%f}\\n',
    summary.requests, summary.duration / 1e6, bad, at(50), at(95), at(99)))
end
"""


def fits(seconds: float) -> bool:
    """Whether `wrk` is there and can run for so long: it counts whole seconds."""
    return shutil.which("wrk") is not None and seconds >= 1


@dataclass(frozen=True, slots=True)
class Wrk:
    """A load client with the same face as `bench.client.Client` in a child."""

    command: tuple[str, ...]
    arguments: tuple[str, ...]

    @classmethod
    def against(cls, folder: Path, shots: Sequence[Shot], port: int, token: str, connections: int) -> "Wrk":
        """The client for these addresses of one server. folder: for its script."""
        script, targets = folder / "wrk.lua", folder / f"targets-{port}-{len(list(folder.glob('targets-*')))}"
        script.write_text(SCRIPT)
        targets.write_text("\n".join(one.target for one in shots) + "\n")
        command = ("wrk", "-t1", f"-c{connections}", "-s", str(script), "-H", f"Authorization: Bearer {token}")
        return cls(command, (f"http://{HOST}:{port}", "--", str(targets)))

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        """Run for `seconds`. Raises Refused when any answer was no success."""
        seconds = max(1, round(order["seconds"]))
        done = subprocess.run(
            [*_pinned(), *self.command, f"-d{seconds}s", *self.arguments], check=True, capture_output=True, text=True
        )
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        if answer["bad"]:
            raise Refused(f"wrk met {answer['bad']} answers that were no success")
        return answer


def _pinned() -> Sequence[str]:
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    taskset = shutil.which("taskset")
    return (taskset, "-c", str(CLIENT_CORE)) if taskset and CLIENT_CORE in cores else ()
