"""The door to the log: `unit_of_work`."""

from audit.services.unit_of_work import UnitOfWork, unit_of_work

__all__ = ["UnitOfWork", "unit_of_work"]
