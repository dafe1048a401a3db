"""Floor 8: review of exact wording, and the release gate."""
