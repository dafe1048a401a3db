"""Templates, the rules that choose one, and holding statements."""
