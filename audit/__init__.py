"""Floor 1: the append-only, tamper-evident log. It knows actors and subjects as plain ids and refers to no other app."""
