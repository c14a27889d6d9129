"""Who may do what, as Query values that become part of the SQL, and the record of who did it."""
