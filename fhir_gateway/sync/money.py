"""The money a file carries and the money the database holds, for comparison to the penny.

Counted: the total of a Claim, or its items' net where it has no total; the benefit of a ClaimResponse; the
amount of a PaymentReconciliation. Sums are kept by currency.

Source: FHIR R4 claim.html, claimresponse.html, paymentreconciliation.html.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from mappings.lens import document
from mappings.lens.document import Json, Tree

Money = Mapping[str, Decimal]
NONE: Final[Money] = {}
# the record column, in pence, that holds the same sum as `carried`
COLUMNS: Final = {
    "Claim": "r_total_pence",
    "ClaimResponse": "r_total_pence",
    "PaymentReconciliation": "r_amount_pence",
}


def carried(tree: Tree) -> Money:
    """The money a resource carries, by currency."""
    name = tree["resourceType"]
    if name == "Claim":
        return _sum([tree["total"]] if "total" in tree else [item.get("net") for item in tree.get("item", ())])
    if name == "ClaimResponse":
        benefits = (one.get("amount") for one in tree.get("total", ()) if _is_benefit(one.get("category", {})))
        return _sum(list(benefits)[:1])
    return _sum([tree.get("paymentAmount")]) if name == "PaymentReconciliation" else NONE


def _is_benefit(category: Tree) -> bool:
    return any(coding.get("code") == "benefit" for coding in category.get("coding", ()))


def _sum(amounts: Iterable[Json]) -> Money:
    found: dict[str, Decimal] = {}
    for one in amounts:
        if one is not None and "value" in one:
            add(found, {one.get("currency", ""): document.decimal_of(one["value"])})
    return found


def held(pence: int | None, text: bytes) -> Money:
    """The money of a stored resource: by its record column, or by its text where it is no record with a sum."""
    return carried(document.parse(text)) if pence is None else {"GBP": Decimal(pence).scaleb(-2)}


def add(to: dict[str, Decimal], money: Money) -> None:
    """Add `money` to a running sum."""
    for currency, value in money.items():
        to[currency] = to.get(currency, Decimal(0)) + value


def shown(money: Money) -> str:
    """Such as `GBP 1,250.00`."""
    return ", ".join(f"{currency or 'no currency'} {value:,.2f}" for currency, value in sorted(money.items())) or "none"
