"""What colleagues are told, and who is not."""

from datetime import timedelta

import pytest
from guardian.shortcuts import assign_perm

from accounts.models import RoleAssignment, User
from accounts.rules.roles import Role
from approvals.events import ReleaseHeld
from approvals.models import ReviewSlot
from approvals.queries.links import path_of
from audit.services import unit_of_work
from core.events import publish
from incidents.events import PromiseReminder
from incidents.models import Incident
from incidents.services import change_incident, claim_due_steps
from notifications.models import Delivery, Message
from notifications.services import claim_and_send
from tests.approvals import acts
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident
from tests.support.releases import subscribers
from tests.support.sinks import Sink

pytestmark = pytest.mark.django_db


def send() -> None:
    while claim_and_send():
        pass


def overdue(incident: Incident, *, promise: int = 1, late: bool = False) -> None:
    with unit_of_work(actor="system:test", now=NOW):
        publish(
            PromiseReminder(promise_id=promise, incident_id=incident.pk, step="due", due_at=NOW - timedelta(minutes=20), late=late, at=NOW)
        )


def test_review_is_asked_of_everyone_who_may_give_it_and_of_no_author(cast: Cast, sink: Sink) -> None:
    update = acts.draft(cast, by="techlead")
    acts.ask(cast, update, by="techlead")
    send()
    assert sink.recipients() == ["comms2@example.com", "comms@example.com", "techlead2@example.com"]
    letter = sink.letter_to("comms@example.com")
    assert letter["Subject"].startswith("Review wanted: ")
    slot = ReviewSlot.objects.get(kind="communications")
    assert path_of(slot.pk, cast.comms.pk) in letter.as_string().replace("=\n", "")
    assert path_of(slot.pk, cast.comms2.pk) not in letter.as_string().replace("=\n", "")
    assert letter["List-Unsubscribe"] is None


def test_review_of_a_restricted_incident_is_asked_only_of_those_who_may_see_it(cast: Cast, sink: Sink) -> None:
    update = acts.draft(cast)
    Incident.objects.update(restricted=True)
    for person in (cast.commander, cast.techlead2):
        assign_perm("incidents.view_incident", person, update.incident)
    acts.ask(cast, update)
    send()
    assert sink.recipients() == ["techlead2@example.com"]


def test_a_colleague_in_the_register_is_told_at_the_address_kept_there(cast: Cast, sink: Sink) -> None:
    (address,) = subscribers("pager@example.com", audiences=())
    address.stakeholder.user = cast.comms
    address.stakeholder.save()
    acts.ask(cast, acts.draft(cast))
    send()
    assert "pager@example.com" in sink.recipients()
    assert "comms@example.com" not in sink.recipients()


def test_an_overdue_promise_is_told_to_the_incidents_commander_once(cast: Cast, sink: Sink) -> None:
    incident = make_incident()
    Incident.objects.filter(pk=incident.pk).update(commander=cast.commander)
    overdue(incident)
    overdue(incident)
    send()
    letter = sink.letter_to("commander@example.com")
    assert letter["Subject"] == "Update overdue: Checkout answers with errors"
    assert "was due 2 Mar 2026, 13:40 UTC" in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has a text
    assert sink.recipients() == ["commander@example.com"]
    assert Delivery.objects.get(message=Message.objects.get(source_key="promise:1:due:2026-03-02T13:40:00+00:00")).lane == 0


def test_a_notice_says_its_times_in_each_readers_own_zone_and_utc(cast: Cast, sink: Sink) -> None:
    User.objects.filter(username="commander").update(time_zone="America/New_York")
    RoleAssignment.objects.create(user=cast.comms, role=Role.COMMANDER)
    overdue(make_incident(), late=True)
    send()
    texts = {name: sink.letter_to(f"{name}@example.com").get_body(("plain",)).get_content() for name in ("commander", "comms")}  # type: ignore[union-attr]  # it has a text
    assert "was due 2 Mar 2026, 08:40 EST (13:40 UTC)" in texts["commander"]
    assert "it is written at 2 Mar 2026, 09:00 EST (14:00 UTC)" in " ".join(texts["commander"].split())
    assert "was due 2 Mar 2026, 13:40 UTC" in texts["comms"]
    assert "{{at" not in texts["commander"] + texts["comms"]


