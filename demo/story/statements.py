"""One holding statement approved ahead, beside the shipped drafts."""

from datetime import datetime, timedelta

from accounts.actors import person
from accounts.models import User
from approvals.services import give_statement_verdict, request_statement_review
from templates.models import HoldingStatement

APPROVED = "service-disrupted-customers"
VALID_FOR = timedelta(days=90)


def tell_statements(*, users: dict[str, User], now: datetime) -> None:
    """Kim puts the shipped words forward; Toni and Cory approve them."""
    statement = HoldingStatement.objects.get(key=APPROVED)
    request_statement_review(actor=person(users["comms"]), now=now, statement_id=statement.pk, number=1, expires_at=now + VALID_FOR)
    for name, kind in (("techlead", "technical"), ("comms2", "communications")):
        reviewer = person(users[name], stepped_up_at=now)
        give_statement_verdict(actor=reviewer, now=now, statement_id=statement.pk, kind=kind, verdict="approve", number=1)
