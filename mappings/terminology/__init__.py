"""The closed code lists of the personal health budget: one constant a list, read from `data/*.toml` at import.

`LISTS["phb-case-state"]` and `CASE_STATE` are the same value. National and HL7 equivalents are in `crosswalk`.
"""

from types import MappingProxyType
from typing import Final

from mappings.terminology.code_list import Code, CodeList
from mappings.terminology.reader import read_lists

__all__ = ["LISTS", "Code", "CodeList"]

LISTS: Final = MappingProxyType(read_lists())

# Who and why
ELIGIBILITY_GROUP: Final = LISTS["phb-eligibility-group"]
ELIGIBILITY_ROUTE: Final = LISTS["phb-eligibility-route"]
MHA_SECTION: Final = LISTS["phb-mha-section"]
BUDGET_KIND: Final = LISTS["phb-budget-kind"]
FUNDER_KIND: Final = LISTS["phb-funder-kind"]
FUNDING_STREAM: Final = LISTS["phb-funding-stream"]
NEED_TYPE: Final = LISTS["phb-need-type"]
NEED_DOMAIN: Final = LISTS["phb-need-domain"]
NEED_MET_BY: Final = LISTS["phb-need-met-by"]
ORGANISATION_ROLE: Final = LISTS["phb-organisation-role"]
PROVIDER_KIND: Final = LISTS["phb-provider-kind"]
CQC_STATUS: Final = LISTS["phb-cqc-status"]
PARTY_ROLE: Final = LISTS["phb-party-role"]
RELATIONSHIP: Final = LISTS["phb-relationship"]
CAPACITY_STATUS: Final = LISTS["phb-capacity-status"]
CONSENT_SUBJECT: Final = LISTS["phb-consent-subject"]
DP_PERSON_EXCLUSION: Final = LISTS["phb-dp-person-exclusion"]
DP_BAR: Final = LISTS["phb-dp-bar"]
SUPPORT_OFFER: Final = LISTS["phb-support-offer"]
ACCESSIBLE_FORMAT: Final = LISTS["phb-accessible-format"]

# Needs, plan, outcomes
ASSESSMENT_KIND: Final = LISTS["phb-assessment-kind"]
ASSESSMENT_MODE: Final = LISTS["phb-assessment-mode"]
OUTCOME_KIND: Final = LISTS["phb-outcome-kind"]
PLAN_SECTION: Final = LISTS["phb-plan-section"]
PLAN_STATUS: Final = LISTS["phb-plan-status"]
RISK_RESIDUAL: Final = LISTS["phb-risk-residual"]
RISK_LEVEL: Final = LISTS["phb-risk-level"]

# Money
MANAGEMENT_OPTION: Final = LISTS["phb-management-option"]
ACCOUNT_KIND: Final = LISTS["phb-account-kind"]
CONTRACT_PARTY: Final = LISTS["phb-contract-party"]
BUDGET_METHOD: Final = LISTS["phb-budget-method"]
BUDGET_STATUS: Final = LISTS["phb-budget-status"]
LINE_CATEGORY: Final = LISTS["phb-line-category"]
LINE_FREQUENCY: Final = LISTS["phb-line-frequency"]
PLANNED_PROFILE: Final = LISTS["phb-planned-profile"]
SPLIT_METHOD: Final = LISTS["phb-split-method"]
CONTINGENCY_FUNDING: Final = LISTS["phb-contingency-funding"]
CONTRIBUTION_COLLECTION: Final = LISTS["phb-contribution-collection"]
PAYMENT_KIND: Final = LISTS["phb-payment-kind"]
PAYMENT_STATUS: Final = LISTS["phb-payment-status"]
INVOICE_CHECK: Final = LISTS["phb-invoice-check"]
EXPENDITURE_STATUS: Final = LISTS["phb-expenditure-status"]
EVIDENCE_TYPE: Final = LISTS["phb-evidence-type"]
EXCLUSION_CATEGORY: Final = LISTS["phb-exclusion-category"]

# Review, decision, change
CASE_STATE: Final = LISTS["phb-case-state"]
CLOSE_REASON: Final = LISTS["phb-close-reason"]
REVIEW_KIND: Final = LISTS["phb-review-kind"]
REVIEW_COMPONENT: Final = LISTS["phb-review-component"]
REVIEW_STATUS: Final = LISTS["phb-review-status"]
REVIEW_OUTCOME: Final = LISTS["phb-review-outcome"]
UNDERSPEND_REASON: Final = LISTS["phb-underspend-reason"]
CONCERN_KIND: Final = LISTS["phb-concern-kind"]
CONCERN_STATUS: Final = LISTS["phb-concern-status"]
MISUSE_FINDING: Final = LISTS["phb-misuse-finding"]
RECOVERY_REASON: Final = LISTS["phb-recovery-reason"]
STOP_REASON: Final = LISTS["phb-stop-reason"]
SUSPENSION_REASON: Final = LISTS["phb-suspension-reason"]
DECISION_SUBJECT: Final = LISTS["phb-decision-subject"]
DECISION_LEVEL: Final = LISTS["phb-decision-level"]
DECISION_OUTCOME: Final = LISTS["phb-decision-outcome"]
DECISION_STATUS: Final = LISTS["phb-decision-status"]
APPEAL_KIND: Final = LISTS["phb-appeal-kind"]
APPEAL_STATUS: Final = LISTS["phb-appeal-status"]
APPEAL_OUTCOME: Final = LISTS["phb-appeal-outcome"]
NOTICE_KIND: Final = LISTS["phb-notice-kind"]
DISCUSSION_TOPIC: Final = LISTS["phb-discussion-topic"]
TRANSFER_REASON: Final = LISTS["phb-transfer-reason"]
TRANSFER_STATUS: Final = LISTS["phb-transfer-status"]
ACCESS_PURPOSE: Final = LISTS["phb-access-purpose"]
RULE_SEVERITY: Final = LISTS["phb-rule-severity"]

# The mapping's own
RECORD_KIND: Final = LISTS["phb-record-kind"]
CLAIM_TYPE: Final = LISTS["phb-claim-type"]
CLAIM_RELATION: Final = LISTS["phb-claim-relation"]
BUDGET_INFO: Final = LISTS["phb-budget-info"]
PLAN_KIND: Final = LISTS["phb-plan-kind"]
LINE_FLAG: Final = LISTS["phb-line-flag"]
ADJUDICATION: Final = LISTS["phb-adjudication"]
STATEMENT_TOTAL: Final = LISTS["phb-statement-total"]
CHANGE_KIND: Final = LISTS["phb-change-kind"]
TASK_DETAIL: Final = LISTS["phb-task-detail"]
AGREEMENT_STATEMENT: Final = LISTS["phb-agreement-statement"]

# HL7's own lists
GOAL_ACHIEVEMENT: Final = LISTS["goal-achievement"]
PAYEE_TYPE: Final = LISTS["payee-type"]
PAYMENT_EXTENT: Final = LISTS["payment-extent"]
PROCESS_PRIORITY: Final = LISTS["process-priority"]

# Sets the rules ask for
RIGHT_TO_HAVE_GROUPS: Final = ELIGIBILITY_GROUP.where("right_to_have", value=True)
REPRESENTATIVE_ROLES: Final = PARTY_ROLE.where("representative", value=True)
CLOSE_FAMILY: Final = RELATIONSHIP.where("close_family", value=True)
PUBLIC_FUNDERS: Final = FUNDER_KIND.where("public", value=True)
NHS_STREAMS: Final = FUNDING_STREAM.where("funder_kind", "nhs-icb")
