"""Who hears of disputes, overrides, ratifications and holds, each once."""

import pytest

from approvals.services import claim_due_disputes, claim_ratification_steps, decide_ratification
from approvals.services.release_hold import hold_incident, lift_hold
from notifications.models import Delivery, Message
from tests.approvals.acts import ask, draft
from tests.approvals.disputing import LATER, disputed, overridden, rule
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db


def told(prefix: str) -> set[str]:
    """User names of those whom the one message about it goes to."""
    message = Message.objects.get(source_key__startswith=prefix)
    rows = Delivery.objects.filter(message=message)
    return set(rows.filter(user__isnull=False).values_list("user__username", flat=True)) | set(
        rows.filter(contact_point__isnull=False).values_list("contact_point__stakeholder__user__username", flat=True)
    )


def test_a_dispute_asks_the_arbiter_and_its_end_tells_who_disputed(cast: Cast) -> None:
    dispute = disputed(cast)
    assert told(f"dispute:{dispute.pk}:opened") == {"arbiter"}
    assert "outsider" not in told(f"dispute:{dispute.pk}:opened")
    rule(cast, dispute, "uphold")
    assert told(f"dispute:{dispute.pk}:closed") == {"comms", "commander"}


def test_a_ruling_that_does_not_come_is_told_to_the_manager_once(cast: Cast) -> None:
    dispute = disputed(cast)
    for _ in range(2):
        claim_due_disputes(now=dispute.due_at)
    assert "manager" in told(f"dispute:{dispute.pk}:overdue")


def test_an_override_tells_everyone_it_names_and_is_ratified_aloud(cast: Cast) -> None:
    override = overridden(cast)
    named = {one["name"] for one in override.told}
    assert {cast.user(name).get_full_name() for name in told(f"override:{override.pk}:used")} == named
    assert override.by.username not in told(f"override:{override.pk}:used")
    for _ in range(2):
        claim_ratification_steps(now=override.ratify_by)
    reminded = Message.objects.filter(source_key__startswith=f"override:{override.pk}:").exclude(source_key__endswith=":used")
    assert reminded.count() == 1
    deciding = cast.actor("legal", stepped_up=True, now=LATER)
    decide_ratification(actor=deciding, now=LATER, override_id=override.pk, ratify=True, reason="It was right.")
    assert override.by.username in told(f"override:{override.pk}:decided")


def test_a_hold_tells_the_commander_that_nothing_goes_out_and_that_it_may_again(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    hold = hold_incident(actor=cast.actor("legal", stepped_up=True), now=NOW, incident_id=update.incident_id, reason="Wait for counsel.")
    assert told(f"hold:{hold.pk}:placed") == {"commander"}
    lift_hold(actor=cast.actor("legal", stepped_up=True), now=NOW, hold_id=hold.public_id, reason="Go on.")
    assert told(f"hold:{hold.pk}:lifted") == {"commander"}
