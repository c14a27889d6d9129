"""The first schema: a table a resource type, shared search values, history, changes, audit, and OAuth clients."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "audit",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("client", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("what", TEXT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("request", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "care_plan",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_plan_number", TEXT, nullable=True),
        sa.Column("r_case_number", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_plan_status", TEXT, nullable=True),
        sa.Column("r_title", TEXT, nullable=True),
        sa.Column("r_description", TEXT, nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_end", sa.Date(), nullable=True),
        sa.Column("r_created_on", sa.Date(), nullable=True),
        sa.Column("r_author", TEXT, nullable=True),
        sa.Column("r_involved", TEXT, nullable=True),
        sa.Column("r_care_team_ids", TEXT, nullable=True),
        sa.Column("r_need_ids", TEXT, nullable=True),
        sa.Column("r_outcome_ids", TEXT, nullable=True),
        sa.Column("r_supporting", TEXT, nullable=True),
        sa.Column("r_reviews", TEXT, nullable=True),
        sa.Column("r_replaces", TEXT, nullable=True),
        sa.Column("r_based_on", TEXT, nullable=True),
        sa.Column("r_part_of", TEXT, nullable=True),
        sa.Column("q_status", TEXT, nullable=True),
        sa.Column("q_intent", TEXT, nullable=True),
        sa.Column("q_date_low", sa.BigInteger(), nullable=True),
        sa.Column("q_date_high", sa.BigInteger(), nullable=True),
        sa.Column("q_encounter", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_plan")),
    )
    op.create_index("ix_care_plan_person", "care_plan", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_care_plan_q_date_low",
        "care_plan",
        ["q_date_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_date_low IS NOT NULL"),
    )
    op.create_index(
        "ix_care_plan_q_encounter",
        "care_plan",
        ["q_encounter", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_encounter IS NOT NULL"),
        postgresql_where=sa.text("q_encounter IS NOT NULL"),
    )
    op.create_index(
        "ix_care_plan_q_intent",
        "care_plan",
        ["q_intent", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_intent IS NOT NULL"),
        postgresql_where=sa.text("q_intent IS NOT NULL"),
    )
    op.create_index(
        "ix_care_plan_q_status",
        "care_plan",
        ["q_status", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.create_index("ix_care_plan_updated", "care_plan", ["updated", "id"], unique=False)
    op.create_table(
        "care_plan_actions",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_text", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_performers", TEXT, nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_by_when", sa.Date(), nullable=True),
        sa.Column("r_outcome_ids", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_care_plan_actions")),
    )
    op.create_table(
        "care_plan_agreements",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_statement", TEXT, nullable=True),
        sa.Column("r_agreed", sa.Boolean(), nullable=True),
        sa.Column("r_on", sa.Date(), nullable=True),
        sa.Column("r_by", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_care_plan_agreements")),
    )
    op.create_table(
        "care_team",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_number", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_name", TEXT, nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_end", sa.Date(), nullable=True),
        sa.Column("r_organisations", TEXT, nullable=True),
        sa.Column("q_status", TEXT, nullable=True),
        sa.Column("q_date_low", sa.BigInteger(), nullable=True),
        sa.Column("q_date_high", sa.BigInteger(), nullable=True),
        sa.Column("q_encounter", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_team")),
    )
    op.create_index("ix_care_team_person", "care_team", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_care_team_q_date_low",
        "care_team",
        ["q_date_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_date_low IS NOT NULL"),
    )
    op.create_index(
        "ix_care_team_q_encounter",
        "care_team",
        ["q_encounter", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_encounter IS NOT NULL"),
        postgresql_where=sa.text("q_encounter IS NOT NULL"),
    )
    op.create_index(
        "ix_care_team_q_status",
        "care_team",
        ["q_status", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.create_index("ix_care_team_updated", "care_team", ["updated", "id"], unique=False)
    op.create_table(
        "care_team_participants",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_roles", TEXT, nullable=True),
        sa.Column("r_member", TEXT, nullable=True),
        sa.Column("r_on_behalf_of", TEXT, nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_end", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_care_team_participants")),
    )
    op.create_table(
        "care_team_telecoms",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_system", TEXT, nullable=True),
        sa.Column("r_value", TEXT, nullable=True),
        sa.Column("r_use", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_care_team_telecoms")),
    )
    op.create_table(
        "change",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("xact", sa.BigInteger(), nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("method", TEXT, nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("client", TEXT, nullable=False),
        sa.Column("request", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_change")),
        sa.UniqueConstraint("type", "id", "version", name=op.f("uq_change_type_id_version")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_change_order", "change", ["xact", "seq"], unique=False)
    op.create_index("ix_change_type", "change", ["type", "updated", "seq"], unique=False)
    op.create_index("ix_change_updated", "change", ["updated", "seq"], unique=False)
    op.create_table(
        "claim",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_created", sa.Date(), nullable=True),
        sa.Column("r_provider", TEXT, nullable=True),
        sa.Column("r_insurer_id", TEXT, nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_end", sa.Date(), nullable=True),
        sa.Column("r_total_pence", sa.BigInteger(), nullable=True),
        sa.Column("r_budget_id", TEXT, nullable=True),
        sa.Column("r_version", sa.BigInteger(), nullable=True),
        sa.Column("r_budget_kind", TEXT, nullable=True),
        sa.Column("r_budget_status", TEXT, nullable=True),
        sa.Column("r_plan_id", TEXT, nullable=True),
        sa.Column("r_account", TEXT, nullable=True),
        sa.Column("r_pool", TEXT, nullable=True),
        sa.Column("r_comparator", TEXT, nullable=True),
        sa.Column("r_supersedes_id", TEXT, nullable=True),
        sa.Column("r_method", TEXT, nullable=True),
        sa.Column("r_method_explanation", TEXT, nullable=True),
        sa.Column("r_shared_with_person_on", sa.Date(), nullable=True),
        sa.Column("r_may_change_explained", sa.Boolean(), nullable=True),
        sa.Column("r_review_route", TEXT, nullable=True),
        sa.Column("r_indicative_id", TEXT, nullable=True),
        sa.Column("r_difference_reason", TEXT, nullable=True),
        sa.Column("r_payment_id", TEXT, nullable=True),
        sa.Column("r_invoice_no", TEXT, nullable=True),
        sa.Column("r_payment_kind", TEXT, nullable=True),
        sa.Column("r_recovery_reason", TEXT, nullable=True),
        sa.Column("r_payment_status", TEXT, nullable=True),
        sa.Column("r_instalment_no", sa.BigInteger(), nullable=True),
        sa.Column("r_due_on", sa.Date(), nullable=True),
        sa.Column("r_paid_on", sa.Date(), nullable=True),
        sa.Column("r_received_on", sa.Date(), nullable=True),
        sa.Column("r_dispute_reason", TEXT, nullable=True),
        sa.Column("r_payee_kind", TEXT, nullable=True),
        sa.Column("r_payee", TEXT, nullable=True),
        sa.Column("r_payee_name", TEXT, nullable=True),
        sa.Column("r_pays_against_id", TEXT, nullable=True),
        sa.Column("r_recovers", TEXT, nullable=True),
        sa.Column("r_entry_id", TEXT, nullable=True),
        sa.Column("r_expenditure_status", TEXT, nullable=True),
        sa.Column("r_entered_by", TEXT, nullable=True),
        sa.Column("q_use", TEXT, nullable=True),
        sa.Column("q_status", TEXT, nullable=True),
        sa.Column("q_created_low", sa.BigInteger(), nullable=True),
        sa.Column("q_created_high", sa.BigInteger(), nullable=True),
        sa.Column("q_insurer", TEXT, nullable=True),
        sa.Column("q_provider", TEXT, nullable=True),
        sa.Column("q_enterer", TEXT, nullable=True),
        sa.Column("q_payee", TEXT, nullable=True),
        sa.Column("q_facility", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
    )
    op.create_index("ix_claim_person", "claim", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_claim_q_created_low",
        "claim",
        ["q_created_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_created_low IS NOT NULL"),
        postgresql_where=sa.text("q_created_low IS NOT NULL"),
    )
    op.create_index(
        "ix_claim_q_enterer",
        "claim",
        ["q_enterer", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_enterer IS NOT NULL"),
        postgresql_where=sa.text("q_enterer IS NOT NULL"),
    )
    op.create_index(
        "ix_claim_q_facility",
        "claim",
        ["q_facility", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_facility IS NOT NULL"),
        postgresql_where=sa.text("q_facility IS NOT NULL"),
    )
    op.create_index(
        "ix_claim_q_insurer",
        "claim",
        ["q_insurer", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_insurer IS NOT NULL"),
        postgresql_where=sa.text("q_insurer IS NOT NULL"),
    )
    op.create_index(
        "ix_claim_q_payee",
        "claim",
        ["q_payee", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_payee IS NOT NULL"),
        postgresql_where=sa.text("q_payee IS NOT NULL"),
    )
    op.create_index(
        "ix_claim_q_provider",
        "claim",
        ["q_provider", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_provider IS NOT NULL"),
        postgresql_where=sa.text("q_provider IS NOT NULL"),
    )
    op.create_index(
        "ix_claim_q_status",
        "claim",
        ["q_status", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.create_index(
        "ix_claim_q_use",
        "claim",
        ["q_use", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_use IS NOT NULL"),
        postgresql_where=sa.text("q_use IS NOT NULL"),
    )
    op.create_index("ix_claim_updated", "claim", ["updated", "id"], unique=False)
    op.create_table(
        "claim_evidence",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_sequence", sa.BigInteger(), nullable=True),
        sa.Column("r_document", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_claim_evidence")),
    )
    op.create_table(
        "claim_goals",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_sequence", sa.BigInteger(), nullable=True),
        sa.Column("r_goal_id", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_claim_goals")),
    )
    op.create_table(
        "claim_insurance",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_sequence", sa.BigInteger(), nullable=True),
        sa.Column("r_focal", sa.Boolean(), nullable=True),
        sa.Column("r_coverage_id", TEXT, nullable=True),
        sa.Column("r_preauth_refs", TEXT, nullable=True),
        sa.Column("r_answer_id", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_claim_insurance")),
    )
    op.create_table(
        "claim_lines",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_line_no", sa.BigInteger(), nullable=True),
        sa.Column("r_category", TEXT, nullable=True),
        sa.Column("r_description", TEXT, nullable=True),
        sa.Column("r_management_option", TEXT, nullable=True),
        sa.Column("r_flags", TEXT, nullable=True),
        sa.Column("r_need_type", TEXT, nullable=True),
        sa.Column("r_provider_sequences", TEXT, nullable=True),
        sa.Column("r_need_sequences", TEXT, nullable=True),
        sa.Column("r_goal_sequences", TEXT, nullable=True),
        sa.Column("r_on_date", sa.Date(), nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_end", sa.Date(), nullable=True),
        sa.Column("r_quantity", TEXT, nullable=True),
        sa.Column("r_unit", TEXT, nullable=True),
        sa.Column("r_rate_pence", sa.BigInteger(), nullable=True),
        sa.Column("r_amount_pence", sa.BigInteger(), nullable=True),
        sa.Column("r_frequency", TEXT, nullable=True),
        sa.Column("r_profile", TEXT, nullable=True),
        sa.Column("r_split_method", TEXT, nullable=True),
        sa.Column("r_regulated_activity", sa.Boolean(), nullable=True),
        sa.Column("r_assessed_need_element", sa.Boolean(), nullable=True),
        sa.Column("r_weights", TEXT, nullable=True),
        sa.Column("r_sequence", sa.BigInteger(), nullable=True),
        sa.Column("r_budget_line", sa.BigInteger(), nullable=True),
        sa.Column("r_invoice_check", TEXT, nullable=True),
        sa.Column("r_exclusion", TEXT, nullable=True),
        sa.Column("r_spent_on", sa.Date(), nullable=True),
        sa.Column("r_evidence_sequences", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_claim_lines")),
    )
    op.create_table(
        "claim_needs",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_sequence", sa.BigInteger(), nullable=True),
        sa.Column("r_need_id", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_claim_needs")),
    )
    op.create_table(
        "claim_providers",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_sequence", sa.BigInteger(), nullable=True),
        sa.Column("r_provider", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_claim_providers")),
    )
    op.create_table(
        "claim_response",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_answer_id", TEXT, nullable=True),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_claim_type", TEXT, nullable=True),
        sa.Column("r_use", TEXT, nullable=True),
        sa.Column("r_created", sa.Date(), nullable=True),
        sa.Column("r_funder_id", TEXT, nullable=True),
        sa.Column("r_requestor", TEXT, nullable=True),
        sa.Column("r_claim_id", TEXT, nullable=True),
        sa.Column("r_outcome", TEXT, nullable=True),
        sa.Column("r_disposition", TEXT, nullable=True),
        sa.Column("r_preauth_ref", TEXT, nullable=True),
        sa.Column("r_preauth_start", sa.Date(), nullable=True),
        sa.Column("r_preauth_end", sa.Date(), nullable=True),
        sa.Column("r_total_pence", sa.BigInteger(), nullable=True),
        sa.Column("r_payment_extent", TEXT, nullable=True),
        sa.Column("r_payment_ref", TEXT, nullable=True),
        sa.Column("r_paid_on", sa.Date(), nullable=True),
        sa.Column("r_paid_pence", sa.BigInteger(), nullable=True),
        sa.Column("r_offset_pence", sa.BigInteger(), nullable=True),
        sa.Column("r_offset_reason", TEXT, nullable=True),
        sa.Column("q_request", TEXT, nullable=True),
        sa.Column("q_insurer", TEXT, nullable=True),
        sa.Column("q_requestor", TEXT, nullable=True),
        sa.Column("q_outcome", TEXT, nullable=True),
        sa.Column("q_use", TEXT, nullable=True),
        sa.Column("q_status", TEXT, nullable=True),
        sa.Column("q_created_low", sa.BigInteger(), nullable=True),
        sa.Column("q_created_high", sa.BigInteger(), nullable=True),
        sa.Column("q_payment_date_low", sa.BigInteger(), nullable=True),
        sa.Column("q_payment_date_high", sa.BigInteger(), nullable=True),
        sa.Column("q_disposition", TEXT, nullable=True),
        sa.Column("q_disposition_exact", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_response")),
    )
    op.create_index("ix_claim_response_person", "claim_response", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_claim_response_q_created_low",
        "claim_response",
        ["q_created_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_created_low IS NOT NULL"),
        postgresql_where=sa.text("q_created_low IS NOT NULL"),
    )
    op.create_index(
        "ix_claim_response_q_disposition",
        "claim_response",
        ["q_disposition", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_disposition IS NOT NULL"),
        postgresql_where=sa.text("q_disposition IS NOT NULL"),
    )
    op.create_index(
        "ix_claim_response_q_insurer",
        "claim_response",
        ["q_insurer", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_insurer IS NOT NULL"),
        postgresql_where=sa.text("q_insurer IS NOT NULL"),
    )
    op.create_index(
        "ix_claim_response_q_outcome",
        "claim_response",
        ["q_outcome", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_outcome IS NOT NULL"),
        postgresql_where=sa.text("q_outcome IS NOT NULL"),
    )
    op.create_index(
        "ix_claim_response_q_payment_date_low",
        "claim_response",
        ["q_payment_date_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_payment_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_payment_date_low IS NOT NULL"),
    )
    op.create_index(
        "ix_claim_response_q_request",
        "claim_response",
        ["q_request", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_request IS NOT NULL"),
        postgresql_where=sa.text("q_request IS NOT NULL"),
    )
    op.create_index(
        "ix_claim_response_q_requestor",
        "claim_response",
        ["q_requestor", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_requestor IS NOT NULL"),
        postgresql_where=sa.text("q_requestor IS NOT NULL"),
    )
    op.create_index(
        "ix_claim_response_q_status",
        "claim_response",
        ["q_status", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.create_index(
        "ix_claim_response_q_use",
        "claim_response",
        ["q_use", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_use IS NOT NULL"),
        postgresql_where=sa.text("q_use IS NOT NULL"),
    )
    op.create_index("ix_claim_response_updated", "claim_response", ["updated", "id"], unique=False)
    op.create_table(
        "claim_response_lines",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_line_no", sa.BigInteger(), nullable=True),
        sa.Column("r_amount_pence", sa.BigInteger(), nullable=True),
        sa.Column("r_decision", TEXT, nullable=True),
        sa.Column("r_share_percent", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_claim_response_lines")),
    )
    op.create_table(
        "claim_response_notes",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_note_no", sa.BigInteger(), nullable=True),
        sa.Column("r_text", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_claim_response_notes")),
    )
    op.create_table(
        "communication",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_communication_id", TEXT, nullable=True),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_sender", TEXT, nullable=True),
        sa.Column("r_recipients", TEXT, nullable=True),
        sa.Column("r_sent_on", sa.Date(), nullable=True),
        sa.Column("r_about", TEXT, nullable=True),
        sa.Column("r_based_on", TEXT, nullable=True),
        sa.Column("r_message", TEXT, nullable=True),
        sa.Column("r_notice_kind", TEXT, nullable=True),
        sa.Column("r_reasons", TEXT, nullable=True),
        sa.Column("r_effective_on", sa.Date(), nullable=True),
        sa.Column("r_amount_pence", sa.BigInteger(), nullable=True),
        sa.Column("r_pay_by", sa.Date(), nullable=True),
        sa.Column("r_must_pay", TEXT, nullable=True),
        sa.Column("r_reconsideration_told", sa.Boolean(), nullable=True),
        sa.Column("r_topic", TEXT, nullable=True),
        sa.Column("r_agreed", sa.Boolean(), nullable=True),
        sa.Column("q_status", TEXT, nullable=True),
        sa.Column("q_sent_low", sa.BigInteger(), nullable=True),
        sa.Column("q_sent_high", sa.BigInteger(), nullable=True),
        sa.Column("q_received_low", sa.BigInteger(), nullable=True),
        sa.Column("q_received_high", sa.BigInteger(), nullable=True),
        sa.Column("q_sender", TEXT, nullable=True),
        sa.Column("q_encounter", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_communication")),
    )
    op.create_index("ix_communication_person", "communication", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_communication_q_encounter",
        "communication",
        ["q_encounter", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_encounter IS NOT NULL"),
        postgresql_where=sa.text("q_encounter IS NOT NULL"),
    )
    op.create_index(
        "ix_communication_q_received_low",
        "communication",
        ["q_received_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_received_low IS NOT NULL"),
        postgresql_where=sa.text("q_received_low IS NOT NULL"),
    )
    op.create_index(
        "ix_communication_q_sender",
        "communication",
        ["q_sender", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_sender IS NOT NULL"),
        postgresql_where=sa.text("q_sender IS NOT NULL"),
    )
    op.create_index(
        "ix_communication_q_sent_low",
        "communication",
        ["q_sent_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_sent_low IS NOT NULL"),
        postgresql_where=sa.text("q_sent_low IS NOT NULL"),
    )
    op.create_index(
        "ix_communication_q_status",
        "communication",
        ["q_status", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.create_index("ix_communication_updated", "communication", ["updated", "id"], unique=False)
    op.create_table(
        "composition",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_narrative_id", TEXT, nullable=True),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_written_on", sa.Date(), nullable=True),
        sa.Column("r_title", TEXT, nullable=True),
        sa.Column("r_authors", TEXT, nullable=True),
        sa.Column("r_custodian_id", TEXT, nullable=True),
        sa.Column("q_status", TEXT, nullable=True),
        sa.Column("q_date_low", sa.BigInteger(), nullable=True),
        sa.Column("q_date_high", sa.BigInteger(), nullable=True),
        sa.Column("q_title", TEXT, nullable=True),
        sa.Column("q_title_exact", TEXT, nullable=True),
        sa.Column("q_confidentiality", TEXT, nullable=True),
        sa.Column("q_encounter", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_composition")),
    )
    op.create_index("ix_composition_person", "composition", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_composition_q_confidentiality",
        "composition",
        ["q_confidentiality", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_confidentiality IS NOT NULL"),
        postgresql_where=sa.text("q_confidentiality IS NOT NULL"),
    )
    op.create_index(
        "ix_composition_q_date_low",
        "composition",
        ["q_date_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_date_low IS NOT NULL"),
    )
    op.create_index(
        "ix_composition_q_encounter",
        "composition",
        ["q_encounter", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_encounter IS NOT NULL"),
        postgresql_where=sa.text("q_encounter IS NOT NULL"),
    )
    op.create_index(
        "ix_composition_q_status",
        "composition",
        ["q_status", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.create_index(
        "ix_composition_q_title",
        "composition",
        ["q_title", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_title IS NOT NULL"),
        postgresql_where=sa.text("q_title IS NOT NULL"),
    )
    op.create_index("ix_composition_updated", "composition", ["updated", "id"], unique=False)
    op.create_table(
        "composition_sections",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_section", TEXT, nullable=True),
        sa.Column("r_title", TEXT, nullable=True),
        sa.Column("r_div", TEXT, nullable=True),
        sa.Column("r_entries", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_composition_sections")),
    )
    op.create_table(
        "condition",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_number", TEXT, nullable=True),
        sa.Column("r_need_type", TEXT, nullable=True),
        sa.Column("r_domain", TEXT, nullable=True),
        sa.Column("r_health_concern", sa.Boolean(), nullable=True),
        sa.Column("r_met_by", TEXT, nullable=True),
        sa.Column("r_delegated_healthcare_task", sa.Boolean(), nullable=True),
        sa.Column("r_description", TEXT, nullable=True),
        sa.Column("r_clinical_status", TEXT, nullable=True),
        sa.Column("r_verification_status", TEXT, nullable=True),
        sa.Column("r_since", sa.Date(), nullable=True),
        sa.Column("r_until", sa.Date(), nullable=True),
        sa.Column("r_recorded_on", sa.Date(), nullable=True),
        sa.Column("r_recorded_by", TEXT, nullable=True),
        sa.Column("r_told_by", TEXT, nullable=True),
        sa.Column("q_recorded_date_low", sa.BigInteger(), nullable=True),
        sa.Column("q_recorded_date_high", sa.BigInteger(), nullable=True),
        sa.Column("q_asserter", TEXT, nullable=True),
        sa.Column("q_encounter", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_condition")),
    )
    op.create_index("ix_condition_person", "condition", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_condition_q_asserter",
        "condition",
        ["q_asserter", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_asserter IS NOT NULL"),
        postgresql_where=sa.text("q_asserter IS NOT NULL"),
    )
    op.create_index(
        "ix_condition_q_encounter",
        "condition",
        ["q_encounter", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_encounter IS NOT NULL"),
        postgresql_where=sa.text("q_encounter IS NOT NULL"),
    )
    op.create_index(
        "ix_condition_q_recorded_date_low",
        "condition",
        ["q_recorded_date_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_recorded_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_recorded_date_low IS NOT NULL"),
    )
    op.create_index("ix_condition_updated", "condition", ["updated", "id"], unique=False)
    op.create_table(
        "conditional_key",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_conditional_key")),
    )
    op.create_table(
        "consent",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_consent_id", TEXT, nullable=True),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_consent_subject", TEXT, nullable=True),
        sa.Column("r_given_by", TEXT, nullable=True),
        sa.Column("r_given_on", sa.Date(), nullable=True),
        sa.Column("r_holds_from", sa.Date(), nullable=True),
        sa.Column("r_withdrawn_on", sa.Date(), nullable=True),
        sa.Column("r_legal_basis", TEXT, nullable=True),
        sa.Column("r_evidence", TEXT, nullable=True),
        sa.Column("q_status", TEXT, nullable=True),
        sa.Column("q_date_low", sa.BigInteger(), nullable=True),
        sa.Column("q_date_high", sa.BigInteger(), nullable=True),
        sa.Column("q_period_low", sa.BigInteger(), nullable=True),
        sa.Column("q_period_high", sa.BigInteger(), nullable=True),
        sa.Column("q_source_reference", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_person", "consent", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_consent_q_date_low",
        "consent",
        ["q_date_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_date_low IS NOT NULL"),
    )
    op.create_index(
        "ix_consent_q_period_low",
        "consent",
        ["q_period_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_period_low IS NOT NULL"),
        postgresql_where=sa.text("q_period_low IS NOT NULL"),
    )
    op.create_index(
        "ix_consent_q_source_reference",
        "consent",
        ["q_source_reference", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_source_reference IS NOT NULL"),
        postgresql_where=sa.text("q_source_reference IS NOT NULL"),
    )
    op.create_index(
        "ix_consent_q_status",
        "consent",
        ["q_status", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.create_index("ix_consent_updated", "consent", ["updated", "id"], unique=False)
    op.create_table(
        "consent_scope_bodies",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_body", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_consent_scope_bodies")),
    )
    op.create_table(
        "contract",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_agreement_id", TEXT, nullable=True),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_title", TEXT, nullable=True),
        sa.Column("r_issued_on", sa.Date(), nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_end", sa.Date(), nullable=True),
        sa.Column("r_body_id", TEXT, nullable=True),
        sa.Column("r_about", TEXT, nullable=True),
        sa.Column("r_document", TEXT, nullable=True),
        sa.Column("q_status", TEXT, nullable=True),
        sa.Column("q_issued_low", sa.BigInteger(), nullable=True),
        sa.Column("q_issued_high", sa.BigInteger(), nullable=True),
        sa.Column("q_instantiates", TEXT, nullable=True),
        sa.Column("q_url", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
    )
    op.create_index("ix_contract_person", "contract", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_contract_q_instantiates",
        "contract",
        ["q_instantiates", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_instantiates IS NOT NULL"),
        postgresql_where=sa.text("q_instantiates IS NOT NULL"),
    )
    op.create_index(
        "ix_contract_q_issued_low",
        "contract",
        ["q_issued_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_issued_low IS NOT NULL"),
        postgresql_where=sa.text("q_issued_low IS NOT NULL"),
    )
    op.create_index(
        "ix_contract_q_status",
        "contract",
        ["q_status", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.create_index(
        "ix_contract_q_url",
        "contract",
        ["q_url", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_url IS NOT NULL"),
        postgresql_where=sa.text("q_url IS NOT NULL"),
    )
    op.create_index("ix_contract_updated", "contract", ["updated", "id"], unique=False)
    op.create_table(
        "contract_signers",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_role", TEXT, nullable=True),
        sa.Column("r_party", TEXT, nullable=True),
        sa.Column("r_signed_at", sa.BigInteger(), nullable=True),
        sa.Column("r_signed_by", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_contract_signers")),
    )
    op.create_table(
        "contract_terms",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_topic", TEXT, nullable=True),
        sa.Column("r_wording", TEXT, nullable=True),
        sa.Column("r_service", TEXT, nullable=True),
        sa.Column("r_interval", TEXT, nullable=True),
        sa.Column("r_amount_pence", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_contract_terms")),
    )
    op.create_table(
        "coverage",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_contribution_id", TEXT, nullable=True),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_stream", TEXT, nullable=True),
        sa.Column("r_funder", TEXT, nullable=True),
        sa.Column("r_order", sa.BigInteger(), nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_end", sa.Date(), nullable=True),
        sa.Column("r_agreement_ids", TEXT, nullable=True),
        sa.Column("q_policy_holder", TEXT, nullable=True),
        sa.Column("q_subscriber", TEXT, nullable=True),
        sa.Column("q_status", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage")),
    )
    op.create_index("ix_coverage_person", "coverage", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_coverage_q_policy_holder",
        "coverage",
        ["q_policy_holder", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_policy_holder IS NOT NULL"),
        postgresql_where=sa.text("q_policy_holder IS NOT NULL"),
    )
    op.create_index(
        "ix_coverage_q_status",
        "coverage",
        ["q_status", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.create_index(
        "ix_coverage_q_subscriber",
        "coverage",
        ["q_subscriber", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_subscriber IS NOT NULL"),
        postgresql_where=sa.text("q_subscriber IS NOT NULL"),
    )
    op.create_index("ix_coverage_updated", "coverage", ["updated", "id"], unique=False)
    op.create_table(
        "coverage_client_contributions",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_collection", TEXT, nullable=True),
        sa.Column("r_weekly_pence", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_coverage_client_contributions")),
    )
    op.create_table(
        "document_reference",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_evidence_id", TEXT, nullable=True),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_evidence_type", TEXT, nullable=True),
        sa.Column("r_recorded_at", sa.BigInteger(), nullable=True),
        sa.Column("r_description", TEXT, nullable=True),
        sa.Column("r_author", TEXT, nullable=True),
        sa.Column("r_custodian_id", TEXT, nullable=True),
        sa.Column("r_confidential", sa.Boolean(), nullable=True),
        sa.Column("r_title", TEXT, nullable=True),
        sa.Column("r_content_type", TEXT, nullable=True),
        sa.Column("r_content_hash", TEXT, nullable=True),
        sa.Column("r_content_bytes", sa.BigInteger(), nullable=True),
        sa.Column("r_url", TEXT, nullable=True),
        sa.Column("r_dated_on", sa.Date(), nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_end", sa.Date(), nullable=True),
        sa.Column("r_about", TEXT, nullable=True),
        sa.Column("q_status", TEXT, nullable=True),
        sa.Column("q_date_low", sa.BigInteger(), nullable=True),
        sa.Column("q_date_high", sa.BigInteger(), nullable=True),
        sa.Column("q_authenticator", TEXT, nullable=True),
        sa.Column("q_custodian", TEXT, nullable=True),
        sa.Column("q_description", TEXT, nullable=True),
        sa.Column("q_description_exact", TEXT, nullable=True),
        sa.Column("q_period_low", sa.BigInteger(), nullable=True),
        sa.Column("q_period_high", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_reference")),
    )
    op.create_index("ix_document_reference_person", "document_reference", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_document_reference_q_authenticator",
        "document_reference",
        ["q_authenticator", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_authenticator IS NOT NULL"),
        postgresql_where=sa.text("q_authenticator IS NOT NULL"),
    )
    op.create_index(
        "ix_document_reference_q_custodian",
        "document_reference",
        ["q_custodian", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_custodian IS NOT NULL"),
        postgresql_where=sa.text("q_custodian IS NOT NULL"),
    )
    op.create_index(
        "ix_document_reference_q_date_low",
        "document_reference",
        ["q_date_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_date_low IS NOT NULL"),
    )
    op.create_index(
        "ix_document_reference_q_description",
        "document_reference",
        ["q_description", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_description IS NOT NULL"),
        postgresql_where=sa.text("q_description IS NOT NULL"),
    )
    op.create_index(
        "ix_document_reference_q_period_low",
        "document_reference",
        ["q_period_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_period_low IS NOT NULL"),
        postgresql_where=sa.text("q_period_low IS NOT NULL"),
    )
    op.create_index(
        "ix_document_reference_q_status",
        "document_reference",
        ["q_status", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.create_index("ix_document_reference_updated", "document_reference", ["updated", "id"], unique=False)
    op.create_table(
        "episode_of_care",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_case_number", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_state", TEXT, nullable=True),
        sa.Column("r_group", TEXT, nullable=True),
        sa.Column("r_route", TEXT, nullable=True),
        sa.Column("r_mha_section", TEXT, nullable=True),
        sa.Column("r_budget_kind", TEXT, nullable=True),
        sa.Column("r_responsible_body", TEXT, nullable=True),
        sa.Column("r_care_coordinator", TEXT, nullable=True),
        sa.Column("r_care_teams", TEXT, nullable=True),
        sa.Column("r_accounts", TEXT, nullable=True),
        sa.Column("r_option_chosen_by", TEXT, nullable=True),
        sa.Column("r_option_chosen_on", sa.Date(), nullable=True),
        sa.Column("r_option_free_choice", sa.Boolean(), nullable=True),
        sa.Column("r_support_offered", TEXT, nullable=True),
        sa.Column("r_opened_on", sa.Date(), nullable=True),
        sa.Column("r_closed_on", sa.Date(), nullable=True),
        sa.Column("r_close_reason", TEXT, nullable=True),
        sa.Column("q_status", TEXT, nullable=True),
        sa.Column("q_organization", TEXT, nullable=True),
        sa.Column("q_care_manager", TEXT, nullable=True),
        sa.Column("q_date_low", sa.BigInteger(), nullable=True),
        sa.Column("q_date_high", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode_of_care")),
    )
    op.create_index("ix_episode_of_care_person", "episode_of_care", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_episode_of_care_q_care_manager",
        "episode_of_care",
        ["q_care_manager", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_care_manager IS NOT NULL"),
        postgresql_where=sa.text("q_care_manager IS NOT NULL"),
    )
    op.create_index(
        "ix_episode_of_care_q_date_low",
        "episode_of_care",
        ["q_date_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_date_low IS NOT NULL"),
    )
    op.create_index(
        "ix_episode_of_care_q_organization",
        "episode_of_care",
        ["q_organization", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_organization IS NOT NULL"),
        postgresql_where=sa.text("q_organization IS NOT NULL"),
    )
    op.create_index(
        "ix_episode_of_care_q_status",
        "episode_of_care",
        ["q_status", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.create_index("ix_episode_of_care_updated", "episode_of_care", ["updated", "id"], unique=False)
    op.create_table(
        "episode_of_care_delegations",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_delegate", TEXT, nullable=True),
        sa.Column("r_functions", TEXT, nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_end", sa.Date(), nullable=True),
        sa.Column("r_agreement", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_episode_of_care_delegations")),
    )
    op.create_table(
        "episode_of_care_options_explained",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_option", TEXT, nullable=True),
        sa.Column("r_on", sa.Date(), nullable=True),
        sa.Column("r_by", TEXT, nullable=True),
        sa.Column("r_format", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_episode_of_care_options_explained")),
    )
    op.create_table(
        "episode_of_care_status_history",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_end", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_episode_of_care_status_history")),
    )
    op.create_table(
        "goal",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_number", TEXT, nullable=True),
        sa.Column("r_kind", TEXT, nullable=True),
        sa.Column("r_statement", TEXT, nullable=True),
        sa.Column("r_lifecycle", TEXT, nullable=True),
        sa.Column("r_achievement", TEXT, nullable=True),
        sa.Column("r_achievement_on", sa.Date(), nullable=True),
        sa.Column("r_reason", TEXT, nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_expressed_by", TEXT, nullable=True),
        sa.Column("r_needs", TEXT, nullable=True),
        sa.Column("r_evidence_ids", TEXT, nullable=True),
        sa.Column("q_lifecycle_status", TEXT, nullable=True),
        sa.Column("q_start_date_low", sa.BigInteger(), nullable=True),
        sa.Column("q_start_date_high", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal")),
    )
    op.create_index("ix_goal_person", "goal", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_goal_q_lifecycle_status",
        "goal",
        ["q_lifecycle_status", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_lifecycle_status IS NOT NULL"),
        postgresql_where=sa.text("q_lifecycle_status IS NOT NULL"),
    )
    op.create_index(
        "ix_goal_q_start_date_low",
        "goal",
        ["q_start_date_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_start_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_start_date_low IS NOT NULL"),
    )
    op.create_index("ix_goal_updated", "goal", ["updated", "id"], unique=False)
    op.create_table(
        "goal_targets",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_measure", TEXT, nullable=True),
        sa.Column("r_target", TEXT, nullable=True),
        sa.Column("r_due", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_goal_targets")),
    )
    op.create_table(
        "history",
        sa.Column("type", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("type", "id", "version", name=op.f("pk_history")),
    )
    op.create_table(
        "organization",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_active", sa.Boolean(), nullable=True),
        sa.Column("r_ods_code", TEXT, nullable=True),
        sa.Column("r_ods_site_code", TEXT, nullable=True),
        sa.Column("r_cqc_id", TEXT, nullable=True),
        sa.Column("r_name", TEXT, nullable=True),
        sa.Column("r_aliases", TEXT, nullable=True),
        sa.Column("r_roles", TEXT, nullable=True),
        sa.Column("r_funder_kind", TEXT, nullable=True),
        sa.Column("r_provider_kind", TEXT, nullable=True),
        sa.Column("r_cqc_status", TEXT, nullable=True),
        sa.Column("r_part_of", TEXT, nullable=True),
        sa.Column("q_active", TEXT, nullable=True),
        sa.Column("q_partof", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
    )
    op.create_index(
        "ix_organization_q_active",
        "organization",
        ["q_active", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_active IS NOT NULL"),
        postgresql_where=sa.text("q_active IS NOT NULL"),
    )
    op.create_index(
        "ix_organization_q_partof",
        "organization",
        ["q_partof", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_partof IS NOT NULL"),
        postgresql_where=sa.text("q_partof IS NOT NULL"),
    )
    op.create_index("ix_organization_updated", "organization", ["updated", "id"], unique=False)
    op.create_table(
        "organization_addresses",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_use", TEXT, nullable=True),
        sa.Column("r_text", TEXT, nullable=True),
        sa.Column("r_lines", TEXT, nullable=True),
        sa.Column("r_city", TEXT, nullable=True),
        sa.Column("r_county", TEXT, nullable=True),
        sa.Column("r_postcode", TEXT, nullable=True),
        sa.Column("r_country", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_organization_addresses")),
    )
    op.create_table(
        "organization_telecoms",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_system", TEXT, nullable=True),
        sa.Column("r_value", TEXT, nullable=True),
        sa.Column("r_use", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_organization_telecoms")),
    )
    op.create_table(
        "patient",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_active", sa.Boolean(), nullable=True),
        sa.Column("r_nhs_number", TEXT, nullable=True),
        sa.Column("r_name", TEXT, nullable=True),
        sa.Column("r_family", TEXT, nullable=True),
        sa.Column("r_given", TEXT, nullable=True),
        sa.Column("r_prefix", TEXT, nullable=True),
        sa.Column("r_preferred_name", TEXT, nullable=True),
        sa.Column("r_gender", TEXT, nullable=True),
        sa.Column("r_birth_date", sa.Date(), nullable=True),
        sa.Column("r_deceased", sa.Boolean(), nullable=True),
        sa.Column("r_death_date", sa.Date(), nullable=True),
        sa.Column("r_general_practitioners", TEXT, nullable=True),
        sa.Column("r_managing_organisation", TEXT, nullable=True),
        sa.Column("q_active", TEXT, nullable=True),
        sa.Column("q_gender", TEXT, nullable=True),
        sa.Column("q_birthdate_low", sa.BigInteger(), nullable=True),
        sa.Column("q_birthdate_high", sa.BigInteger(), nullable=True),
        sa.Column("q_death_date_low", sa.BigInteger(), nullable=True),
        sa.Column("q_death_date_high", sa.BigInteger(), nullable=True),
        sa.Column("q_organization", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
    )
    op.create_index(
        "ix_patient_q_active",
        "patient",
        ["q_active", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_active IS NOT NULL"),
        postgresql_where=sa.text("q_active IS NOT NULL"),
    )
    op.create_index(
        "ix_patient_q_birthdate_low",
        "patient",
        ["q_birthdate_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_birthdate_low IS NOT NULL"),
        postgresql_where=sa.text("q_birthdate_low IS NOT NULL"),
    )
    op.create_index(
        "ix_patient_q_death_date_low",
        "patient",
        ["q_death_date_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_death_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_death_date_low IS NOT NULL"),
    )
    op.create_index(
        "ix_patient_q_gender",
        "patient",
        ["q_gender", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_gender IS NOT NULL"),
        postgresql_where=sa.text("q_gender IS NOT NULL"),
    )
    op.create_index(
        "ix_patient_q_organization",
        "patient",
        ["q_organization", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_organization IS NOT NULL"),
        postgresql_where=sa.text("q_organization IS NOT NULL"),
    )
    op.create_index("ix_patient_updated", "patient", ["updated", "id"], unique=False)
    op.create_table(
        "patient_addresses",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_use", TEXT, nullable=True),
        sa.Column("r_text", TEXT, nullable=True),
        sa.Column("r_lines", TEXT, nullable=True),
        sa.Column("r_city", TEXT, nullable=True),
        sa.Column("r_county", TEXT, nullable=True),
        sa.Column("r_postcode", TEXT, nullable=True),
        sa.Column("r_country", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_patient_addresses")),
    )
    op.create_table(
        "patient_communication_needs",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_language", TEXT, nullable=True),
        sa.Column("r_words", TEXT, nullable=True),
        sa.Column("r_format", TEXT, nullable=True),
        sa.Column("r_preferred", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_patient_communication_needs")),
    )
    op.create_table(
        "patient_social_care_ids",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_value", TEXT, nullable=True),
        sa.Column("r_authority", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_patient_social_care_ids")),
    )
    op.create_table(
        "patient_telecoms",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_system", TEXT, nullable=True),
        sa.Column("r_value", TEXT, nullable=True),
        sa.Column("r_use", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_patient_telecoms")),
    )
    op.create_table(
        "payment_reconciliation",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_list_id", TEXT, nullable=True),
        sa.Column("r_row_id", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_created", sa.Date(), nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_end", sa.Date(), nullable=True),
        sa.Column("r_paid_on", sa.Date(), nullable=True),
        sa.Column("r_amount_pence", sa.BigInteger(), nullable=True),
        sa.Column("r_issuer", TEXT, nullable=True),
        sa.Column("r_issuer_name", TEXT, nullable=True),
        sa.Column("r_outcome", TEXT, nullable=True),
        sa.Column("r_purpose", TEXT, nullable=True),
        sa.Column("r_payment_ref", TEXT, nullable=True),
        sa.Column("r_detail_kind", TEXT, nullable=True),
        sa.Column("r_payee", TEXT, nullable=True),
        sa.Column("r_payee_name", TEXT, nullable=True),
        sa.Column("r_detail_date", sa.Date(), nullable=True),
        sa.Column("r_detail_pence", sa.BigInteger(), nullable=True),
        sa.Column("q_status", TEXT, nullable=True),
        sa.Column("q_outcome", TEXT, nullable=True),
        sa.Column("q_created_low", sa.BigInteger(), nullable=True),
        sa.Column("q_created_high", sa.BigInteger(), nullable=True),
        sa.Column("q_disposition", TEXT, nullable=True),
        sa.Column("q_disposition_exact", TEXT, nullable=True),
        sa.Column("q_payment_issuer", TEXT, nullable=True),
        sa.Column("q_request", TEXT, nullable=True),
        sa.Column("q_requestor", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_reconciliation")),
    )
    op.create_index(
        "ix_payment_reconciliation_q_created_low",
        "payment_reconciliation",
        ["q_created_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_created_low IS NOT NULL"),
        postgresql_where=sa.text("q_created_low IS NOT NULL"),
    )
    op.create_index(
        "ix_payment_reconciliation_q_disposition",
        "payment_reconciliation",
        ["q_disposition", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_disposition IS NOT NULL"),
        postgresql_where=sa.text("q_disposition IS NOT NULL"),
    )
    op.create_index(
        "ix_payment_reconciliation_q_outcome",
        "payment_reconciliation",
        ["q_outcome", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_outcome IS NOT NULL"),
        postgresql_where=sa.text("q_outcome IS NOT NULL"),
    )
    op.create_index(
        "ix_payment_reconciliation_q_payment_issuer",
        "payment_reconciliation",
        ["q_payment_issuer", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_payment_issuer IS NOT NULL"),
        postgresql_where=sa.text("q_payment_issuer IS NOT NULL"),
    )
    op.create_index(
        "ix_payment_reconciliation_q_request",
        "payment_reconciliation",
        ["q_request", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_request IS NOT NULL"),
        postgresql_where=sa.text("q_request IS NOT NULL"),
    )
    op.create_index(
        "ix_payment_reconciliation_q_requestor",
        "payment_reconciliation",
        ["q_requestor", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_requestor IS NOT NULL"),
        postgresql_where=sa.text("q_requestor IS NOT NULL"),
    )
    op.create_index(
        "ix_payment_reconciliation_q_status",
        "payment_reconciliation",
        ["q_status", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.create_index("ix_payment_reconciliation_updated", "payment_reconciliation", ["updated", "id"], unique=False)
    op.create_table(
        "practitioner",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_active", sa.Boolean(), nullable=True),
        sa.Column("r_sds_user_id", TEXT, nullable=True),
        sa.Column("r_gmc_number", TEXT, nullable=True),
        sa.Column("r_nmc_number", TEXT, nullable=True),
        sa.Column("r_hcpc_number", TEXT, nullable=True),
        sa.Column("r_social_work_england_number", TEXT, nullable=True),
        sa.Column("r_name", TEXT, nullable=True),
        sa.Column("r_family", TEXT, nullable=True),
        sa.Column("r_given", TEXT, nullable=True),
        sa.Column("r_prefix", TEXT, nullable=True),
        sa.Column("r_gender", TEXT, nullable=True),
        sa.Column("r_birth_date", sa.Date(), nullable=True),
        sa.Column("q_active", TEXT, nullable=True),
        sa.Column("q_gender", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practitioner")),
    )
    op.create_index(
        "ix_practitioner_q_active",
        "practitioner",
        ["q_active", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_active IS NOT NULL"),
        postgresql_where=sa.text("q_active IS NOT NULL"),
    )
    op.create_index(
        "ix_practitioner_q_gender",
        "practitioner",
        ["q_gender", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_gender IS NOT NULL"),
        postgresql_where=sa.text("q_gender IS NOT NULL"),
    )
    op.create_index("ix_practitioner_updated", "practitioner", ["updated", "id"], unique=False)
    op.create_table(
        "practitioner_addresses",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_use", TEXT, nullable=True),
        sa.Column("r_text", TEXT, nullable=True),
        sa.Column("r_lines", TEXT, nullable=True),
        sa.Column("r_city", TEXT, nullable=True),
        sa.Column("r_county", TEXT, nullable=True),
        sa.Column("r_postcode", TEXT, nullable=True),
        sa.Column("r_country", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_practitioner_addresses")),
    )
    op.create_table(
        "practitioner_role",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_active", sa.Boolean(), nullable=True),
        sa.Column("r_sds_role_profile_id", TEXT, nullable=True),
        sa.Column("r_practitioner", TEXT, nullable=True),
        sa.Column("r_organisation", TEXT, nullable=True),
        sa.Column("r_roles", TEXT, nullable=True),
        sa.Column("r_decision_level", TEXT, nullable=True),
        sa.Column("r_locations", TEXT, nullable=True),
        sa.Column("r_services", TEXT, nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_end", sa.Date(), nullable=True),
        sa.Column("q_practitioner", TEXT, nullable=True),
        sa.Column("q_organization", TEXT, nullable=True),
        sa.Column("q_active", TEXT, nullable=True),
        sa.Column("q_date_low", sa.BigInteger(), nullable=True),
        sa.Column("q_date_high", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practitioner_role")),
    )
    op.create_index(
        "ix_practitioner_role_q_active",
        "practitioner_role",
        ["q_active", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_active IS NOT NULL"),
        postgresql_where=sa.text("q_active IS NOT NULL"),
    )
    op.create_index(
        "ix_practitioner_role_q_date_low",
        "practitioner_role",
        ["q_date_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_date_low IS NOT NULL"),
    )
    op.create_index(
        "ix_practitioner_role_q_organization",
        "practitioner_role",
        ["q_organization", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_organization IS NOT NULL"),
        postgresql_where=sa.text("q_organization IS NOT NULL"),
    )
    op.create_index(
        "ix_practitioner_role_q_practitioner",
        "practitioner_role",
        ["q_practitioner", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_practitioner IS NOT NULL"),
        postgresql_where=sa.text("q_practitioner IS NOT NULL"),
    )
    op.create_index("ix_practitioner_role_updated", "practitioner_role", ["updated", "id"], unique=False)
    op.create_table(
        "practitioner_role_telecoms",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_system", TEXT, nullable=True),
        sa.Column("r_value", TEXT, nullable=True),
        sa.Column("r_use", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_practitioner_role_telecoms")),
    )
    op.create_table(
        "practitioner_telecoms",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_system", TEXT, nullable=True),
        sa.Column("r_value", TEXT, nullable=True),
        sa.Column("r_use", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_practitioner_telecoms")),
    )
    op.create_table(
        "related_person",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_active", sa.Boolean(), nullable=True),
        sa.Column("r_nhs_number", TEXT, nullable=True),
        sa.Column("r_roles", TEXT, nullable=True),
        sa.Column("r_relationship", TEXT, nullable=True),
        sa.Column("r_name", TEXT, nullable=True),
        sa.Column("r_family", TEXT, nullable=True),
        sa.Column("r_given", TEXT, nullable=True),
        sa.Column("r_prefix", TEXT, nullable=True),
        sa.Column("r_gender", TEXT, nullable=True),
        sa.Column("r_birth_date", sa.Date(), nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_end", sa.Date(), nullable=True),
        sa.Column("r_same_household", sa.Boolean(), nullable=True),
        sa.Column("r_dbs_required", sa.Boolean(), nullable=True),
        sa.Column("r_dbs_issued", sa.Date(), nullable=True),
        sa.Column("q_active", TEXT, nullable=True),
        sa.Column("q_gender", TEXT, nullable=True),
        sa.Column("q_birthdate_low", sa.BigInteger(), nullable=True),
        sa.Column("q_birthdate_high", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_related_person")),
    )
    op.create_index("ix_related_person_person", "related_person", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_related_person_q_active",
        "related_person",
        ["q_active", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_active IS NOT NULL"),
        postgresql_where=sa.text("q_active IS NOT NULL"),
    )
    op.create_index(
        "ix_related_person_q_birthdate_low",
        "related_person",
        ["q_birthdate_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_birthdate_low IS NOT NULL"),
        postgresql_where=sa.text("q_birthdate_low IS NOT NULL"),
    )
    op.create_index(
        "ix_related_person_q_gender",
        "related_person",
        ["q_gender", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_gender IS NOT NULL"),
        postgresql_where=sa.text("q_gender IS NOT NULL"),
    )
    op.create_index("ix_related_person_updated", "related_person", ["updated", "id"], unique=False)
    op.create_table(
        "related_person_addresses",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_use", TEXT, nullable=True),
        sa.Column("r_text", TEXT, nullable=True),
        sa.Column("r_lines", TEXT, nullable=True),
        sa.Column("r_city", TEXT, nullable=True),
        sa.Column("r_county", TEXT, nullable=True),
        sa.Column("r_postcode", TEXT, nullable=True),
        sa.Column("r_country", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_related_person_addresses")),
    )
    op.create_table(
        "related_person_legal_roles",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_stream", TEXT, nullable=True),
        sa.Column("r_principal", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_related_person_legal_roles")),
    )
    op.create_table(
        "related_person_telecoms",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_system", TEXT, nullable=True),
        sa.Column("r_value", TEXT, nullable=True),
        sa.Column("r_use", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_related_person_telecoms")),
    )
    op.create_table(
        "risk_assessment",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_risk_id", TEXT, nullable=True),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_assessed_on", sa.Date(), nullable=True),
        sa.Column("r_owner", TEXT, nullable=True),
        sa.Column("r_need_id", TEXT, nullable=True),
        sa.Column("r_description", TEXT, nullable=True),
        sa.Column("r_likelihood", TEXT, nullable=True),
        sa.Column("r_impact", TEXT, nullable=True),
        sa.Column("r_residual", TEXT, nullable=True),
        sa.Column("r_mitigation", TEXT, nullable=True),
        sa.Column("r_contingency", TEXT, nullable=True),
        sa.Column("r_agreed_with_person", sa.Boolean(), nullable=True),
        sa.Column("r_significant", sa.Boolean(), nullable=True),
        sa.Column("q_condition", TEXT, nullable=True),
        sa.Column("q_performer", TEXT, nullable=True),
        sa.Column("q_encounter", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_assessment")),
    )
    op.create_index("ix_risk_assessment_person", "risk_assessment", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_risk_assessment_q_condition",
        "risk_assessment",
        ["q_condition", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_condition IS NOT NULL"),
        postgresql_where=sa.text("q_condition IS NOT NULL"),
    )
    op.create_index(
        "ix_risk_assessment_q_encounter",
        "risk_assessment",
        ["q_encounter", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_encounter IS NOT NULL"),
        postgresql_where=sa.text("q_encounter IS NOT NULL"),
    )
    op.create_index(
        "ix_risk_assessment_q_performer",
        "risk_assessment",
        ["q_performer", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_performer IS NOT NULL"),
        postgresql_where=sa.text("q_performer IS NOT NULL"),
    )
    op.create_index("ix_risk_assessment_updated", "risk_assessment", ["updated", "id"], unique=False)
    op.create_table(
        "search_value",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("system", TEXT, nullable=True),
        sa.Column("low", sa.BigInteger(), nullable=True),
        sa.Column("high", sa.BigInteger(), nullable=True),
    )
    op.create_index("ix_search_value_id", "search_value", ["id"], unique=False)
    op.create_index(
        "ix_search_value_low",
        "search_value",
        ["key", "low"],
        unique=False,
        sqlite_where=sa.text("low IS NOT NULL"),
        postgresql_where=sa.text("low IS NOT NULL"),
    )
    op.create_index("ix_search_value_value", "search_value", ["key", "value", "id"], unique=False)
    op.create_table(
        "secret",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secret")),
    )
    op.create_table(
        "seen_request",
        sa.Column("client", TEXT, nullable=False),
        sa.Column("request", TEXT, nullable=False),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", TEXT, nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("client", "request", name=op.f("pk_seen_request")),
    )
    op.create_index("ix_seen_request_at", "seen_request", ["at"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_task_id", TEXT, nullable=True),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_intent", TEXT, nullable=True),
        sa.Column("r_description", TEXT, nullable=True),
        sa.Column("r_about", TEXT, nullable=True),
        sa.Column("r_requester", TEXT, nullable=True),
        sa.Column("r_owner", TEXT, nullable=True),
        sa.Column("r_requested_on", sa.Date(), nullable=True),
        sa.Column("r_window_start", sa.Date(), nullable=True),
        sa.Column("r_respond_by", sa.Date(), nullable=True),
        sa.Column("r_started_on", sa.Date(), nullable=True),
        sa.Column("r_ended_on", sa.Date(), nullable=True),
        sa.Column("r_part_of", TEXT, nullable=True),
        sa.Column("r_based_on", TEXT, nullable=True),
        sa.Column("r_review_kind", TEXT, nullable=True),
        sa.Column("r_review_status", TEXT, nullable=True),
        sa.Column("r_participants", TEXT, nullable=True),
        sa.Column("r_person_told_on", sa.Date(), nullable=True),
        sa.Column("r_told_what", TEXT, nullable=True),
        sa.Column("r_outcome", TEXT, nullable=True),
        sa.Column("r_needs_changed", sa.Boolean(), nullable=True),
        sa.Column("r_outcomes_still_right", sa.Boolean(), nullable=True),
        sa.Column("r_risks_changed", sa.Boolean(), nullable=True),
        sa.Column("r_budget_adequate", sa.Boolean(), nullable=True),
        sa.Column("r_properly_used", sa.Boolean(), nullable=True),
        sa.Column("r_underspend_reason", TEXT, nullable=True),
        sa.Column("r_person_experience", TEXT, nullable=True),
        sa.Column("r_new_plan_id", TEXT, nullable=True),
        sa.Column("r_new_budget_id", TEXT, nullable=True),
        sa.Column("r_next_due_on", sa.Date(), nullable=True),
        sa.Column("r_decision_subject", TEXT, nullable=True),
        sa.Column("r_decision_status", TEXT, nullable=True),
        sa.Column("r_rationale", TEXT, nullable=True),
        sa.Column("r_stop_reason", TEXT, nullable=True),
        sa.Column("r_conditions", TEXT, nullable=True),
        sa.Column("r_alternatives", TEXT, nullable=True),
        sa.Column("r_communicated_how", TEXT, nullable=True),
        sa.Column("r_communicated_on", sa.Date(), nullable=True),
        sa.Column("r_appeal_route", TEXT, nullable=True),
        sa.Column("r_complaint_route", TEXT, nullable=True),
        sa.Column("r_support_contact", TEXT, nullable=True),
        sa.Column("r_appeal_kind", TEXT, nullable=True),
        sa.Column("r_appeal_status", TEXT, nullable=True),
        sa.Column("r_reasons", TEXT, nullable=True),
        sa.Column("r_concern_kind", TEXT, nullable=True),
        sa.Column("r_concern_status", TEXT, nullable=True),
        sa.Column("r_coordinator_asked_on", sa.Date(), nullable=True),
        sa.Column("r_person_informed_on", sa.Date(), nullable=True),
        sa.Column("r_review_id", TEXT, nullable=True),
        sa.Column("r_finding", TEXT, nullable=True),
        sa.Column("r_transfer_status", TEXT, nullable=True),
        sa.Column("r_reason", TEXT, nullable=True),
        sa.Column("r_accepted_by", TEXT, nullable=True),
        sa.Column("r_accepted_on", sa.Date(), nullable=True),
        sa.Column("r_new_coordinator", TEXT, nullable=True),
        sa.Column("r_funded_until", sa.Date(), nullable=True),
        sa.Column("r_balance_pence", sa.BigInteger(), nullable=True),
        sa.Column("r_balance_carried_pence", sa.BigInteger(), nullable=True),
        sa.Column("r_balance_returned_pence", sa.BigInteger(), nullable=True),
        sa.Column("r_first_review_due", sa.Date(), nullable=True),
        sa.Column("r_discussion_person_id", TEXT, nullable=True),
        sa.Column("r_discussion_coordinator_id", TEXT, nullable=True),
        sa.Column("r_joint_reassessment", TEXT, nullable=True),
        sa.Column("r_new_amount_pence", sa.BigInteger(), nullable=True),
        sa.Column("r_consulted_funders", TEXT, nullable=True),
        sa.Column("r_consulted_person_on", sa.Date(), nullable=True),
        sa.Column("r_alternative_from", sa.Date(), nullable=True),
        sa.Column("r_dispute", TEXT, nullable=True),
        sa.Column("q_status", TEXT, nullable=True),
        sa.Column("q_intent", TEXT, nullable=True),
        sa.Column("q_priority", TEXT, nullable=True),
        sa.Column("q_owner", TEXT, nullable=True),
        sa.Column("q_requester", TEXT, nullable=True),
        sa.Column("q_focus", TEXT, nullable=True),
        sa.Column("q_encounter", TEXT, nullable=True),
        sa.Column("q_period_low", sa.BigInteger(), nullable=True),
        sa.Column("q_period_high", sa.BigInteger(), nullable=True),
        sa.Column("q_authored_on_low", sa.BigInteger(), nullable=True),
        sa.Column("q_authored_on_high", sa.BigInteger(), nullable=True),
        sa.Column("q_modified_low", sa.BigInteger(), nullable=True),
        sa.Column("q_modified_high", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index("ix_task_person", "task", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_task_q_authored_on_low",
        "task",
        ["q_authored_on_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_authored_on_low IS NOT NULL"),
        postgresql_where=sa.text("q_authored_on_low IS NOT NULL"),
    )
    op.create_index(
        "ix_task_q_encounter",
        "task",
        ["q_encounter", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_encounter IS NOT NULL"),
        postgresql_where=sa.text("q_encounter IS NOT NULL"),
    )
    op.create_index(
        "ix_task_q_focus",
        "task",
        ["q_focus", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_focus IS NOT NULL"),
        postgresql_where=sa.text("q_focus IS NOT NULL"),
    )
    op.create_index(
        "ix_task_q_intent",
        "task",
        ["q_intent", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_intent IS NOT NULL"),
        postgresql_where=sa.text("q_intent IS NOT NULL"),
    )
    op.create_index(
        "ix_task_q_modified_low",
        "task",
        ["q_modified_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_modified_low IS NOT NULL"),
        postgresql_where=sa.text("q_modified_low IS NOT NULL"),
    )
    op.create_index(
        "ix_task_q_owner",
        "task",
        ["q_owner", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_owner IS NOT NULL"),
        postgresql_where=sa.text("q_owner IS NOT NULL"),
    )
    op.create_index(
        "ix_task_q_period_low",
        "task",
        ["q_period_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_period_low IS NOT NULL"),
        postgresql_where=sa.text("q_period_low IS NOT NULL"),
    )
    op.create_index(
        "ix_task_q_priority",
        "task",
        ["q_priority", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_priority IS NOT NULL"),
        postgresql_where=sa.text("q_priority IS NOT NULL"),
    )
    op.create_index(
        "ix_task_q_requester",
        "task",
        ["q_requester", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_requester IS NOT NULL"),
        postgresql_where=sa.text("q_requester IS NOT NULL"),
    )
    op.create_index(
        "ix_task_q_status",
        "task",
        ["q_status", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.create_index("ix_task_updated", "task", ["updated", "id"], unique=False)
    op.create_table(
        "task_considered",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_about", TEXT, nullable=True),
        sa.Column("r_text", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_task_considered")),
    )
    op.create_table(
        "task_inputs",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_component", TEXT, nullable=True),
        sa.Column("r_discharges", TEXT, nullable=True),
        sa.Column("r_for_body", TEXT, nullable=True),
        sa.Column("r_asked_for", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_task_inputs")),
    )
    op.create_table(
        "task_notes",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_text", TEXT, nullable=True),
        sa.Column("r_written_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_task_notes")),
    )
    op.create_table(
        "client",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("jwks", sa.Text(), nullable=True),
        sa.Column("jwks_url", sa.Text(), nullable=True),
        sa.Column("aud", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("aud IN ('either', 'token-endpoint', 'issuer')", name="client_aud"),
        sa.CheckConstraint("status IN ('active', 'revoked')", name="client_status"),
        sa.CheckConstraint("(jwks IS NULL) <> (jwks_url IS NULL)", name="client_has_one_key_source"),
        sa.PrimaryKeyConstraint("client_id"),
    )
    op.create_table(
        "jwks_cache",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("fetched_at", sa.BigInteger(), nullable=True),
        sa.Column("tried_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("url"),
    )
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("alg", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("public_jwk", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("activated_at", sa.BigInteger(), nullable=True),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('next', 'active', 'retired')", name="signing_key_state"),
        sa.PrimaryKeyConstraint("kid"),
    )
    op.create_table(
        "access_token",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"]),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("access_token_client", "access_token", ["client_id"], unique=False)
    op.create_index("access_token_expires", "access_token", ["expires_at"], unique=False)
    op.create_table(
        "client_jti",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"]),
        sa.PrimaryKeyConstraint("client_id", "jti"),
    )
    op.create_index("client_jti_expires", "client_jti", ["expires_at"], unique=False)


def downgrade() -> None:
    """Drop every table."""
    op.drop_index("client_jti_expires", table_name="client_jti")
    op.drop_table("client_jti")
    op.drop_index("access_token_expires", table_name="access_token")
    op.drop_index("access_token_client", table_name="access_token")
    op.drop_table("access_token")
    op.drop_table("signing_key")
    op.drop_table("jwks_cache")
    op.drop_table("client")
    op.drop_table("task_notes")
    op.drop_table("task_inputs")
    op.drop_table("task_considered")
    op.drop_index("ix_task_updated", table_name="task")
    op.drop_index(
        "ix_task_q_status",
        table_name="task",
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.drop_index(
        "ix_task_q_requester",
        table_name="task",
        sqlite_where=sa.text("q_requester IS NOT NULL"),
        postgresql_where=sa.text("q_requester IS NOT NULL"),
    )
    op.drop_index(
        "ix_task_q_priority",
        table_name="task",
        sqlite_where=sa.text("q_priority IS NOT NULL"),
        postgresql_where=sa.text("q_priority IS NOT NULL"),
    )
    op.drop_index(
        "ix_task_q_period_low",
        table_name="task",
        sqlite_where=sa.text("q_period_low IS NOT NULL"),
        postgresql_where=sa.text("q_period_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_task_q_owner",
        table_name="task",
        sqlite_where=sa.text("q_owner IS NOT NULL"),
        postgresql_where=sa.text("q_owner IS NOT NULL"),
    )
    op.drop_index(
        "ix_task_q_modified_low",
        table_name="task",
        sqlite_where=sa.text("q_modified_low IS NOT NULL"),
        postgresql_where=sa.text("q_modified_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_task_q_intent",
        table_name="task",
        sqlite_where=sa.text("q_intent IS NOT NULL"),
        postgresql_where=sa.text("q_intent IS NOT NULL"),
    )
    op.drop_index(
        "ix_task_q_focus",
        table_name="task",
        sqlite_where=sa.text("q_focus IS NOT NULL"),
        postgresql_where=sa.text("q_focus IS NOT NULL"),
    )
    op.drop_index(
        "ix_task_q_encounter",
        table_name="task",
        sqlite_where=sa.text("q_encounter IS NOT NULL"),
        postgresql_where=sa.text("q_encounter IS NOT NULL"),
    )
    op.drop_index(
        "ix_task_q_authored_on_low",
        table_name="task",
        sqlite_where=sa.text("q_authored_on_low IS NOT NULL"),
        postgresql_where=sa.text("q_authored_on_low IS NOT NULL"),
    )
    op.drop_index("ix_task_person", table_name="task")
    op.drop_table("task")
    op.drop_index("ix_seen_request_at", table_name="seen_request")
    op.drop_table("seen_request")
    op.drop_table("secret")
    op.drop_index("ix_search_value_value", table_name="search_value")
    op.drop_index(
        "ix_search_value_low",
        table_name="search_value",
        sqlite_where=sa.text("low IS NOT NULL"),
        postgresql_where=sa.text("low IS NOT NULL"),
    )
    op.drop_index("ix_search_value_id", table_name="search_value")
    op.drop_table("search_value")
    op.drop_index("ix_risk_assessment_updated", table_name="risk_assessment")
    op.drop_index(
        "ix_risk_assessment_q_performer",
        table_name="risk_assessment",
        sqlite_where=sa.text("q_performer IS NOT NULL"),
        postgresql_where=sa.text("q_performer IS NOT NULL"),
    )
    op.drop_index(
        "ix_risk_assessment_q_encounter",
        table_name="risk_assessment",
        sqlite_where=sa.text("q_encounter IS NOT NULL"),
        postgresql_where=sa.text("q_encounter IS NOT NULL"),
    )
    op.drop_index(
        "ix_risk_assessment_q_condition",
        table_name="risk_assessment",
        sqlite_where=sa.text("q_condition IS NOT NULL"),
        postgresql_where=sa.text("q_condition IS NOT NULL"),
    )
    op.drop_index("ix_risk_assessment_person", table_name="risk_assessment")
    op.drop_table("risk_assessment")
    op.drop_table("related_person_telecoms")
    op.drop_table("related_person_legal_roles")
    op.drop_table("related_person_addresses")
    op.drop_index("ix_related_person_updated", table_name="related_person")
    op.drop_index(
        "ix_related_person_q_gender",
        table_name="related_person",
        sqlite_where=sa.text("q_gender IS NOT NULL"),
        postgresql_where=sa.text("q_gender IS NOT NULL"),
    )
    op.drop_index(
        "ix_related_person_q_birthdate_low",
        table_name="related_person",
        sqlite_where=sa.text("q_birthdate_low IS NOT NULL"),
        postgresql_where=sa.text("q_birthdate_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_related_person_q_active",
        table_name="related_person",
        sqlite_where=sa.text("q_active IS NOT NULL"),
        postgresql_where=sa.text("q_active IS NOT NULL"),
    )
    op.drop_index("ix_related_person_person", table_name="related_person")
    op.drop_table("related_person")
    op.drop_table("practitioner_telecoms")
    op.drop_table("practitioner_role_telecoms")
    op.drop_index("ix_practitioner_role_updated", table_name="practitioner_role")
    op.drop_index(
        "ix_practitioner_role_q_practitioner",
        table_name="practitioner_role",
        sqlite_where=sa.text("q_practitioner IS NOT NULL"),
        postgresql_where=sa.text("q_practitioner IS NOT NULL"),
    )
    op.drop_index(
        "ix_practitioner_role_q_organization",
        table_name="practitioner_role",
        sqlite_where=sa.text("q_organization IS NOT NULL"),
        postgresql_where=sa.text("q_organization IS NOT NULL"),
    )
    op.drop_index(
        "ix_practitioner_role_q_date_low",
        table_name="practitioner_role",
        sqlite_where=sa.text("q_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_date_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_practitioner_role_q_active",
        table_name="practitioner_role",
        sqlite_where=sa.text("q_active IS NOT NULL"),
        postgresql_where=sa.text("q_active IS NOT NULL"),
    )
    op.drop_table("practitioner_role")
    op.drop_table("practitioner_addresses")
    op.drop_index("ix_practitioner_updated", table_name="practitioner")
    op.drop_index(
        "ix_practitioner_q_gender",
        table_name="practitioner",
        sqlite_where=sa.text("q_gender IS NOT NULL"),
        postgresql_where=sa.text("q_gender IS NOT NULL"),
    )
    op.drop_index(
        "ix_practitioner_q_active",
        table_name="practitioner",
        sqlite_where=sa.text("q_active IS NOT NULL"),
        postgresql_where=sa.text("q_active IS NOT NULL"),
    )
    op.drop_table("practitioner")
    op.drop_index("ix_payment_reconciliation_updated", table_name="payment_reconciliation")
    op.drop_index(
        "ix_payment_reconciliation_q_status",
        table_name="payment_reconciliation",
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.drop_index(
        "ix_payment_reconciliation_q_requestor",
        table_name="payment_reconciliation",
        sqlite_where=sa.text("q_requestor IS NOT NULL"),
        postgresql_where=sa.text("q_requestor IS NOT NULL"),
    )
    op.drop_index(
        "ix_payment_reconciliation_q_request",
        table_name="payment_reconciliation",
        sqlite_where=sa.text("q_request IS NOT NULL"),
        postgresql_where=sa.text("q_request IS NOT NULL"),
    )
    op.drop_index(
        "ix_payment_reconciliation_q_payment_issuer",
        table_name="payment_reconciliation",
        sqlite_where=sa.text("q_payment_issuer IS NOT NULL"),
        postgresql_where=sa.text("q_payment_issuer IS NOT NULL"),
    )
    op.drop_index(
        "ix_payment_reconciliation_q_outcome",
        table_name="payment_reconciliation",
        sqlite_where=sa.text("q_outcome IS NOT NULL"),
        postgresql_where=sa.text("q_outcome IS NOT NULL"),
    )
    op.drop_index(
        "ix_payment_reconciliation_q_disposition",
        table_name="payment_reconciliation",
        sqlite_where=sa.text("q_disposition IS NOT NULL"),
        postgresql_where=sa.text("q_disposition IS NOT NULL"),
    )
    op.drop_index(
        "ix_payment_reconciliation_q_created_low",
        table_name="payment_reconciliation",
        sqlite_where=sa.text("q_created_low IS NOT NULL"),
        postgresql_where=sa.text("q_created_low IS NOT NULL"),
    )
    op.drop_table("payment_reconciliation")
    op.drop_table("patient_telecoms")
    op.drop_table("patient_social_care_ids")
    op.drop_table("patient_communication_needs")
    op.drop_table("patient_addresses")
    op.drop_index("ix_patient_updated", table_name="patient")
    op.drop_index(
        "ix_patient_q_organization",
        table_name="patient",
        sqlite_where=sa.text("q_organization IS NOT NULL"),
        postgresql_where=sa.text("q_organization IS NOT NULL"),
    )
    op.drop_index(
        "ix_patient_q_gender",
        table_name="patient",
        sqlite_where=sa.text("q_gender IS NOT NULL"),
        postgresql_where=sa.text("q_gender IS NOT NULL"),
    )
    op.drop_index(
        "ix_patient_q_death_date_low",
        table_name="patient",
        sqlite_where=sa.text("q_death_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_death_date_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_patient_q_birthdate_low",
        table_name="patient",
        sqlite_where=sa.text("q_birthdate_low IS NOT NULL"),
        postgresql_where=sa.text("q_birthdate_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_patient_q_active",
        table_name="patient",
        sqlite_where=sa.text("q_active IS NOT NULL"),
        postgresql_where=sa.text("q_active IS NOT NULL"),
    )
    op.drop_table("patient")
    op.drop_table("organization_telecoms")
    op.drop_table("organization_addresses")
    op.drop_index("ix_organization_updated", table_name="organization")
    op.drop_index(
        "ix_organization_q_partof",
        table_name="organization",
        sqlite_where=sa.text("q_partof IS NOT NULL"),
        postgresql_where=sa.text("q_partof IS NOT NULL"),
    )
    op.drop_index(
        "ix_organization_q_active",
        table_name="organization",
        sqlite_where=sa.text("q_active IS NOT NULL"),
        postgresql_where=sa.text("q_active IS NOT NULL"),
    )
    op.drop_table("organization")
    op.drop_table("history")
    op.drop_table("goal_targets")
    op.drop_index("ix_goal_updated", table_name="goal")
    op.drop_index(
        "ix_goal_q_start_date_low",
        table_name="goal",
        sqlite_where=sa.text("q_start_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_start_date_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_goal_q_lifecycle_status",
        table_name="goal",
        sqlite_where=sa.text("q_lifecycle_status IS NOT NULL"),
        postgresql_where=sa.text("q_lifecycle_status IS NOT NULL"),
    )
    op.drop_index("ix_goal_person", table_name="goal")
    op.drop_table("goal")
    op.drop_table("episode_of_care_status_history")
    op.drop_table("episode_of_care_options_explained")
    op.drop_table("episode_of_care_delegations")
    op.drop_index("ix_episode_of_care_updated", table_name="episode_of_care")
    op.drop_index(
        "ix_episode_of_care_q_status",
        table_name="episode_of_care",
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.drop_index(
        "ix_episode_of_care_q_organization",
        table_name="episode_of_care",
        sqlite_where=sa.text("q_organization IS NOT NULL"),
        postgresql_where=sa.text("q_organization IS NOT NULL"),
    )
    op.drop_index(
        "ix_episode_of_care_q_date_low",
        table_name="episode_of_care",
        sqlite_where=sa.text("q_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_date_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_episode_of_care_q_care_manager",
        table_name="episode_of_care",
        sqlite_where=sa.text("q_care_manager IS NOT NULL"),
        postgresql_where=sa.text("q_care_manager IS NOT NULL"),
    )
    op.drop_index("ix_episode_of_care_person", table_name="episode_of_care")
    op.drop_table("episode_of_care")
    op.drop_index("ix_document_reference_updated", table_name="document_reference")
    op.drop_index(
        "ix_document_reference_q_status",
        table_name="document_reference",
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.drop_index(
        "ix_document_reference_q_period_low",
        table_name="document_reference",
        sqlite_where=sa.text("q_period_low IS NOT NULL"),
        postgresql_where=sa.text("q_period_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_document_reference_q_description",
        table_name="document_reference",
        sqlite_where=sa.text("q_description IS NOT NULL"),
        postgresql_where=sa.text("q_description IS NOT NULL"),
    )
    op.drop_index(
        "ix_document_reference_q_date_low",
        table_name="document_reference",
        sqlite_where=sa.text("q_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_date_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_document_reference_q_custodian",
        table_name="document_reference",
        sqlite_where=sa.text("q_custodian IS NOT NULL"),
        postgresql_where=sa.text("q_custodian IS NOT NULL"),
    )
    op.drop_index(
        "ix_document_reference_q_authenticator",
        table_name="document_reference",
        sqlite_where=sa.text("q_authenticator IS NOT NULL"),
        postgresql_where=sa.text("q_authenticator IS NOT NULL"),
    )
    op.drop_index("ix_document_reference_person", table_name="document_reference")
    op.drop_table("document_reference")
    op.drop_table("coverage_client_contributions")
    op.drop_index("ix_coverage_updated", table_name="coverage")
    op.drop_index(
        "ix_coverage_q_subscriber",
        table_name="coverage",
        sqlite_where=sa.text("q_subscriber IS NOT NULL"),
        postgresql_where=sa.text("q_subscriber IS NOT NULL"),
    )
    op.drop_index(
        "ix_coverage_q_status",
        table_name="coverage",
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.drop_index(
        "ix_coverage_q_policy_holder",
        table_name="coverage",
        sqlite_where=sa.text("q_policy_holder IS NOT NULL"),
        postgresql_where=sa.text("q_policy_holder IS NOT NULL"),
    )
    op.drop_index("ix_coverage_person", table_name="coverage")
    op.drop_table("coverage")
    op.drop_table("contract_terms")
    op.drop_table("contract_signers")
    op.drop_index("ix_contract_updated", table_name="contract")
    op.drop_index(
        "ix_contract_q_url",
        table_name="contract",
        sqlite_where=sa.text("q_url IS NOT NULL"),
        postgresql_where=sa.text("q_url IS NOT NULL"),
    )
    op.drop_index(
        "ix_contract_q_status",
        table_name="contract",
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.drop_index(
        "ix_contract_q_issued_low",
        table_name="contract",
        sqlite_where=sa.text("q_issued_low IS NOT NULL"),
        postgresql_where=sa.text("q_issued_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_contract_q_instantiates",
        table_name="contract",
        sqlite_where=sa.text("q_instantiates IS NOT NULL"),
        postgresql_where=sa.text("q_instantiates IS NOT NULL"),
    )
    op.drop_index("ix_contract_person", table_name="contract")
    op.drop_table("contract")
    op.drop_table("consent_scope_bodies")
    op.drop_index("ix_consent_updated", table_name="consent")
    op.drop_index(
        "ix_consent_q_status",
        table_name="consent",
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.drop_index(
        "ix_consent_q_source_reference",
        table_name="consent",
        sqlite_where=sa.text("q_source_reference IS NOT NULL"),
        postgresql_where=sa.text("q_source_reference IS NOT NULL"),
    )
    op.drop_index(
        "ix_consent_q_period_low",
        table_name="consent",
        sqlite_where=sa.text("q_period_low IS NOT NULL"),
        postgresql_where=sa.text("q_period_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_consent_q_date_low",
        table_name="consent",
        sqlite_where=sa.text("q_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_date_low IS NOT NULL"),
    )
    op.drop_index("ix_consent_person", table_name="consent")
    op.drop_table("consent")
    op.drop_table("conditional_key")
    op.drop_index("ix_condition_updated", table_name="condition")
    op.drop_index(
        "ix_condition_q_recorded_date_low",
        table_name="condition",
        sqlite_where=sa.text("q_recorded_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_recorded_date_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_condition_q_encounter",
        table_name="condition",
        sqlite_where=sa.text("q_encounter IS NOT NULL"),
        postgresql_where=sa.text("q_encounter IS NOT NULL"),
    )
    op.drop_index(
        "ix_condition_q_asserter",
        table_name="condition",
        sqlite_where=sa.text("q_asserter IS NOT NULL"),
        postgresql_where=sa.text("q_asserter IS NOT NULL"),
    )
    op.drop_index("ix_condition_person", table_name="condition")
    op.drop_table("condition")
    op.drop_table("composition_sections")
    op.drop_index("ix_composition_updated", table_name="composition")
    op.drop_index(
        "ix_composition_q_title",
        table_name="composition",
        sqlite_where=sa.text("q_title IS NOT NULL"),
        postgresql_where=sa.text("q_title IS NOT NULL"),
    )
    op.drop_index(
        "ix_composition_q_status",
        table_name="composition",
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.drop_index(
        "ix_composition_q_encounter",
        table_name="composition",
        sqlite_where=sa.text("q_encounter IS NOT NULL"),
        postgresql_where=sa.text("q_encounter IS NOT NULL"),
    )
    op.drop_index(
        "ix_composition_q_date_low",
        table_name="composition",
        sqlite_where=sa.text("q_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_date_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_composition_q_confidentiality",
        table_name="composition",
        sqlite_where=sa.text("q_confidentiality IS NOT NULL"),
        postgresql_where=sa.text("q_confidentiality IS NOT NULL"),
    )
    op.drop_index("ix_composition_person", table_name="composition")
    op.drop_table("composition")
    op.drop_index("ix_communication_updated", table_name="communication")
    op.drop_index(
        "ix_communication_q_status",
        table_name="communication",
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.drop_index(
        "ix_communication_q_sent_low",
        table_name="communication",
        sqlite_where=sa.text("q_sent_low IS NOT NULL"),
        postgresql_where=sa.text("q_sent_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_communication_q_sender",
        table_name="communication",
        sqlite_where=sa.text("q_sender IS NOT NULL"),
        postgresql_where=sa.text("q_sender IS NOT NULL"),
    )
    op.drop_index(
        "ix_communication_q_received_low",
        table_name="communication",
        sqlite_where=sa.text("q_received_low IS NOT NULL"),
        postgresql_where=sa.text("q_received_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_communication_q_encounter",
        table_name="communication",
        sqlite_where=sa.text("q_encounter IS NOT NULL"),
        postgresql_where=sa.text("q_encounter IS NOT NULL"),
    )
    op.drop_index("ix_communication_person", table_name="communication")
    op.drop_table("communication")
    op.drop_table("claim_response_notes")
    op.drop_table("claim_response_lines")
    op.drop_index("ix_claim_response_updated", table_name="claim_response")
    op.drop_index(
        "ix_claim_response_q_use",
        table_name="claim_response",
        sqlite_where=sa.text("q_use IS NOT NULL"),
        postgresql_where=sa.text("q_use IS NOT NULL"),
    )
    op.drop_index(
        "ix_claim_response_q_status",
        table_name="claim_response",
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.drop_index(
        "ix_claim_response_q_requestor",
        table_name="claim_response",
        sqlite_where=sa.text("q_requestor IS NOT NULL"),
        postgresql_where=sa.text("q_requestor IS NOT NULL"),
    )
    op.drop_index(
        "ix_claim_response_q_request",
        table_name="claim_response",
        sqlite_where=sa.text("q_request IS NOT NULL"),
        postgresql_where=sa.text("q_request IS NOT NULL"),
    )
    op.drop_index(
        "ix_claim_response_q_payment_date_low",
        table_name="claim_response",
        sqlite_where=sa.text("q_payment_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_payment_date_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_claim_response_q_outcome",
        table_name="claim_response",
        sqlite_where=sa.text("q_outcome IS NOT NULL"),
        postgresql_where=sa.text("q_outcome IS NOT NULL"),
    )
    op.drop_index(
        "ix_claim_response_q_insurer",
        table_name="claim_response",
        sqlite_where=sa.text("q_insurer IS NOT NULL"),
        postgresql_where=sa.text("q_insurer IS NOT NULL"),
    )
    op.drop_index(
        "ix_claim_response_q_disposition",
        table_name="claim_response",
        sqlite_where=sa.text("q_disposition IS NOT NULL"),
        postgresql_where=sa.text("q_disposition IS NOT NULL"),
    )
    op.drop_index(
        "ix_claim_response_q_created_low",
        table_name="claim_response",
        sqlite_where=sa.text("q_created_low IS NOT NULL"),
        postgresql_where=sa.text("q_created_low IS NOT NULL"),
    )
    op.drop_index("ix_claim_response_person", table_name="claim_response")
    op.drop_table("claim_response")
    op.drop_table("claim_providers")
    op.drop_table("claim_needs")
    op.drop_table("claim_lines")
    op.drop_table("claim_insurance")
    op.drop_table("claim_goals")
    op.drop_table("claim_evidence")
    op.drop_index("ix_claim_updated", table_name="claim")
    op.drop_index(
        "ix_claim_q_use",
        table_name="claim",
        sqlite_where=sa.text("q_use IS NOT NULL"),
        postgresql_where=sa.text("q_use IS NOT NULL"),
    )
    op.drop_index(
        "ix_claim_q_status",
        table_name="claim",
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.drop_index(
        "ix_claim_q_provider",
        table_name="claim",
        sqlite_where=sa.text("q_provider IS NOT NULL"),
        postgresql_where=sa.text("q_provider IS NOT NULL"),
    )
    op.drop_index(
        "ix_claim_q_payee",
        table_name="claim",
        sqlite_where=sa.text("q_payee IS NOT NULL"),
        postgresql_where=sa.text("q_payee IS NOT NULL"),
    )
    op.drop_index(
        "ix_claim_q_insurer",
        table_name="claim",
        sqlite_where=sa.text("q_insurer IS NOT NULL"),
        postgresql_where=sa.text("q_insurer IS NOT NULL"),
    )
    op.drop_index(
        "ix_claim_q_facility",
        table_name="claim",
        sqlite_where=sa.text("q_facility IS NOT NULL"),
        postgresql_where=sa.text("q_facility IS NOT NULL"),
    )
    op.drop_index(
        "ix_claim_q_enterer",
        table_name="claim",
        sqlite_where=sa.text("q_enterer IS NOT NULL"),
        postgresql_where=sa.text("q_enterer IS NOT NULL"),
    )
    op.drop_index(
        "ix_claim_q_created_low",
        table_name="claim",
        sqlite_where=sa.text("q_created_low IS NOT NULL"),
        postgresql_where=sa.text("q_created_low IS NOT NULL"),
    )
    op.drop_index("ix_claim_person", table_name="claim")
    op.drop_table("claim")
    op.drop_index("ix_change_updated", table_name="change")
    op.drop_index("ix_change_type", table_name="change")
    op.drop_index("ix_change_order", table_name="change")
    op.drop_table("change")
    op.drop_table("care_team_telecoms")
    op.drop_table("care_team_participants")
    op.drop_index("ix_care_team_updated", table_name="care_team")
    op.drop_index(
        "ix_care_team_q_status",
        table_name="care_team",
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.drop_index(
        "ix_care_team_q_encounter",
        table_name="care_team",
        sqlite_where=sa.text("q_encounter IS NOT NULL"),
        postgresql_where=sa.text("q_encounter IS NOT NULL"),
    )
    op.drop_index(
        "ix_care_team_q_date_low",
        table_name="care_team",
        sqlite_where=sa.text("q_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_date_low IS NOT NULL"),
    )
    op.drop_index("ix_care_team_person", table_name="care_team")
    op.drop_table("care_team")
    op.drop_table("care_plan_agreements")
    op.drop_table("care_plan_actions")
    op.drop_index("ix_care_plan_updated", table_name="care_plan")
    op.drop_index(
        "ix_care_plan_q_status",
        table_name="care_plan",
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.drop_index(
        "ix_care_plan_q_intent",
        table_name="care_plan",
        sqlite_where=sa.text("q_intent IS NOT NULL"),
        postgresql_where=sa.text("q_intent IS NOT NULL"),
    )
    op.drop_index(
        "ix_care_plan_q_encounter",
        table_name="care_plan",
        sqlite_where=sa.text("q_encounter IS NOT NULL"),
        postgresql_where=sa.text("q_encounter IS NOT NULL"),
    )
    op.drop_index(
        "ix_care_plan_q_date_low",
        table_name="care_plan",
        sqlite_where=sa.text("q_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_date_low IS NOT NULL"),
    )
    op.drop_index("ix_care_plan_person", table_name="care_plan")
    op.drop_table("care_plan")
    op.drop_table("audit")
