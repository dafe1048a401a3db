"""What all walks over the database begin with. Each example runs behind a savepoint and is rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import transaction

from accounts.models import RoleAssignment, TrainingRecord, User
from accounts.rules.training import Source
from accounts.services.persons import link_accounts
from incidents.models import Update
from incidents.services import start_update
from policies.queries import active_policy
from templates.models import HoldingStatementVersion
from tests.flows.governance.model_rows import Law
from tests.flows.governance.worlds import ACCOUNTS, LAWS
from tests.support.cast import NOW, TRAINED, TRAINED_UNTIL, Cast
from tests.support.factories import CUSTOMER_WORDS, INTERNAL_WORDS, make_incident
from tests.support.holding import approved_statement
from tests.support.policies import put_in_force

HOUR = timedelta(hours=1)


class Stage:
    """What all examples begin with: the people, four laws chosen by an incident's tag, two approved statements."""

    def __init__(self) -> None:
        self.cast = Cast()
        self.users: dict[str, User] = {name: self.cast.user(name) for name in ACCOUNTS if name != "double"}
        double = User.objects.create(username="double", email="techlead.private@example.net", date_joined=NOW)
        RoleAssignment.objects.bulk_create(RoleAssignment(user=double, role=role) for role in ACCOUNTS["double"])
        for kind in ("communications", "legal"):
            TrainingRecord.objects.create(user=double, duty=kind, source=Source.COURSE, at=TRAINED, valid_until=TRAINED_UNTIL)
        link_accounts(actor=self.cast.actor("admin"), now=NOW, user=self.users["techlead"], other=double, reason="They told us.")
        self.users["double"] = double
        otherwise = active_policy().rules[-1]
        put_in_force(self.cast, [*(_rule(number, law) for number, law in enumerate(LAWS)), otherwise])
        early = NOW - HOUR
        self.statements: dict[bool, HoldingStatementVersion] = {
            legal: approved_statement(
                self.cast,
                now=early,
                valid_for=HOUR + timedelta(minutes=45),
                key="statement-legal" if legal else "statement-plain",
                scenario="data_breach" if legal else "disruption",
                title="We are looking into it",
                body="As of {{ now_utc }} we know no more.",
            )
            for legal in (False, True)
        }
        self.drafts = {(number, kind): self._draft(number, kind) for number in range(len(LAWS)) for kind in ("update", "drill")}

    def _draft(self, law: int, kind: str) -> Update:
        """By the commander, for customers and colleagues, on an incident of its own under that law."""
        commander = self.cast.actor("commander")
        incident = make_incident(actor=commander, tags=[f"law-{law}"])
        return start_update(
            actor=commander, now=NOW, incident=incident, status="investigating", variants=[CUSTOMER_WORDS, INTERNAL_WORDS], kind=kind
        )


def _rule(number: int, law: Law) -> dict[str, Any]:
    return {
        "key": f"law-{number}",
        "words": f"Incidents under law {number}.",
        "when": {"tags": [f"law-{number}"]},
        "then": {
            "outcome": "required",
            "cadence": {"investigating": 15},
            "reviews": [{"kind": kind, "window_minutes": minutes} for kind, minutes in law.windows],
            "audiences": ["customers", "internal"],
            "publishes_watching": False,
            "training_required": law.training_required,
            "forbidden_channels": list(law.forbidden),
            "embargo": {"minutes_after_opening": law.embargo, "until": None, "audiences": []} if law.embargo else None,
            "override_fills_legal": law.override_fills_legal,
        },
    }


@contextmanager
def rolled_back() -> Iterator[None]:
    """A savepoint that is never kept."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
