"""Fixtures of this room."""

from tests.statuspage.acts import folder as folder  # noqa: PLC0414 - the fixture, for every test here
