"""Keir's budget, instalments and spending, as at 30 June 2025.

Source: domain.md 6.8 example 4.
"""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from fhir_gateway.demo import budgets, payments
from fhir_gateway.demo.case import Case, nhs

CASE: Final = Case(
    id="keir",
    number="0005",
    budget_kind="ongoing",
    start=date(2025, 4, 1),
    end=date(2026, 3, 31),
    agreed_on=date(2025, 3, 18),
    as_of=date(2025, 6, 30),
    funders=(nhs("nhs-chc", decider="panel-icb"),),
    format="audio",
)
START: Final = CASE.start
RECURRING: Final = (*(422_792,) * 9, *(422_791,) * 3)
ONE_OFFS: Final = (("Training", 48_000), ("Recruitment and checks", 11_800), ("Contingency", 312_340))


def _line(category: str, text: str, pence: int, rate: int, **known: Any) -> budgets.Line:
    """A line for both needs and the home, unless `known` says otherwise."""
    usual: dict[str, Any] = {"needs": ("moving", "pain"), "outcomes": ("home",)}
    return budgets.nhs_line(category, text, pence, rate, **usual | known)


LINES: Final = (
    _line("personal-assistant-wages", "Two assistants, together 42 hours a week at 14.20", 3_109_800, 59_640),
    _line("pa-holiday-cover", "Cover for 5.6 weeks of leave", 333_984, 333_984, frequency="annual"),
    _line("employer-national-insurance", "Employer National Insurance", 366_568, 366_568, frequency="annual"),
    _line("employer-pension", "Employer pension", 65_874, 65_874, frequency="annual"),
    _line(
        "employer-insurance", "Employer's liability", 16_500, 16_500, frequency="annual", profile="on-date", on=START
    ),
    _line("payroll-service", "Payroll", 27_000, 2_250, frequency="monthly", provider="Organization/clear-accounts"),
    _line("training", "Moving and handling", 48_000, 48_000, **budgets.on_one_day(START)),
    _line("recruitment-and-checks", "Advertising and checks", 11_800, 11_800, **budgets.on_one_day(START)),
    _line(
        "agency-care",
        "Agency, 7 hours a week at 26.35",
        961_775,
        18_445,
        provider="Organization/harbour-care",
        regulated=True,
    ),
    _line(
        "therapy",
        "Hydrotherapy",
        192_000,
        4_800,
        frequency="per-unit",
        quantity=Decimal(40),
        unit="session",
        needs=("pain",),
        outcomes=("less-pain",),
        provider="Organization/limber-therapy",
    ),
    _line(
        "contingency",
        "Four weeks of assistants and agency",
        312_340,
        312_340,
        frequency="one-off",
        flags=("contingency",),
        needs=(),
        outcomes=(),
    ),
)
SPENT: Final = (
    payments.Spent(
        line=5,
        on=date(2025, 4, 1),
        pence=16_500,
        payee="Exampleton Mutual",
        text="Year's cover",
        evidence="insurance-certificate",
    ),
    payments.Spent(
        line=7,
        on=date(2025, 4, 8),
        pence=48_000,
        payee="Safe Hands Training",
        text="Course",
        evidence="training-certificate",
    ),
    payments.Spent(
        line=8, on=date(2025, 4, 10), pence=11_800, payee="Exampleton Herald", text="Advertisement and checks"
    ),
    *(
        payments.Spent(
            line=1, on=on, pence=pence, payee="Ravi and Tess", text=f"Wages, {hours} hours", evidence="payslip"
        )
        for on, hours, pence in (
            (date(2025, 4, 30), 168, 238_560),
            (date(2025, 5, 30), 169, 239_980),
            (date(2025, 6, 30), 168, 238_560),
        )
    ),
    *(
        payments.Spent(
            line=3,
            on=on,
            pence=pence,
            payee="HM Revenue and Customs",
            text="National Insurance",
            evidence="payroll-report",
        )
        for on, pence in ((date(2025, 4, 30), 27_333), (date(2025, 5, 30), 27_333), (date(2025, 6, 30), 27_334))
    ),
    *(
        payments.Spent(
            line=4, on=on, pence=5_000, payee="Example Pension Trust", text="Pension", evidence="payroll-report"
        )
        for on in (date(2025, 4, 30), date(2025, 5, 30), date(2025, 6, 30))
    ),
    *(
        payments.Spent(line=6, on=on, pence=2_250, payee="Clear Accounts", text="Payroll", evidence="invoice")
        for on in (date(2025, 4, 30), date(2025, 5, 30), date(2025, 6, 30))
    ),
    *(
        payments.Spent(line=9, on=on, pence=73_780, payee="Harbour Care Agency", text="28 hours", evidence="invoice")
        for on in (date(2025, 4, 28), date(2025, 5, 26), date(2025, 6, 23))
    ),
    *(
        payments.Spent(line=10, on=on, pence=14_400, payee="Limber Therapy", text="Three sessions")
        for on in (date(2025, 4, 25), date(2025, 5, 23), date(2025, 6, 20))
    ),
)
