"""What is stopped is an address: every entry that has it, by whatever road it came or comes, until its reader takes that back."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.actors import system
from audit.models import Entry
from core.errors import Conflict
from notifications.services.text_words import Word, take_word
from stakeholders.models import Audience, ContactPoint, OptOut, Stakeholder, StoppedAddress
from stakeholders.queries import reachable_contact_points
from stakeholders.queries.secrets import answer_of
from stakeholders.rules.entries import read
from stakeholders.rules.kinds import ConsentSource, SuppressionKind
from stakeholders.services import (
    add_contact_point,
    add_members,
    confirm_by_link,
    lift_suppression,
    opt_out,
    register_stakeholder,
    remove_contact_point,
    request_verification,
    start_apply,
    start_check,
    suppress_contact_point,
    take_file,
    upsert_stakeholders,
    work_off_imports,
)
from stakeholders.services.entry_apply import Origin, bring_back
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db
NUMBER = "+4915112345678"
TWILIO = system("twilio")


def entry(cast: Cast, name: str, kind: str = "sms", address: str = NUMBER, **more: Any) -> ContactPoint:
    made = register_stakeholder(
        actor=cast.actor("comms"), now=NOW, kind="customer", name=name, external_id=name, contact_points=[(kind, address)], **more
    )
    return made.contact_points.get()


def said(word: Word, event: str) -> int:
    return take_word(actor=TWILIO, now=NOW, provider="twilio", event=event, number=NUMBER, word=word)


def stop(point: ContactPoint, kind: SuppressionKind, reason: str = "said so") -> ContactPoint:
    return suppress_contact_point(actor=TWILIO, now=NOW, contact_point=point, reason=reason, kind=kind)


def kinds() -> list[str]:
    return list(ContactPoint.objects.order_by("pk").values_list("suppression_kind", flat=True))


def brought_by_hand(cast: Cast, kind: str, address: str) -> None:
    entry(cast, "By hand", kind, address)


def brought_as_a_further_address(cast: Cast, kind: str, address: str) -> None:
    other = register_stakeholder(actor=cast.actor("comms"), now=NOW, kind="customer", name="Further")
    made = add_contact_point(actor=cast.actor("comms"), now=NOW, stakeholder=other, kind=kind, address=address)
    assert made.suppressed_at == NOW, "whoever adds it sees at once that nothing is sent there"


def brought_by_a_program(cast: Cast, kind: str, address: str) -> None:
    row = read({"external_id": "crm-1", "kind": "customer", "name": "Program"}, points=[("contact_points", kind, address)])
    answers = upsert_stakeholders(actor=cast.actor("comms"), now=NOW, rows=[row], origin=Origin(ConsentSource.API, consent=True))
    assert [one.outcome for one in answers] in (["new"], ["changed"])


def brought_by_a_list(cast: Cast, kind: str, address: str) -> None:
    heading = {"email": "E-mail", "sms": "Telephone"}[kind]
    text = f"External ID,Kind,Name,{heading}\ncrm-2,customer,List,{address}\n"
    comms = cast.actor("comms")
    made = take_file(actor=comms, now=NOW, file=io.BytesIO(text.encode()), name="a.csv")
    options: dict[str, Any] = {"kind": "", "country": "", "audiences": [], "consent": False, "confirm": False}
    start_check(actor=comms, now=NOW, taken=made, mapping=made.mapping, options=options)
    while work_off_imports(now=NOW, seconds=60):
        pass
    made.refresh_from_db()
    start_apply(actor=comms, now=NOW, taken=made)
    while work_off_imports(now=NOW, seconds=60):
        pass


def brought_by_sql(cast: Cast, kind: str, address: str) -> None:
    person = Stakeholder.objects.create(kind="customer", name="SQL", created_at=NOW)
    ContactPoint.objects.bulk_create([ContactPoint(stakeholder=person, kind=kind, address=address, created_at=NOW)])


ROADS = [brought_by_hand, brought_as_a_further_address, brought_by_a_program, brought_by_a_list, brought_by_sql]


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("because", [SuppressionKind.STOP, SuppressionKind.COMPLAINT, SuppressionKind.BOUNCE])
def test_a_stop_holds_for_who_has_the_address_and_for_who_gets_it_later(cast: Cast, road: Any, because: SuppressionKind) -> None:
    first = entry(cast, "A", "email", "Ada@example.com")
    second = entry(cast, "Also", "email", "ada@example.com")
    other = entry(cast, "Else", "email", "bo@example.com")
    stop(first, because)
    road(cast, "email", "ADA@example.com")
    assert kinds() == [because, because, "", because]
    assert StoppedAddress.objects.get().address == "ada@example.com"
    assert ContactPoint.objects.get(pk=second.pk).suppression_reason == "said so"
    assert other.suppressed_at is None


def test_stop_from_a_number_that_no_entry_has_is_remembered(cast: Cast) -> None:
    assert said(Word.STOP, "1") == 0
    for road in ROADS:
        road(cast, "sms", NUMBER)
    assert set(kinds()) == {"stop"}
    assert said(Word.START, "2") == ContactPoint.objects.count()
    assert set(kinds()) == {""}


def test_stop_outweighs_a_bounce_and_lifting_the_bounce_sends_nothing(cast: Cast) -> None:
    point = entry(cast, "A")
    stop(point, SuppressionKind.BOUNCE, "30005")
    said(Word.STOP, "1")
    assert kinds() == ["stop"]
    stop(point, SuppressionKind.BOUNCE, "30005")
    assert kinds() == ["stop"], "the weaker changes nothing"
    with pytest.raises(Conflict, match="only START"):
        lift_suppression(actor=cast.actor("comms"), now=NOW, contact_point=point, reason="The number works.", reader_asked=True)
    assert kinds() == ["stop"]


def test_stop_reaches_a_removed_address_and_nobody_brings_it_back_but_its_reader(cast: Cast) -> None:
    point = entry(cast, "A")
    comms = cast.actor("comms")
    remove_contact_point(actor=comms, now=NOW, contact_point=point)
    said(Word.STOP, "1")
    back = add_contact_point(actor=comms, now=NOW, stakeholder=point.stakeholder, kind="sms", address=NUMBER)
    assert (back.removed_at, back.suppression_kind) == (None, "stop")
    remove_contact_point(actor=comms, now=NOW, contact_point=point)
    said(Word.START, "2")
    gone = ContactPoint.objects.get()
    assert (gone.removed_at, gone.suppression_kind) == (NOW, "operator"), "START brings no removed address back"
    bring_back([gone.pk])
    assert kinds() == [""]


def test_a_bounce_is_lifted_for_every_entry_that_has_the_address(cast: Cast) -> None:
    one, two = entry(cast, "A", "email", "a@example.com"), entry(cast, "B", "email", "A@example.com")
    stop(one, SuppressionKind.BOUNCE)
    lift_suppression(actor=cast.actor("comms"), now=NOW, contact_point=two, reason="The mailbox is back.")
    assert kinds() == ["", ""]
    assert not StoppedAddress.objects.exists()
    assert Entry.objects.filter(type="contact_point.suppression_lifted").count() == 2


def test_what_an_operator_stopped_holds_again_after_start(cast: Cast) -> None:
    point, other = entry(cast, "A"), entry(cast, "B")
    suppress_contact_point(actor=cast.actor("comms"), now=NOW, contact_point=point, reason="wrong number")
    said(Word.STOP, "1")
    assert kinds() == ["stop", "stop"]
    said(Word.START, "2")
    assert kinds() == ["operator", ""]
    assert ContactPoint.objects.get(pk=point.pk).suppression_reason == "wrong number"
    assert ContactPoint.objects.get(pk=other.pk).suppressed_at is None


def test_a_complaint_outweighs_what_was_not_confirmed_and_asking_does_not_lift_it(cast: Cast) -> None:
    point = entry(cast, "A", "email", "a@example.com")
    stop(point, SuppressionKind.UNCONFIRMED, "not confirmed again")
    stop(point, SuppressionKind.COMPLAINT, "spam")
    assert kinds() == ["complaint"]
    with pytest.raises(Conflict, match="Nothing is sent"):
        request_verification(actor=cast.actor("comms"), now=NOW, contact_point=point)
    assert kinds() == ["complaint"]


def test_a_complaint_is_lifted_where_its_reader_has_asked_and_kept_as_their_consent(cast: Cast) -> None:
    point = stop(entry(cast, "A", "email", "a@example.com"), SuppressionKind.COMPLAINT)
    later = NOW + timedelta(days=1)
    with pytest.raises(Conflict, match="only where the reader has asked"):
        lift_suppression(actor=cast.actor("comms"), now=later, contact_point=point, reason="A mistake.")
    lifted = lift_suppression(actor=cast.actor("comms"), now=later, contact_point=point, reason="Rang us.", reader_asked=True)
    assert (lifted.suppressed_at, lifted.consent_at, lifted.consent_source) == (None, later, "operator")


def test_whoever_confirms_after_a_complaint_has_agreed_anew(cast: Cast) -> None:
    point, other = entry(cast, "A", "email", "a@example.com"), entry(cast, "B", "email", "a@example.com")
    asked = request_verification(actor=cast.actor("comms"), now=NOW, contact_point=point)
    stop(other, SuppressionKind.COMPLAINT)
    assert confirm_by_link(now=NOW, token=answer_of(asked)).suppressed_at is None
    assert kinds() == ["", ""]
    assert not StoppedAddress.objects.exists()


def test_an_operators_stop_concerns_one_entry(cast: Cast) -> None:
    one = entry(cast, "A", "email", "a@example.com")
    entry(cast, "B", "email", "a@example.com")
    suppress_contact_point(actor=cast.actor("comms"), now=NOW, contact_point=one, reason="left the company")
    assert kinds() == ["operator", ""]


def test_no_statement_lifts_what_holds_for_the_address(cast: Cast) -> None:
    point = stop(entry(cast, "A"), SuppressionKind.STOP)
    ContactPoint.objects.filter(pk=point.pk).update(suppressed_at=None, suppression_kind="", suppression_reason="")
    assert kinds() == ["stop"]
    entry(cast, "B")
    StoppedAddress.objects.all().delete()
    assert kinds() == ["", ""]


def test_a_stop_written_on_a_row_alone_becomes_the_addresss(cast: Cast) -> None:
    point = entry(cast, "A")
    entry(cast, "B")
    ContactPoint.objects.filter(pk=point.pk).update(suppressed_at=NOW, suppression_kind="stop", suppression_reason="21610")
    assert kinds() == ["stop", "stop"]


def test_opting_out_holds_for_every_entry_with_the_address_in_that_audience_and_later_ones(cast: Cast) -> None:
    customers = Audience.objects.get(key="customers")
    one, two = entry(cast, "A", "email", "a@example.com"), entry(cast, "B", "email", "A@example.com")
    opt_out(actor=system("unsubscribe"), now=NOW, contact_point=one, audience=customers, source="one_click")
    for road in (brought_by_hand, brought_by_a_program, brought_by_a_list, brought_by_sql):
        road(cast, "email", "a@example.com")
    everybody = list(Stakeholder.objects.all())
    add_members(actor=cast.actor("comms"), now=NOW, audience=customers, stakeholders=everybody)
    assert not reachable_contact_points(["customers"], "email").exists()
    assert set(OptOut.objects.values_list("contact_point", "audience")) == {
        (pk, customers.pk) for pk in ContactPoint.objects.values_list("pk", flat=True)
    }
    assert two.opt_outs.get().source == "one_click"
    bo = entry(cast, "Bo", "email", "bo@example.com")
    add_members(actor=cast.actor("comms"), now=NOW, audience=customers, stakeholders=[bo.stakeholder])
    assert list(reachable_contact_points(["customers"], "email")) == [bo]


@pytest.mark.parametrize(
    "changes",
    [
        {"because": "operator"},
        {"reason": ""},
        {"address": "A@example.com"},
    ],
)
def test_the_database_holds_stopped_addresses_to_their_rules(changes: dict[str, str]) -> None:
    row = {"kind": "email", "address": "a@example.com", "because": "stop", "reason": "x"} | changes
    with pytest.raises(IntegrityError, match="stakeholders_stopped_address_whole"), transaction.atomic():
        StoppedAddress.objects.create(at=NOW, **row)


def test_an_address_is_stopped_once_and_an_operators_reason_lies_beneath_a_stronger_one(cast: Cast) -> None:
    entry(cast, "A")
    StoppedAddress.objects.create(kind="email", address="a@example.com", because="stop", reason="x", at=NOW)
    with pytest.raises(IntegrityError, match="stakeholders_stopped_address_once"), transaction.atomic():
        StoppedAddress.objects.create(kind="email", address="a@example.com", because="bounce", reason="x", at=NOW)
    with pytest.raises(IntegrityError, match="stakeholders_operator_reason_beneath"), transaction.atomic():
        ContactPoint.objects.update(operator_reason="beneath nothing")
