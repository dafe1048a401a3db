"""The policy over the API: versions, what is done to them, and what they would decide."""
