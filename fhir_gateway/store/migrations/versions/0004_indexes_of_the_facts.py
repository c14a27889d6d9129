"""Indexes for what the rules look up whoever it is about.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_claim_against", "claim", "r_pays_against_id"),
    ("ix_claim_invoice", "claim", "r_invoice_no"),
)


def upgrade() -> None:
    """An index for the budget a claim is paid against, one for the number of an invoice."""
    for name, table, column in INDEXES:
        filled = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, table, [column, "id"], sqlite_where=filled, postgresql_where=filled)


def downgrade() -> None:
    """Without them."""
    for name, table, _ in INDEXES:
        op.drop_index(name, table_name=table)
