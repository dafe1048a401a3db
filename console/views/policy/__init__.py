"""The communication policy: its versions, their rules, and what they would decide."""
