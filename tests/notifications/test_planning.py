"""Working off a plan: in pieces, in parts that several workers take at once, each recipient once."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet
from django.db.models.functions import Now

from approvals.models import Release
from incidents.rules.content_edit import ContentEdit, Variant
from notifications.models import Delivery, DeliveryRun, Message, PlanStep
from notifications.queries.counts import counts_of
from notifications.services import cancel_message, expand, plan_sources, sweep
from notifications.services.expand import expand_for
from notifications.services.plan_rows import insert_from
from stakeholders.models import Audience, AudienceMember, ContactPoint, Stakeholder
from stakeholders.services import add_members, create_audience
from tests.notifications.test_routing import put, sms_carried
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident, make_update
from tests.support.log import audit_types, logged
from tests.support.races import at_once
from tests.support.releases import let_go, released, reviewed, subscribers

READERS = [f"reader{number:02}@example.com" for number in range(60)]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expand, "PIECE", 5)
    monkeypatch.setattr(expand, "FIRST_PIECES", 5)
    monkeypatch.setattr("notifications.services.plan_rows.RUN", 2)


def planned(release: Release) -> Counter[str]:
    return Counter(Delivery.objects.filter(message__release=release).values_list("contact_point__address", flat=True))


@pytest.fixture
def begun(cast: Cast, small_pieces: None) -> Release:
    """A release to sixty readers of which the first few are planned."""
    subscribers(*READERS)
    done = released(cast)
    assert 0 < sum(planned(done).values()) < len(READERS)
    return done


@pytest.mark.django_db
def test_a_pass_with_much_left_is_halved_and_each_reader_is_planned_once(begun: Release) -> None:
    parts = PlanStep.objects.filter(message__release=begun, channel="email", lane=2, joined=False).order_by("after_id")
    assert parts.count() == 2
    assert parts[0].upto_id == parts[1].after_id, "nobody is left out between two halves, and nobody is in both"
    expand_for(10, now=NOW)
    assert planned(begun) == Counter(READERS)
    assert not PlanStep.objects.exists()
    assert Message.objects.get(release=begun).planned_at is not None


@pytest.mark.django_db
def test_a_pass_is_in_no_more_parts_than_planners(begun: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    most = 0
    plan_piece = expand._plan_piece

    def counting(step: PlanStep, *, size: int) -> object:
        nonlocal most
        made = plan_piece(step, size=size)
        most = max(most, PlanStep.objects.filter(message=step.message, position=step.position).count())
        return made

    monkeypatch.setattr(expand, "_plan_piece", counting)
    expand_for(10, now=NOW)
    assert 2 < most <= expand.PLANNERS


@pytest.mark.django_db
def test_runs_hold_each_delivery_once_and_no_more_than_they_may(begun: Release) -> None:
    expand_for(10, now=NOW)
    runs = {run.pk: run for run in DeliveryRun.objects.filter(message__release=begun)}
    for delivery in Delivery.objects.filter(message__release=begun):
        assert runs[delivery.run_id].first_id <= delivery.pk <= runs[delivery.run_id].last_id
    assert sum(run.size for run in runs.values()) == len(READERS)
    assert max(run.size for run in runs.values()) == 2


@pytest.mark.django_db
def test_what_is_planned_already_stays_and_the_rest_of_the_piece_is_planned(begun: Release) -> None:
    before = dict(Delivery.objects.filter(message__release=begun).values_list("contact_point__address", "pk"))
    lower = PlanStep.objects.filter(message__release=begun, channel="email", lane=2).earliest("after_id")
    PlanStep.objects.filter(pk=lower.pk).update(after_id=0)
    expand_for(10, now=NOW)
    assert planned(begun) == Counter(READERS)
    after = dict(Delivery.objects.filter(message__release=begun).values_list("contact_point__address", "pk"))
    assert before.items() <= after.items()
    message = Message.objects.get(release=begun)
    assert counts_of([message.pk])[message.pk] == {"planned": len(READERS)}


@pytest.mark.django_db
def test_a_refusal_of_another_kind_is_not_taken_for_a_row_that_is_there(begun: Release) -> None:
    source = "SELECT 1 AS place, 987654321 AS contact_point, NULL::uuid AS app_user, NULL::bigint AS audience"
    with pytest.raises(IntegrityError, match="refers to what does not exist"):
        insert_from(Message.objects.get(release=begun), source, {}, lane=2, channel="email", purpose="release")


@pytest.mark.django_db(transaction=True)
def test_several_workers_at_once_plan_each_reader_once(begun: Release) -> None:
    assert at_once(*[lambda: expand_for(20, now=NOW)] * 4) == []
    expand_for(20, now=NOW)
    assert planned(begun) == Counter(READERS)
    assert Message.objects.get(release=begun).planned_at is not None


def readers(*addresses: str) -> QuerySet[Stakeholder]:
    return Stakeholder.objects.filter(contact_points__address__in=addresses)


def to(cast: Cast, *audiences: str, channels: tuple[str, ...] = ("email",)) -> Release:
    """A release to these audiences."""
    commander, told = cast.actor("commander"), Audience.objects.filter(key__in=audiences)
    variants = tuple(Variant(audience.key, f"To {audience.key}", "Some payments fail.") for audience in told)
    edit = ContentEdit(variants=variants, channels=channels)
    update = make_update(incident=make_incident(actor=commander), actor=commander, edit=edit)
    return let_go(cast, reviewed(cast, update))


@pytest.mark.django_db
def test_who_becomes_a_key_account_after_their_pass_is_told_with_the_others(begun: Release) -> None:
    assert readers(READERS[-1]).update(tier="key") == 1
    assert readers(READERS[-2]).update(kind="regulator") == 1
    expand_for(10, now=NOW)
    assert planned(begun) == Counter(READERS)


@pytest.fixture
def partners(cast: Cast) -> Audience:
    """An audience behind the customers."""
    return create_audience(actor=cast.actor("comms"), now=NOW, key="partners", name="Partners")


@pytest.mark.django_db
def test_who_comes_to_an_earlier_list_after_its_pass_stays_on_their_own(cast: Cast, partners: Audience, small_pieces: None) -> None:
    subscribers("one@example.com")
    subscribers(*READERS, audiences=("partners",))
    done = to(cast, "customers", "partners")
    add_members(actor=cast.system(), now=NOW, audience=Audience.objects.get(key="customers"), stakeholders=readers(READERS[-1]))
    expand_for(10, now=NOW)
    assert planned(done) == Counter(["one@example.com", *READERS])
    assert Delivery.objects.filter(message__release=done, audience__key="customers").count() == 1


@pytest.mark.django_db
def test_who_moves_to_an_earlier_list_after_its_pass_is_told_by_that(cast: Cast, partners: Audience, small_pieces: None) -> None:
    subscribers("one@example.com")
    subscribers(*READERS, audiences=("partners",))
    done = to(cast, "customers", "partners")
    moved = readers(READERS[-1])
    add_members(actor=cast.system(), now=NOW, audience=Audience.objects.get(key="customers"), stakeholders=moved)
    AudienceMember.objects.filter(audience=partners, stakeholder__in=moved).delete()
    expand_for(10, now=NOW)
    assert planned(done) == Counter(["one@example.com", *READERS])
    last = Delivery.objects.filter(message__release=done, contact_point__address=READERS[-1])
    assert last.values_list("audience__key", flat=True).get() == "customers"


@pytest.mark.django_db
def test_who_moves_to_an_earlier_filter_after_its_pass_is_told_by_that(cast: Cast, partners: Audience, small_pieces: None) -> None:
    Audience.objects.filter(key="customers").update(filter={"fact": "region", "op": "in", "value": ["north"]})
    Audience.objects.filter(pk=partners.pk).update(filter={"fact": "region", "op": "in", "value": ["south"]})
    subscribers(*READERS, audiences=())
    readers(*READERS).update(region="south")
    done = to(cast, "customers", "partners")
    readers(READERS[-1]).update(region="north")
    expand_for(10, now=NOW)
    assert planned(done) == Counter(READERS)


@pytest.mark.django_db
def test_whose_first_address_works_only_after_its_pass_is_told_at_the_second(cast: Cast, small_pieces: None) -> None:
    sms_carried()
    people = [put(f"reader{number}", "email", "sms") for number in range(8)]
    emails = ContactPoint.objects.filter(stakeholder__in=people, kind="email")
    stopped = emails.filter(stakeholder__in=people[:7])
    stopped.update(suppressed_at=NOW, suppression_kind="bounce", suppression_reason="550")
    done = to(cast, "customers", channels=("email", "sms"))
    assert PlanStep.objects.filter(channel="sms", lane=2).exists()
    ContactPoint.objects.filter(stakeholder=people[6], kind="email").update(suppressed_at=None, suppression_kind="", suppression_reason="")
    expand_for(10, now=NOW)
    told = Delivery.objects.filter(message__release=done).values_list("contact_point__stakeholder__name", "channel")
    assert sorted(told) == sorted([*((f"reader{number}", "sms") for number in range(7)), ("reader7", "email")])


@pytest.mark.django_db
def test_a_pass_begins_when_those_before_it_are_done(begun: Release) -> None:
    order = []
    for _ in range(40):
        first = PlanStep.objects.filter(message__release=begun).order_by("position").first()
        if first is None:
            break
        order.append(first.position)
        expand_for(0, now=NOW)
    assert order == sorted(order)
    assert planned(begun) == Counter(READERS)


@pytest.mark.django_db
def test_of_two_audiences_the_first_in_their_order_tells_a_colleague(cast: Cast, small_pieces: None) -> None:
    """Though internal bulk is sent after everything else."""
    Audience.objects.filter(key="internal").update(position=0)
    Audience.objects.filter(key="customers").update(position=1)
    subscribers(*READERS[:20], audiences=("internal",))
    add_members(actor=cast.system(), now=NOW, audience=Audience.objects.get(key="customers"), stakeholders=readers(*READERS[:20]))
    done = to(cast, "internal", "customers")
    expand_for(10, now=NOW)
    assert planned(done) == Counter(READERS[:20])
    assert set(Delivery.objects.filter(message__release=done).values_list("audience__key", flat=True)) == {"internal"}


@pytest.mark.django_db
def test_what_is_cancelled_before_it_is_planned_whole_says_how_many_were_never_planned(cast: Cast, begun: Release) -> None:
    there = sum(planned(begun).values())
    message = Message.objects.get(release=begun)
    legal = cast.actor("legal", stepped_up=True)
    told = cancel_message(actor=legal, now=NOW, message_id=message.public_id, reason="Wrong list.")
    assert (told.stopped, told.unplanned) == (there, len(READERS) - there)
    assert told.words == f"0 accepted, {there} stopped, none in flight, about {len(READERS) - there} more never planned."
    expand_for(10, now=NOW)
    sweep(now=NOW)
    expand_for(10, now=NOW)
    sweep(now=NOW)
    message.refresh_from_db()
    assert (message.planned_at, message.unplanned) == (None, len(READERS) - there)
    assert message.finished_at is not None
    subject = f"message:{message.public_id}"
    assert "message.planned_whole" not in audit_types(subject)
    assert logged("message.cancelled")["never_planned_about"] == logged("deliveries.batch")["never_planned_about"] == len(READERS) - there
    page = cast.client("commander").get(f"/console/releases/{begun.public_id}/").content.decode()
    assert f"About {len(READERS) - there} more" in page
    answer = cast.client("commander").get(f"/api/v1/releases/{begun.public_id}/progress/").json()
    assert (answer["planned_whole"], answer["unplanned"], answer["done"]) == (False, len(READERS) - there, True)


@pytest.mark.django_db
def test_what_is_too_late_before_it_is_planned_whole_is_settled_and_says_so(begun: Release) -> None:
    there = sum(planned(begun).values())
    Message.objects.filter(release=begun).update(expires_at=Now() - timedelta(seconds=1))
    sweep(now=NOW)
    expand_for(10, now=NOW)
    sweep(now=NOW)
    message = Message.objects.get(release=begun)
    assert (message.planned_at, message.unplanned) == (None, len(READERS) - there)
    assert message.finished_at is not None
    assert "message.planned_whole" not in audit_types(f"message:{message.public_id}")
    assert logged("message.left_unplanned") == {"never_planned_about": len(READERS) - there}


@pytest.mark.django_db
def test_many_are_estimated_from_as_many_as_a_piece_has(cast: Cast, begun: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_sources, "COUNTED", 4)
    left = len(READERS) - sum(planned(begun).values())
    assert left / 2 <= plan_sources.about_unplanned(Message.objects.get(release=begun)) <= left * 2
