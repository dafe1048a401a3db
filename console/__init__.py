"""Floor 13: pages that show several rooms at once. No models: reads through queries, writes through services."""
