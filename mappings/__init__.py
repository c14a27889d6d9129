"""What a record is, how it looks in FHIR R4, and what may be asked of it: pure values, no web, no SQL."""
