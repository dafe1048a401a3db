"""Floor 2: people, teams, roles, and tokens for programs."""
