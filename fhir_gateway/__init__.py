"""The service: FHIR R4 interactions over the shared record of a personal health budget."""

__version__ = "0.1.0"
