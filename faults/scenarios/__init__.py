"""One file per scenario: its seed, its size, what is done to it, and which rules it must keep."""
