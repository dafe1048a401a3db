"""Floor 3: components, their groups and their state."""
