"""Cases by the hundred thousand for the measures, put into PostgreSQL by SQL.

It fills the derived columns alone; a text of usual length stands for each resource, so that rows are as wide as they
are in earnest. Nothing of it can be read over FHIR.

Source: fhir_gateway.store.tables; domain.md section 7.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import sql

BODIES: Final = 40
TEXT: Final = "convert_to(repeat(md5(i::text || {salt}), 48), 'UTF8')"  # 1,536 bytes
START: Final = "DATE '2025-04-01' + (i * 7 % 240)"
END: Final = f"{START} + CASE WHEN i % 7 = 0 THEN 100 ELSE 364 END"
GROUPS: Final = "ARRAY['adult-nhs-chc','nhs-wheelchair','section-117-aftercare','long-term-conditions','ehc-plan']"
OPTIONS: Final = "ARRAY['notional','direct-payment','third-party','notional']"

Columns = dict[str, str]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table: `each` of them a case, numbered k; columns as SQL over i, the case, and k. where: which i."""

    table: str
    columns: Columns
    each: int = 1
    where: str = "true"


def resource(table: str, kind: str, ident: str, columns: Columns, each: int = 1, where: str = "true") -> Rows:
    """The rows of a kind of resource about the person of each case."""
    person = {} if table == "patient" else {"r_person_id": "'p' || i"}
    fixed = {
        "id": ident,
        "version": "1",
        "updated": "1760000000000000 + i",
        "person": "'p' || i",
        "kind": f"'{kind}'",
        "text": TEXT.format(salt=f"'{kind}'"),
    }
    return Rows(table, fixed | person | columns, each, where)


def population() -> Iterator[Rows]:
    """Everything the measures look at, for each case."""
    yield resource("patient", "person", "'p' || i", {"r_birth_date": "DATE '1930-01-01' + (i % 33000)"})
    yield resource(
        "episode_of_care",
        "case",
        "'c' || i",
        {
            "r_status": "'active'",
            "r_state": "'active'",
            "r_group": f"({GROUPS})[1 + i % 5]",
            "r_budget_kind": "'ongoing'",
            "r_responsible_body": f"'icb-' || (i % {BODIES})",
            "r_opened_on": f"{START} - 60",
        },
    )
    yield from _budgets()
    yield from _movements()
    yield from _tasks()
    yield from _others()


def _budgets() -> Iterator[Rows]:
    common = {"r_status": "'active'", "r_start": START, "r_end": END, "r_created": f"{START} - 20"}
    yield resource(
        "claim",
        "indicative-budget",
        "'i' || i",
        common
        | {"r_budget_status": "'shared'", "r_total_pence": "1000000 + i % 7000", "q_use": "'|predetermination|'"},
    )
    yield resource(
        "claim",
        "agreed-budget",
        "'b' || i",
        common
        | {
            "r_budget_status": "'active'",
            "r_budget_kind": "'ongoing'",
            "r_total_pence": "1050000 + i % 9000",
            "r_indicative_id": "'i' || i",
            "r_comparator": "CASE WHEN i % 5 = 0 THEN 'Observation/s' || i END",
            "q_use": "'|preauthorization|'",
        },
    )
    yield Rows(
        "claim_lines",
        {
            "id": "'b' || i",
            "position": "k - 1",
            "r_line_no": "k",
            "r_management_option": f"({OPTIONS})[1 + (i + k / 3) % 4]",
            "r_amount_pence": "350000 + i % 9000",
            "r_rate_pence": "1500 + i % 300",
            "r_quantity": "'7.5'",
            "r_unit": "'hour'",
            "r_frequency": "(ARRAY['weekly','annual','monthly'])[k]",
            "r_profile": "'even'",
            "r_flags": "CASE WHEN k = 3 THEN '[\"contingency\"]' ELSE '[]' END",
        },
        each=3,
    )
    insured = {"id": "'b' || i", "position": "k - 1", "r_sequence": "k", "r_coverage_id": "'v' || i || '-' || k"}
    yield Rows("claim_insurance", insured, each=2)
    yield resource(
        "coverage",
        "funder-contribution",
        "'v' || i || '-' || k",
        {
            "r_status": "'active'",
            "r_stream": "(ARRAY['nhs-other','la-adult-social-care'])[k]",
            "r_funder": "'Organization/' || (ARRAY['icb','council'])[k] || (i % 40)",
        },
        each=2,
    )


def _movements() -> Iterator[Rows]:
    against = {"r_status": "'active'", "r_pays_against_id": "'b' || i", "r_total_pence": "80000"}
    day = f"{START} + 30 * k"
    yield resource(
        "claim",
        "payment",
        "'y' || i || '-' || k",
        against
        | {
            "r_payment_kind": "(ARRAY['instalment','invoice','recovery'])[1 + (i + k) % 3]",
            "r_payment_status": "CASE WHEN (i + k) % 9 = 0 THEN 'scheduled' ELSE 'paid' END",
            "r_due_on": day,
            "r_paid_on": day,
            "r_created": day,
            "r_received_on": day,
        },
        each=4,
    )
    paid_line = {"id": "'y' || i || '-' || k", "position": "0", "r_sequence": "1", "r_budget_line": "1"}
    checked = {"r_amount_pence": "80000", "r_invoice_check": "CASE WHEN i % 3 = 0 THEN 'confirmed' END"}
    yield Rows("claim_lines", paid_line | checked, each=4)
    yield resource(
        "claim",
        "expenditure-entry",
        "'e' || i || '-' || k",
        against | {"r_expenditure_status": "'accepted'", "r_created": f"{START} + 40 * k"},
        each=3,
    )
    bought = {"id": "'e' || i || '-' || k", "position": "0", "r_sequence": "1", "r_budget_line": "1 + i % 3"}
    spent = {"r_amount_pence": "70000 + i % 5000", "r_flags": "'[]'", "r_spent_on": f"{START} + 40 * k"}
    yield Rows("claim_lines", bought | spent, each=3)


