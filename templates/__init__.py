"""Floor 6: update templates: wording prepared per category, status and audience."""
