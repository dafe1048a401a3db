"""Checks on wording: what must not leave the house, and what is better said otherwise."""

from screening.rules.check import check
from screening.rules.findings import Finding, ScreeningFacts, Severity

__all__ = ["Finding", "ScreeningFacts", "Severity", "check"]
