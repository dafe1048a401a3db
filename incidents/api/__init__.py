"""Incidents and updates under `/api/v1/`."""
