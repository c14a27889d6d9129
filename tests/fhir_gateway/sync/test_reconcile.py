"""`phb-gateway reconcile`: a list from a file, loaded and held against the ledger."""

import csv
from collections.abc import Iterable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from fhir_gateway.cli import APP
from fhir_gateway.demo.case import ICB
from fhir_gateway.demo.people import FILES
from fhir_gateway.phb.money import pounds
from fhir_gateway.store.database import Database
from fhir_gateway.store.migrate import upgrade
from fhir_gateway.store.records import write
from fhir_gateway.sync.column_map import shipped
from mappings.claim_response import FunderAnswer
from tests.fhir_gateway import stocked
from tests.fhir_gateway.sync.builders import SAMPLES

SAMPLE_LISTS = sorted(SAMPLES.glob("*.csv"))
MAP = """
name = "icb-sent"
title = "What the ICB sent"
required = ["Number"]

[body]
ods_code = "QZZ"
name = "Exampleshire Integrated Care Board"

[date]
column = "Day"
formats = ["%Y-%m-%d"]

[amount]
column = "Amount"

[text]
reference = "Number"
"""


@pytest.fixture
def database(database_url: str) -> str:
    """Janice and the bodies, whose payments the ICB made."""
    upgrade(database_url)
    store = Database(database_url)
    changes = [stocked._change(one) for name in ("bodies", "janice") for one in FILES[name]]
    store.write(lambda session: write(session, changes, stocked.ACTOR))
    store.close()
    return database_url


def run(database: str, folder: Path, *options: str | Path) -> tuple[Result, list[dict[str, str]]]:
    out, report = folder / "out.csv", folder / "refused.csv"
    arguments = ["reconcile", *map(str, options), "--out", str(out), "--report", str(report)]
    done = CliRunner(env={"PHB_DATABASE_URL": database}).invoke(APP, arguments)
    if not out.exists():
        return done, []
    with out.open(encoding="utf-8", newline="") as file:
        return done, list(csv.DictReader(file))


def verdicts(rows: Iterable[dict[str, str]]) -> list[str]:
    return [one["verdict"] for one in rows if not one["verdict"].startswith("sum")]


def list_of_the_icb(folder: Path) -> tuple[Path, Path]:
    """The list as the ledger has it, and its map."""
    answers = (one.record for one in FILES["janice"] if isinstance(one.record, FunderAnswer))
    paid = [one for one in answers if one.funder_id == ICB and one.paid_on]
    rows = [f"{one.paid_on},{one.payment_ref},{pounds(one.paid_pence or 0)}" for one in paid]
    path, column_map = folder / "sent.csv", folder / "map.toml"
    path.write_text("\n".join(["Day,Number,Amount", *rows, ""]), "utf-8")
    column_map.write_text(MAP, "utf-8")
    return path, column_map


def test_a_list_that_agrees_with_the_ledger_says_so(database: str, tmp_path: Path) -> None:
    path, column_map = list_of_the_icb(tmp_path)
    done, rows = run(database, tmp_path, path, "--map", column_map)
    assert done.exit_code == 0, done.output
    assert set(verdicts(rows)) == {"matched"}
    assert "difference GBP 0.00" in done.output
    again, _ = run(database, tmp_path, path, "--map", column_map)
    assert again.exit_code == 0


def test_a_list_with_a_fault_exits_with_2_and_shows_the_row(database: str, tmp_path: Path) -> None:
    path, column_map = list_of_the_icb(tmp_path)
    heading, first, *rest = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([heading, f"{first.rpartition(',')[0]},1.00", *rest, ""]), "utf-8")
    done, rows = run(database, tmp_path, path, "--map", column_map)
    assert done.exit_code == 2, done.output
    assert (verdicts(rows).count("amount-differs"), len(verdicts(rows))) == (1, len(rest) + 1)
    path.write_text("Day,Number,Amount\n2025-05-05,BACS-9,42.00\n", "utf-8")
    done, rows = run(database, tmp_path, path, "--map", column_map)
    assert done.exit_code == 2
    assert verdicts(rows)[0] == "not-in-ledger"
    assert "listed GBP 42.00" in done.output


def test_the_funder_may_be_named_where_the_list_does_not(database: str, tmp_path: Path) -> None:
    path, column_map = list_of_the_icb(tmp_path)
    column_map.write_text(MAP.replace('ods_code = "QZZ"\n', ""), "utf-8")
    done, rows = run(database, tmp_path, path, "--map", column_map)
    assert (done.exit_code, set(verdicts(rows))) == (2, {"not-in-ledger"})
    done, rows = run(database, tmp_path, path, "--map", column_map, "--funder", ICB)
    assert (done.exit_code, set(verdicts(rows))) == (0, {"matched"})


@pytest.mark.parametrize("path", SAMPLE_LISTS, ids=lambda path: path.name)
def test_no_row_of_a_public_list_is_in_our_ledger(database: str, tmp_path: Path, path: Path) -> None:
    assert any(one.fits(path.name) for one in shipped())
    done, rows = run(database, tmp_path, path)
    assert done.exit_code == 2, done.output
    assert set(verdicts(rows)) == {"not-in-ledger"}


def test_a_list_no_map_fits_is_refused(database: str, tmp_path: Path) -> None:
    path, _ = list_of_the_icb(tmp_path)
    done, rows = run(database, tmp_path, path)
    assert (type(done.exception).__name__, rows) == ("UnusableMap", [])
