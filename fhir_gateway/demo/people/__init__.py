"""The demonstration people, one file each, after the bodies and staff they share."""

from typing import Final

from fhir_gateway.demo.entry import File
from fhir_gateway.demo.people import bodies, dylan, jackie, janice, keir, matthew, oxfordshire, rowan

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
