"""Who asks and what was granted: OAuth 2 and SMART. Resource types and ids are opaque strings here."""
