"""Indexes that answer the statement without reading the stored texts.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_claim_budgets", "claim", "kind IN ('agreed-budget', 'indicative-budget')", ("person", "id", "kind")),
    (
        "ix_claim_payments",
        "claim",
        "kind = 'payment' AND r_status = 'active'",
        (
            *("person", "id", "version", "r_payment_kind", "r_payment_status", "r_pays_against_id"),
            *("r_total_pence", "r_insurer_id", "r_due_on", "r_start", "r_end", "r_paid_on"),
        ),
    ),
    (
        "ix_claim_entries",
        "claim",
        "kind = 'expenditure-entry' AND r_status = 'active'",
        (
            *("person", "id", "version", "updated", "r_pays_against_id"),
            *("r_expenditure_status", "r_created", "r_total_pence"),
        ),
    ),
    (
        "ix_claim_response_answers",
        "claim_response",
        "kind = 'funder-answer' AND r_status = 'active'",
        (
            *("person", "r_use", "r_claim_id", "r_funder_id", "id", "version"),
            *("r_total_pence", "r_paid_on", "r_paid_pence"),
        ),
    ),
)


def upgrade() -> None:
    """An index for budgets, one for payments, one for entries, one for answers."""
    for name, table, which, columns in INDEXES:
        op.create_index(name, table, list(columns), sqlite_where=sa.text(which), postgresql_where=sa.text(which))


def downgrade() -> None:
    """Without them."""
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table_name=table)
