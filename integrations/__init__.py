"""Floor 12: outside tools, one folder each. They may open, join and draft; they never publish."""
