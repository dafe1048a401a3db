"""The rules of review and release, walked through in any order beside a small model."""
