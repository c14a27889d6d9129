"""Questions put to the case file that more than one rule asks: one home for each."""
