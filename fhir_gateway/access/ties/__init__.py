"""Who is tied to whom: worked out from a person's records, with no database, no clock and no caller in sight."""
