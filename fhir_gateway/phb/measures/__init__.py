"""The measures an integrated care board reports: what is counted, how it is rolled up, how it is shown.

Source: domain.md section 7.
"""

from fhir_gateway.phb.measures.table import MEASURES

__all__ = ["MEASURES"]
