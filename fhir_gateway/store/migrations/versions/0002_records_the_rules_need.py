"""The records the rules need: arrangements, pools, assessments, stays, provenance, and more of those there were."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the new tables and columns."""
    op.create_table(
        "account",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_account_ref", TEXT, nullable=True),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_management_option", TEXT, nullable=True),
        sa.Column("r_account_kind", TEXT, nullable=True),
        sa.Column("r_owner", TEXT, nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_end", sa.Date(), nullable=True),
        sa.Column("r_coverage_ids", TEXT, nullable=True),
        sa.Column("r_recipient", TEXT, nullable=True),
        sa.Column("r_account_approved_on", sa.Date(), nullable=True),
        sa.Column("r_payment_day", sa.BigInteger(), nullable=True),
        sa.Column("r_interval", TEXT, nullable=True),
        sa.Column("r_contingency_funding", TEXT, nullable=True),
        sa.Column("r_agreement_id", TEXT, nullable=True),
        sa.Column("r_other_public_money", TEXT, nullable=True),
        sa.Column("r_suitability_appropriate", sa.Boolean(), nullable=True),
        sa.Column("r_suitability_value_for_money", sa.Boolean(), nullable=True),
        sa.Column("r_suitability_reasons", TEXT, nullable=True),
        sa.Column("r_suitability_on", sa.Date(), nullable=True),
        sa.Column("r_suitability_by", TEXT, nullable=True),
        sa.Column("r_undertaking_signed_on", sa.Date(), nullable=True),
        sa.Column("r_contract_party", TEXT, nullable=True),
        sa.Column("r_independence_checked_on", sa.Date(), nullable=True),
        sa.Column("r_audit_due", sa.Date(), nullable=True),
        sa.Column("r_choice_offered", TEXT, nullable=True),
        sa.Column("r_provider_list_applies", sa.Boolean(), nullable=True),
        sa.Column("r_person_checks_invoices", sa.Boolean(), nullable=True),
        sa.Column("r_commissioner", TEXT, nullable=True),
        sa.Column("q_name", TEXT, nullable=True),
        sa.Column("q_name_exact", TEXT, nullable=True),
        sa.Column("q_owner", TEXT, nullable=True),
        sa.Column("q_period_low", sa.BigInteger(), nullable=True),
        sa.Column("q_period_high", sa.BigInteger(), nullable=True),
        sa.Column("q_status", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index("ix_account_person", "account", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_account_q_name",
        "account",
        ["q_name", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_name IS NOT NULL"),
        postgresql_where=sa.text("q_name IS NOT NULL"),
    )
    op.create_index(
        "ix_account_q_owner",
        "account",
        ["q_owner", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_owner IS NOT NULL"),
        postgresql_where=sa.text("q_owner IS NOT NULL"),
    )
    op.create_index(
        "ix_account_q_period_low",
        "account",
        ["q_period_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_period_low IS NOT NULL"),
        postgresql_where=sa.text("q_period_low IS NOT NULL"),
    )
    op.create_index(
        "ix_account_q_status",
        "account",
        ["q_status", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.create_index("ix_account_updated", "account", ["updated", "id"], unique=False)
    op.create_table(
        "care_plan_services_outside",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_need_id", TEXT, nullable=True),
        sa.Column("r_service", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_care_plan_services_outside")),
    )
    op.create_table(
        "contract_delegated_tasks",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_task", TEXT, nullable=True),
        sa.Column("r_trained_on", sa.Date(), nullable=True),
        sa.Column("r_signed_off_by", TEXT, nullable=True),
        sa.Column("r_expires_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_contract_delegated_tasks")),
    )
    op.create_table(
        "encounter",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_number", TEXT, nullable=True),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_admitted_on", sa.Date(), nullable=True),
        sa.Column("r_discharged_on", sa.Date(), nullable=True),
        sa.Column("r_expected_return", sa.Boolean(), nullable=True),
        sa.Column("q_status", TEXT, nullable=True),
        sa.Column("q_date_low", sa.BigInteger(), nullable=True),
        sa.Column("q_date_high", sa.BigInteger(), nullable=True),
        sa.Column("q_service_provider", TEXT, nullable=True),
        sa.Column("q_part_of", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_encounter")),
    )
    op.create_index("ix_encounter_person", "encounter", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_encounter_q_date_low",
        "encounter",
        ["q_date_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_date_low IS NOT NULL"),
    )
    op.create_index(
        "ix_encounter_q_part_of",
        "encounter",
        ["q_part_of", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_part_of IS NOT NULL"),
        postgresql_where=sa.text("q_part_of IS NOT NULL"),
    )
    op.create_index(
        "ix_encounter_q_service_provider",
        "encounter",
        ["q_service_provider", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_service_provider IS NOT NULL"),
        postgresql_where=sa.text("q_service_provider IS NOT NULL"),
    )
    op.create_index(
        "ix_encounter_q_status",
        "encounter",
        ["q_status", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.create_index("ix_encounter_updated", "encounter", ["updated", "id"], unique=False)
    op.create_table(
        "group",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_number", TEXT, nullable=True),
        sa.Column("r_active", sa.Boolean(), nullable=True),
        sa.Column("r_name", TEXT, nullable=True),
        sa.Column("r_purpose", TEXT, nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_end", sa.Date(), nullable=True),
        sa.Column("r_managing", TEXT, nullable=True),
        sa.Column("q_type", TEXT, nullable=True),
        sa.Column("q_actual", TEXT, nullable=True),
        sa.Column("q_managing_entity", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group")),
    )
    op.create_index(
        "ix_group_q_actual",
        "group",
        ["q_actual", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_actual IS NOT NULL"),
        postgresql_where=sa.text("q_actual IS NOT NULL"),
    )
    op.create_index(
        "ix_group_q_managing_entity",
        "group",
        ["q_managing_entity", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_managing_entity IS NOT NULL"),
        postgresql_where=sa.text("q_managing_entity IS NOT NULL"),
    )
    op.create_index(
        "ix_group_q_type",
        "group",
        ["q_type", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_type IS NOT NULL"),
        postgresql_where=sa.text("q_type IS NOT NULL"),
    )
    op.create_index("ix_group_updated", "group", ["updated", "id"], unique=False)
    op.create_table(
        "group_members",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_member", TEXT, nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_end", sa.Date(), nullable=True),
        sa.Column("r_case_id", TEXT, nullable=True),
        sa.Column("r_contribution_pence", sa.BigInteger(), nullable=True),
        sa.Column("r_weight", sa.BigInteger(), nullable=True),
        sa.Column("r_consent_id", TEXT, nullable=True),
        sa.Column("r_budget_id", TEXT, nullable=True),
        sa.Column("r_line_no", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_group_members")),
    )
    op.create_table(
        "observation",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_number", TEXT, nullable=True),
        sa.Column("r_person_id", TEXT, nullable=True),
        sa.Column("r_observation_status", TEXT, nullable=True),
        sa.Column("r_decision", TEXT, nullable=True),
        sa.Column("r_status", TEXT, nullable=True),
        sa.Column("r_assessed_on", sa.Date(), nullable=True),
        sa.Column("r_assessor", TEXT, nullable=True),
        sa.Column("r_decision_path", TEXT, nullable=True),
        sa.Column("r_speaks_for_person", TEXT, nullable=True),
        sa.Column("r_advance_nominee", TEXT, nullable=True),
        sa.Column("r_expected_temporary", sa.Boolean(), nullable=True),
        sa.Column("r_value", TEXT, nullable=True),
        sa.Column("r_start", sa.Date(), nullable=True),
        sa.Column("r_end", sa.Date(), nullable=True),
        sa.Column("r_assessment_kind", TEXT, nullable=True),
        sa.Column("r_mode", TEXT, nullable=True),
        sa.Column("r_joint_with", TEXT, nullable=True),
        sa.Column("r_approved_on", sa.Date(), nullable=True),
        sa.Column("r_approved_by", TEXT, nullable=True),
        sa.Column("r_need_ids", TEXT, nullable=True),
        sa.Column("r_carer_assessment_offered_on", sa.Date(), nullable=True),
        sa.Column("r_standard_package_pence", sa.BigInteger(), nullable=True),
        sa.Column("r_source", TEXT, nullable=True),
        sa.Column("r_asked_on", sa.Date(), nullable=True),
        sa.Column("q_status", TEXT, nullable=True),
        sa.Column("q_value_string", TEXT, nullable=True),
        sa.Column("q_value_string_exact", TEXT, nullable=True),
        sa.Column("q_encounter", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation")),
    )
    op.create_index("ix_observation_person", "observation", ["person", "updated", "id"], unique=False)
    op.create_index(
        "ix_observation_q_encounter",
        "observation",
        ["q_encounter", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_encounter IS NOT NULL"),
        postgresql_where=sa.text("q_encounter IS NOT NULL"),
    )
    op.create_index(
        "ix_observation_q_status",
        "observation",
        ["q_status", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.create_index(
        "ix_observation_q_value_string",
        "observation",
        ["q_value_string", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_value_string IS NOT NULL"),
        postgresql_where=sa.text("q_value_string IS NOT NULL"),
    )
    op.create_index("ix_observation_updated", "observation", ["updated", "id"], unique=False)
    op.create_table(
        "observation_answers",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_question", TEXT, nullable=True),
        sa.Column("r_answer", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_observation_answers")),
    )
    op.create_table(
        "provenance",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("person", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("r_targets", TEXT, nullable=True),
        sa.Column("r_recorded", sa.BigInteger(), nullable=True),
        sa.Column("r_occurred_on", sa.Date(), nullable=True),
        sa.Column("r_operation", TEXT, nullable=True),
        sa.Column("r_activity", TEXT, nullable=True),
        sa.Column("r_rule", TEXT, nullable=True),
        sa.Column("r_reason", TEXT, nullable=True),
        sa.Column("q_recorded_low", sa.BigInteger(), nullable=True),
        sa.Column("q_recorded_high", sa.BigInteger(), nullable=True),
        sa.Column("q_when_low", sa.BigInteger(), nullable=True),
        sa.Column("q_when_high", sa.BigInteger(), nullable=True),
        sa.Column("q_location", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provenance")),
    )
    op.create_index(
        "ix_provenance_q_location",
        "provenance",
        ["q_location", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_location IS NOT NULL"),
        postgresql_where=sa.text("q_location IS NOT NULL"),
    )
    op.create_index(
        "ix_provenance_q_recorded_low",
        "provenance",
        ["q_recorded_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_recorded_low IS NOT NULL"),
        postgresql_where=sa.text("q_recorded_low IS NOT NULL"),
    )
    op.create_index(
        "ix_provenance_q_when_low",
        "provenance",
        ["q_when_low", "updated", "id"],
        unique=False,
        sqlite_where=sa.text("q_when_low IS NOT NULL"),
        postgresql_where=sa.text("q_when_low IS NOT NULL"),
    )
    op.create_index("ix_provenance_updated", "provenance", ["updated", "id"], unique=False)
    op.create_table(
        "provenance_agents",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_part", TEXT, nullable=True),
        sa.Column("r_role", TEXT, nullable=True),
        sa.Column("r_who", TEXT, nullable=True),
        sa.Column("r_on_behalf_of", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_provenance_agents")),
    )
    op.create_table(
        "provenance_entities",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_role", TEXT, nullable=True),
        sa.Column("r_what", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_provenance_entities")),
    )
    op.create_table(
        "task_consultations",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_funder", TEXT, nullable=True),
        sa.Column("r_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_task_consultations")),
    )
    op.create_table(
        "task_goal_updates",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("r_outcome", TEXT, nullable=True),
        sa.Column("r_achievement", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", "position", name=op.f("pk_task_goal_updates")),
    )
    op.add_column("care_plan", sa.Column("r_dp_health_monitor", TEXT, nullable=True))
    op.add_column("care_plan", sa.Column("r_dp_first_review_due", sa.Date(), nullable=True))
    op.add_column("care_plan", sa.Column("r_dp_review_method", TEXT, nullable=True))
    op.add_column("care_plan", sa.Column("r_dp_reduction_notice_days", sa.BigInteger(), nullable=True))
    op.add_column("care_plan", sa.Column("r_dp_risk_procedure", TEXT, nullable=True))
    op.add_column("care_plan", sa.Column("r_risks_none_identified", sa.Boolean(), nullable=True))
    op.add_column("care_plan", sa.Column("r_shared_with_person_on", sa.Date(), nullable=True))
    op.add_column("care_plan", sa.Column("r_health_contact", TEXT, nullable=True))
    op.add_column("care_plan", sa.Column("r_health_contact_role", TEXT, nullable=True))
    op.add_column("care_plan", sa.Column("r_health_contact_phone", TEXT, nullable=True))
    op.add_column("care_team", sa.Column("r_panel_limit_pence", sa.BigInteger(), nullable=True))
    op.add_column("care_team", sa.Column("r_panel_virtual", sa.Boolean(), nullable=True))
    op.add_column("claim", sa.Column("r_assessment_id", TEXT, nullable=True))
    op.add_column("claim", sa.Column("r_shared_by", TEXT, nullable=True))
    op.add_column("claim", sa.Column("r_sufficiency_body_ok", sa.Boolean(), nullable=True))
    op.add_column("claim", sa.Column("r_sufficiency_person_ok", sa.Boolean(), nullable=True))
    op.add_column("claim", sa.Column("r_sufficiency_on", sa.Date(), nullable=True))
    op.add_column("claim", sa.Column("r_hold_reason", TEXT, nullable=True))
    op.add_column("claim", sa.Column("r_notice_id", TEXT, nullable=True))
    op.add_column("claim", sa.Column("r_discussion_person_id", TEXT, nullable=True))
    op.add_column("claim", sa.Column("r_discussion_coordinator_id", TEXT, nullable=True))
    op.add_column("claim", sa.Column("r_review_id", TEXT, nullable=True))
    op.add_column("claim", sa.Column("r_misuse_finding", TEXT, nullable=True))
    op.add_column("claim", sa.Column("r_suspension_id", TEXT, nullable=True))
    op.add_column("claim_response", sa.Column("r_decision_id", TEXT, nullable=True))
    op.add_column("claim_response_lines", sa.Column("r_rule", TEXT, nullable=True))
    op.add_column("claim_response_lines", sa.Column("r_plan_element", TEXT, nullable=True))
    op.add_column("communication", sa.Column("r_format", TEXT, nullable=True))
    op.add_column("contract", sa.Column("r_employer_duties_explained_on", sa.Date(), nullable=True))
    op.add_column("contract", sa.Column("r_excluded_uses_acknowledged", sa.Boolean(), nullable=True))
    op.add_column("contract", sa.Column("r_number", TEXT, nullable=True))
    op.add_column("contract", sa.Column("r_employer", TEXT, nullable=True))
    op.add_column("contract", sa.Column("r_employee", TEXT, nullable=True))
    op.add_column("contract", sa.Column("r_hourly_rate_pence", sa.BigInteger(), nullable=True))
    op.add_column("contract", sa.Column("r_weekly_minutes", sa.BigInteger(), nullable=True))
    op.add_column("contract", sa.Column("r_family_member", sa.Boolean(), nullable=True))
    op.add_column("contract", sa.Column("r_family_decision_id", TEXT, nullable=True))
    op.add_column("contract", sa.Column("r_insurance_until", sa.Date(), nullable=True))
    op.add_column("contract", sa.Column("r_on_cost_lines", TEXT, nullable=True))
    op.add_column("contract", sa.Column("r_stream", TEXT, nullable=True))
    op.add_column("coverage_client_contributions", sa.Column("r_financial_assessment_on", sa.Date(), nullable=True))
    op.add_column("coverage_client_contributions", sa.Column("r_assessed_by", TEXT, nullable=True))
    op.add_column("episode_of_care", sa.Column("r_lead_funder", TEXT, nullable=True))
    op.add_column("organization", sa.Column("r_conflict_of_interest", TEXT, nullable=True))
    op.add_column("organization", sa.Column("r_last_audited_on", sa.Date(), nullable=True))
    op.add_column("organization", sa.Column("r_next_audit_due", sa.Date(), nullable=True))
    op.add_column("patient", sa.Column("r_receives_unpaid_care", sa.Boolean(), nullable=True))
    op.add_column("patient", sa.Column("r_ehc_authority", TEXT, nullable=True))
    op.add_column("patient", sa.Column("r_ehc_reference", TEXT, nullable=True))
    op.add_column("patient", sa.Column("r_ehc_start", sa.Date(), nullable=True))
    op.add_column("patient", sa.Column("r_ehc_end", sa.Date(), nullable=True))
    op.add_column("practitioner_role", sa.Column("r_limit_pence", sa.BigInteger(), nullable=True))
    op.add_column("practitioner_role", sa.Column("r_decision_subjects", TEXT, nullable=True))
    op.add_column("related_person", sa.Column("r_nominated_by", TEXT, nullable=True))
    op.add_column("related_person", sa.Column("r_agreed_to_act_on", sa.Date(), nullable=True))
    op.add_column("related_person", sa.Column("r_body_agreed_on", sa.Date(), nullable=True))
    op.add_column("related_person", sa.Column("r_authority_evidence", TEXT, nullable=True))
    op.add_column("task", sa.Column("r_working", TEXT, nullable=True))
    op.add_column("task", sa.Column("r_not_working", TEXT, nullable=True))
    op.add_column("task", sa.Column("r_needs_change", TEXT, nullable=True))
    op.add_column("task", sa.Column("r_absence_reason", TEXT, nullable=True))
    op.add_column("task", sa.Column("r_panel_id", TEXT, nullable=True))
    op.add_column("task", sa.Column("r_notice_id", TEXT, nullable=True))
    op.add_column("task", sa.Column("r_needs_continue", sa.Boolean(), nullable=True))
    op.add_column("task", sa.Column("r_replacement_option", TEXT, nullable=True))
    op.add_column("task", sa.Column("r_replacement_from", sa.Date(), nullable=True))
    op.add_column("task", sa.Column("r_no_coordinator_reason", TEXT, nullable=True))
    op.add_column("task", sa.Column("r_delay_decision_id", TEXT, nullable=True))
    op.add_column("task", sa.Column("r_outcome_option", TEXT, nullable=True))
    op.add_column("task", sa.Column("r_conversation_id", TEXT, nullable=True))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("task", "r_conversation_id")
    op.drop_column("task", "r_outcome_option")
    op.drop_column("task", "r_delay_decision_id")
    op.drop_column("task", "r_no_coordinator_reason")
    op.drop_column("task", "r_replacement_from")
    op.drop_column("task", "r_replacement_option")
    op.drop_column("task", "r_needs_continue")
    op.drop_column("task", "r_notice_id")
    op.drop_column("task", "r_panel_id")
    op.drop_column("task", "r_absence_reason")
    op.drop_column("task", "r_needs_change")
    op.drop_column("task", "r_not_working")
    op.drop_column("task", "r_working")
    op.drop_column("related_person", "r_authority_evidence")
    op.drop_column("related_person", "r_body_agreed_on")
    op.drop_column("related_person", "r_agreed_to_act_on")
    op.drop_column("related_person", "r_nominated_by")
    op.drop_column("practitioner_role", "r_decision_subjects")
    op.drop_column("practitioner_role", "r_limit_pence")
    op.drop_column("patient", "r_ehc_end")
    op.drop_column("patient", "r_ehc_start")
    op.drop_column("patient", "r_ehc_reference")
    op.drop_column("patient", "r_ehc_authority")
    op.drop_column("patient", "r_receives_unpaid_care")
    op.drop_column("organization", "r_next_audit_due")
    op.drop_column("organization", "r_last_audited_on")
    op.drop_column("organization", "r_conflict_of_interest")
    op.drop_column("episode_of_care", "r_lead_funder")
    op.drop_column("coverage_client_contributions", "r_assessed_by")
    op.drop_column("coverage_client_contributions", "r_financial_assessment_on")
    op.drop_column("contract", "r_stream")
    op.drop_column("contract", "r_on_cost_lines")
    op.drop_column("contract", "r_insurance_until")
    op.drop_column("contract", "r_family_decision_id")
    op.drop_column("contract", "r_family_member")
    op.drop_column("contract", "r_weekly_minutes")
    op.drop_column("contract", "r_hourly_rate_pence")
    op.drop_column("contract", "r_employee")
    op.drop_column("contract", "r_employer")
    op.drop_column("contract", "r_number")
    op.drop_column("contract", "r_excluded_uses_acknowledged")
    op.drop_column("contract", "r_employer_duties_explained_on")
    op.drop_column("communication", "r_format")
    op.drop_column("claim_response_lines", "r_plan_element")
    op.drop_column("claim_response_lines", "r_rule")
    op.drop_column("claim_response", "r_decision_id")
    op.drop_column("claim", "r_suspension_id")
    op.drop_column("claim", "r_misuse_finding")
    op.drop_column("claim", "r_review_id")
    op.drop_column("claim", "r_discussion_coordinator_id")
    op.drop_column("claim", "r_discussion_person_id")
    op.drop_column("claim", "r_notice_id")
    op.drop_column("claim", "r_hold_reason")
    op.drop_column("claim", "r_sufficiency_on")
    op.drop_column("claim", "r_sufficiency_person_ok")
    op.drop_column("claim", "r_sufficiency_body_ok")
    op.drop_column("claim", "r_shared_by")
    op.drop_column("claim", "r_assessment_id")
    op.drop_column("care_team", "r_panel_virtual")
    op.drop_column("care_team", "r_panel_limit_pence")
    op.drop_column("care_plan", "r_health_contact_phone")
    op.drop_column("care_plan", "r_health_contact_role")
    op.drop_column("care_plan", "r_health_contact")
    op.drop_column("care_plan", "r_shared_with_person_on")
    op.drop_column("care_plan", "r_risks_none_identified")
    op.drop_column("care_plan", "r_dp_risk_procedure")
    op.drop_column("care_plan", "r_dp_reduction_notice_days")
    op.drop_column("care_plan", "r_dp_review_method")
    op.drop_column("care_plan", "r_dp_first_review_due")
    op.drop_column("care_plan", "r_dp_health_monitor")
    op.drop_table("task_goal_updates")
    op.drop_table("task_consultations")
    op.drop_table("provenance_entities")
    op.drop_table("provenance_agents")
    op.drop_index("ix_provenance_updated", table_name="provenance")
    op.drop_index(
        "ix_provenance_q_when_low",
        table_name="provenance",
        sqlite_where=sa.text("q_when_low IS NOT NULL"),
        postgresql_where=sa.text("q_when_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_provenance_q_recorded_low",
        table_name="provenance",
        sqlite_where=sa.text("q_recorded_low IS NOT NULL"),
        postgresql_where=sa.text("q_recorded_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_provenance_q_location",
        table_name="provenance",
        sqlite_where=sa.text("q_location IS NOT NULL"),
        postgresql_where=sa.text("q_location IS NOT NULL"),
    )
    op.drop_table("provenance")
    op.drop_table("observation_answers")
    op.drop_index("ix_observation_updated", table_name="observation")
    op.drop_index(
        "ix_observation_q_value_string",
        table_name="observation",
        sqlite_where=sa.text("q_value_string IS NOT NULL"),
        postgresql_where=sa.text("q_value_string IS NOT NULL"),
    )
    op.drop_index(
        "ix_observation_q_status",
        table_name="observation",
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.drop_index(
        "ix_observation_q_encounter",
        table_name="observation",
        sqlite_where=sa.text("q_encounter IS NOT NULL"),
        postgresql_where=sa.text("q_encounter IS NOT NULL"),
    )
    op.drop_index("ix_observation_person", table_name="observation")
    op.drop_table("observation")
    op.drop_table("group_members")
    op.drop_index("ix_group_updated", table_name="group")
    op.drop_index(
        "ix_group_q_type",
        table_name="group",
        sqlite_where=sa.text("q_type IS NOT NULL"),
        postgresql_where=sa.text("q_type IS NOT NULL"),
    )
    op.drop_index(
        "ix_group_q_managing_entity",
        table_name="group",
        sqlite_where=sa.text("q_managing_entity IS NOT NULL"),
        postgresql_where=sa.text("q_managing_entity IS NOT NULL"),
    )
    op.drop_index(
        "ix_group_q_actual",
        table_name="group",
        sqlite_where=sa.text("q_actual IS NOT NULL"),
        postgresql_where=sa.text("q_actual IS NOT NULL"),
    )
    op.drop_table("group")
    op.drop_index("ix_encounter_updated", table_name="encounter")
    op.drop_index(
        "ix_encounter_q_status",
        table_name="encounter",
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.drop_index(
        "ix_encounter_q_service_provider",
        table_name="encounter",
        sqlite_where=sa.text("q_service_provider IS NOT NULL"),
        postgresql_where=sa.text("q_service_provider IS NOT NULL"),
    )
    op.drop_index(
        "ix_encounter_q_part_of",
        table_name="encounter",
        sqlite_where=sa.text("q_part_of IS NOT NULL"),
        postgresql_where=sa.text("q_part_of IS NOT NULL"),
    )
    op.drop_index(
        "ix_encounter_q_date_low",
        table_name="encounter",
        sqlite_where=sa.text("q_date_low IS NOT NULL"),
        postgresql_where=sa.text("q_date_low IS NOT NULL"),
    )
    op.drop_index("ix_encounter_person", table_name="encounter")
    op.drop_table("encounter")
    op.drop_table("contract_delegated_tasks")
    op.drop_table("care_plan_services_outside")
    op.drop_index("ix_account_updated", table_name="account")
    op.drop_index(
        "ix_account_q_status",
        table_name="account",
        sqlite_where=sa.text("q_status IS NOT NULL"),
        postgresql_where=sa.text("q_status IS NOT NULL"),
    )
    op.drop_index(
        "ix_account_q_period_low",
        table_name="account",
        sqlite_where=sa.text("q_period_low IS NOT NULL"),
        postgresql_where=sa.text("q_period_low IS NOT NULL"),
    )
    op.drop_index(
        "ix_account_q_owner",
        table_name="account",
        sqlite_where=sa.text("q_owner IS NOT NULL"),
        postgresql_where=sa.text("q_owner IS NOT NULL"),
    )
    op.drop_index(
        "ix_account_q_name",
        table_name="account",
        sqlite_where=sa.text("q_name IS NOT NULL"),
        postgresql_where=sa.text("q_name IS NOT NULL"),
    )
    op.drop_index("ix_account_person", table_name="account")
    op.drop_table("account")
