"""K13, the shape of variance, as figures of a measure.

Source: domain.md section 7 (K13); S004.
"""

from fractions import Fraction

from fhir_gateway.phb.measures.cells import Outcome, Result, Stratum, proportion
from fhir_gateway.phb.measures.table import MEASURES, SHAPE
from fhir_gateway.phb.variance import Variance


def shape_outcomes(found: Variance) -> tuple[Outcome, ...]:
    """Concentration with the shape as its one stratum, large differences, net difference."""
    shape, large, net = MEASURES["K13"].figures
    concentration = Result(
        numerator=found.large,
        denominator=found.budgets,
        numerator_pence=found.large_gross,
        denominator_pence=found.gross,
        score=100 * found.concentration if found.gross else None,
    )
    drift = Result(
        numerator=found.budgets,
        denominator=found.budgets,
        numerator_pence=found.net,
        denominator_pence=found.planned,
        score=Fraction(100 * found.net, found.planned) if found.planned else None,
    )
    return (
        Outcome(figure=shape, result=concentration, strata=(_of(found.shape, concentration),)),
        Outcome(figure=large, result=proportion(found.large, found.budgets)),
        Outcome(figure=net, result=drift),
    )


def _of(shape: str, result: Result) -> Stratum:
    return Stratum(by=SHAPE, values=(shape,), result=result)
