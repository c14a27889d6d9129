"""The wire: routes, media types, headers, CapabilityStatement and OpenAPI. No SQL here."""
