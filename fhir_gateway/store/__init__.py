"""Tables, records, search SQL, change feed and migrations: the only place that speaks SQL about records."""
