"""Floor 7: incidents, their updates and immutable revisions, decisions made and promises given."""
