"""Reading holding statements."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.rules.roles import Permission
from core.errors import NotFound
from templates.models import HoldingStatement, HoldingStatementVersion
from templates.rules.holding import SCENARIOS, HoldingState, Scenario, is_expired, remind_from


@dataclass(frozen=True)
class StatementView:
    """A statement as lists show it: the version in force, the one being worked on, and what both mean now."""

    statement: HoldingStatement
    approved: HoldingStatementVersion | None
    working: HoldingStatementVersion | None
    now: datetime

    @property
    def scenario(self) -> Scenario:
        """What it is kept ready for."""
        return SCENARIOS[self.statement.scenario]

    @property
    def expired(self) -> bool:
        """Whether there is an approval and it has run out."""
        return (
            self.approved is not None
            and self.approved.expires_at is not None
            and is_expired(expires_at=self.approved.expires_at, now=self.now)
        )

    @property
    def usable(self) -> bool:
        """Whether it can be released at once."""
        return self.approved is not None and not self.expired

    @property
    def renewal_due(self) -> bool:
        """Whether the approval runs out soon enough to ask for the next."""
        expires_at = self.approved.expires_at if self.approved else None
        return expires_at is not None and self.now >= remind_from(expires_at)

    @property
    def standing(self) -> str:
        """One word for lists and filters: `approved`, `expiring`, `expired`, `in_review`, `draft` or `retired`."""
        if self.expired:
            return "expired"
        if self.approved is not None:
            return "expiring" if self.renewal_due else "approved"
        return self.working.state if self.working else "retired"


def visible_statements(actor: Actor) -> "QuerySet[HoldingStatement]":
    """Every statement with its versions, newest first; raises `Forbidden` without the permission to read templates."""
    actor.require(Permission.TEMPLATE_READ)
    return HoldingStatement.objects.prefetch_related("versions__author")


def visible_statement(actor: Actor, public_id: str) -> HoldingStatement:
    """One statement; raises `NotFound` or `Forbidden`."""
    found = visible_statements(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def approved_version(statement: HoldingStatement) -> HoldingStatementVersion | None:
    """The version that was approved, expired or not; a statement has at most one."""
    return next((version for version in statement.versions.all() if version.state == HoldingState.APPROVED), None)


def working_version(statement: HoldingStatement) -> HoldingStatementVersion | None:
    """The draft or the version in review; a statement has at most one."""
    making = {HoldingState.DRAFT, HoldingState.IN_REVIEW}
    return next((version for version in statement.versions.all() if version.state in making), None)


def statement_views(statements: Iterable[HoldingStatement], now: datetime) -> list[StatementView]:
    """The statements with what their versions mean at `now`. Uses prefetched versions where there are any."""
    return [StatementView(statement, approved_version(statement), working_version(statement), now) for statement in statements]
