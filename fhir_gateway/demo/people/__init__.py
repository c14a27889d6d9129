"""The demonstration people, one file each, after the bodies and staff they share."""

from typing import Final

from fhir_gateway.demo.case import Case
from fhir_gateway.demo.entry import File
from fhir_gateway.demo.people import (
    bodies,
    dylan,
    jackie,
    janice,
    janice_money,
    keir,
    keir_money,
    matthew,
    oxfordshire,
    rowan,
)

FILES: Final[dict[str, File]] = {
    "bodies": bodies.FILE,
    "jackie": jackie.FILE,
    "dylan": dylan.FILE,
    "olive": oxfordshire.OLIVE,
    "oscar": oxfordshire.OSCAR,
    "keir": keir.FILE,
    "rowan": rowan.FILE,
    "janice": janice.FILE,
    "matthew": matthew.FILE,
}

CASES: Final[dict[str, Case]] = {
    case.id: case
    for case in (
        jackie.CASE,
        dylan.CASE,
        *oxfordshire.CASES,
        keir_money.CASE,
        rowan.CASE,
        janice_money.CASE,
        matthew.CASE,
    )
}
