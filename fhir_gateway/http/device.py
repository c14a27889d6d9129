"""The gateway itself as a Device, so that what it writes by a rule can name it.

Source: FHIR R4 device.html, provenance.html (agent.who).
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway import __version__
from mappings.lens.document import Tree

ID: Final = "phb-gateway"


def devices() -> Iterator[Tree]:
    """The one Device."""
    yield {
        "resourceType": "Device",
        "id": ID,
        "status": "active",
        "deviceName": [{"name": "PHB gateway", "type": "user-friendly-name"}],
        "version": [{"value": __version__}],
    }
