"""Other issuers that log people in for us, by allow-list: what is believed of them, and whose account it opens."""
