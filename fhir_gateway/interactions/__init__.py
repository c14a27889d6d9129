"""The FHIR interactions: each takes a Context and plain values and returns a Reply."""
