"""Floor 0: the clock, typed errors, event dispatch, canonical JSON, API plumbing, embedded services. No models."""
