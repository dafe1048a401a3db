"""Floor 4: who is told: the register, their addresses, and audiences."""