def test_without_a_commander_every_commander_is_told(cast: Cast, sink: Sink) -> None:
    overdue(make_incident())
    send()
    assert sink.recipients() == ["commander@example.com"]


@pytest.mark.parametrize("why", ["inactive", "without an address", "may not see it"])
def test_where_the_commander_cannot_be_told_the_others_who_may_see_it_are(cast: Cast, sink: Sink, why: str) -> None:
    RoleAssignment.objects.bulk_create(RoleAssignment(user=person, role=Role.COMMANDER) for person in (cast.techlead2, cast.outsider))
    incident = make_incident()
    Incident.objects.filter(pk=incident.pk).update(commander=cast.commander, restricted=True)
    for person in (cast.techlead2, *([] if why == "may not see it" else [cast.commander])):
        assign_perm("incidents.view_incident", person, incident)
    if why == "inactive":
        User.objects.filter(pk=cast.commander.pk).update(is_active=False)
    elif why == "without an address":
        User.objects.filter(pk=cast.commander.pk).update(email="")
    overdue(incident)
    send()
    assert sink.recipients() == ["techlead2@example.com"]


def test_an_overdue_promise_is_told_of_as_before_though_the_policy_now_asks_for_less(cast: Cast) -> None:
    incident = make_incident(severity="SEV1")
    minute = timedelta(minutes=1)
    assert claim_due_steps(now=NOW + 15 * minute) == 1
    change_incident(actor=cast.actor("commander"), now=NOW + 18 * minute, incident_id=incident.pk, severity="SEV2")
    promise = incident.promises.get()
    assert promise.due_at == NOW + 15 * minute
    later = [step.due_at for step in promise.steps.filter(fired_at__isnull=True, skipped="").order_by("due_at")]
    assert later
    assert [claim_due_steps(now=at) for at in later] == [1] * len(later)
    told = Message.objects.filter(source_key__startswith="promise:").order_by("created_at")
    assert [message.created_at for message in told] == [NOW + 15 * minute, *later]


def test_a_promise_that_was_moved_before_it_was_due_is_told_of_at_its_new_time(cast: Cast) -> None:
    incident = make_incident(severity="SEV2")
    minute = timedelta(minutes=1)
    change_incident(actor=cast.actor("commander"), now=NOW + 5 * minute, incident_id=incident.pk, severity="SEV1")
    assert incident.promises.get().due_at == NOW + 15 * minute
    claim_due_steps(now=NOW + 14 * minute)
    before = Message.objects.filter(source_key__startswith="promise:").count()
    assert claim_due_steps(now=NOW + 15 * minute) == 1
    assert Message.objects.filter(source_key__startswith="promise:").count() == before + 1


def test_a_late_notice_says_that_it_is_late(cast: Cast, sink: Sink) -> None:
    overdue(make_incident(), late=True)
    send()
    letter = sink.letter_to("commander@example.com")
    assert letter["Subject"].startswith("Late notice: ")
    assert "This notice is late" in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has a text


def test_whoever_planned_a_release_is_told_why_it_was_held(cast: Cast, sink: Sink) -> None:
    update = acts.approved(cast)
    acts.schedule(cast, update)
    with unit_of_work(actor="system:test", now=NOW):
        publish(ReleaseHeld(update_id=update.pk, reason="It is *later* than 15 minutes.", at=NOW))
    send()
    letter = sink.letter_to("commander@example.com")
    assert letter["Subject"].startswith("Not released: ")
    assert "later" in letter.get_body(("html",)).get_content()  # type: ignore[union-attr]  # it has HTML