def _tasks() -> Iterator[Rows]:
    due = f"{START} + 90 * k"
    done = {"r_status": "CASE WHEN i % 4 = 0 THEN 'requested' ELSE 'completed' END", "r_intent": "'order'"}
    ended = f"CASE WHEN i % 4 > 0 THEN {due} + i % 7 - 3 END"
    yield resource(
        "task",
        "review",
        "'r' || i || '-' || k",
        done | {"r_review_kind": "'annual'", "r_respond_by": due, "r_started_on": ended, "r_ended_on": ended},
        each=2,
    )
    told = {"r_respond_by": f"{START} + 28", "r_communicated_on": f"{START} + 20 + i % 12", "r_outcome": "'approved'"}
    decided = {"r_requested_on": START, "r_ended_on": f"{START} + 10 + i % 20"}
    subject = {"r_decision_subject": "(ARRAY['plan','agreed-budget'])[k]"}
    yield resource("task", "decision", "'d' || i || '-' || k", done | subject | decided | told, each=2)
    lodged = {"r_requested_on": f"{START} + 40", "r_ended_on": f"{START} + 60", "r_outcome": "'changed'"}
    yield resource("task", "appeal", "'a' || i", done | lodged, where="i % 20 = 0")
    worry = {"r_requested_on": f"{START} + 30", "r_ended_on": f"{START} + 80"}
    yield resource("task", "concern", "'w' || i", done | worry, where="i % 20 = 1")


def _others() -> Iterator[Rows]:
    yield resource(
        "goal",
        "outcome",
        "'g' || i",
        {"r_lifecycle": "'active'", "r_achievement": "(ARRAY['achieved','improving'])[1 + i % 2]"},
    )
    yield Rows("goal_targets", {"id": "'g' || i", "position": "0", "r_due": f"{START} + 120"})
    held = {
        "r_status": "'active'",
        "r_management_option": f"({OPTIONS})[1 + i % 4]",
        "r_owner": "'third-' || (i % 200)",
    }
    choice = {"r_choice_offered": "CASE WHEN i % 2 = 0 THEN 'Three agencies' END"}
    yield resource("account", "payment-arrangement", "'m' || i", held | choice)
    stay = {"r_status": "'finished'", "r_admitted_on": f"{START} + 55", "r_discharged_on": f"{START} + 65"}
    yield resource("encounter", "hospital-stay", "'h' || i", stay, where="i % 10 = 0")
    standard = {"r_observation_status": "'final'", "r_standard_package_pence": "1300000"}
    yield resource("observation", "comparator", "'s' || i", standard, where="i % 5 = 0")
    asked = {"r_observation_status": "'final'", "r_asked_on": f"{START} + 100"}
    yield resource("observation", "experience", "'x' || i", asked, where="i % 3 = 0")
    said = {"id": "'x' || i", "position": "k - 1", "r_question": "'Question ' || k", "r_answer": "'Answer ' || (i % 9)"}
    yield Rows("observation_answers", said, each=3, where="i % 3 = 0")
    third = {
        "id": "'third-' || i",
        "version": "1",
        "updated": "1760000000000000",
        "kind": "'organisation'",
        "text": TEXT.format(salt="'organisation'"),
        "r_roles": "'[\"third-party-holder\"]'",
        "r_next_audit_due": START,
        "r_last_audited_on": START,
    }
    yield Rows("organization", third, where="i < 200")
    read = {
        "client": "'icb-finance'",
        "action": "'R'",
        "what": "'Claim/e' || i || '-1'",
        "status": "200",
        "request": "''",
    }
    yield Rows("audit", {"at": "1759300000000000 + i::bigint * 30000000", **read})


# --- filling ----------------------------------------------------------------------------------------


def fill(url: str, cases: int) -> None:
    """Put the population into a migrated database."""
    with psycopg.connect(url, autocommit=True) as connection:
        for rows in population():
            connection.execute(statement(rows, cases))
        connection.execute("VACUUM (ANALYZE)")


def statement(rows: Rows, cases: int) -> sql.Composed:
    """The INSERT of some rows."""
    return sql.SQL(
        "INSERT INTO {} ({}) SELECT {} FROM generate_series(0, {}) i, generate_series(1, {}) k WHERE {}"
    ).format(
        sql.Identifier(rows.table),
        sql.SQL(", ").join(map(sql.Identifier, rows.columns)),
        sql.SQL(", ").join(map(sql.SQL, rows.columns.values())),
        sql.Literal(cases - 1),
        sql.Literal(rows.each),
        sql.SQL(rows.where),
    )
