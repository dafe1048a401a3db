"""What a correction tells besides its words, and how reviewers are asked for it and asked again."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.models import User
from approvals.services import start_correction
from incidents.models import Update
from incidents.queries import open_promise
from incidents.rules.content import Wording
from incidents.services import revise_update
from notifications.models import Message
from notifications.rules.states import MessageKind
from notifications.rules.webhook import webhook_body
from notifications.services import claim_and_send
from notifications.transports.contract import MessageView
from notifications.transports.telling import told_to
from tests.approvals import acts
from tests.support.cast import NOW, Cast
from tests.support.sinks import Sink

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=2)


def corrected(cast: Cast, wrong: Update, now: timedelta = timedelta(minutes=2)) -> Update:
    made = start_correction(actor=cast.actor("commander"), now=NOW + now, update_id=wrong.pk, kind="correction")
    assert made.current is not None
    content = made.current.parsed()
    right = {key: {"en": Wording(words["en"].title, "> Some payments fail.\n\nAll do.")} for key, words in content.wording.items()}
    at, written = NOW + now, replace(content, wording=right)
    revise_update(actor=cast.actor("commander"), now=at, update_id=made.pk, base_revision=1, content=written)
    return made


def data_of(message: Message) -> dict[str, object]:
    view = MessageView(message.pk, message.public_id, MessageKind(message.kind), message.wording, message.facts)
    found: dict[str, object] = json.loads(webhook_body(told_to(view, "customers"), NOW))["data"]
    return found


def test_a_webhook_says_what_a_correction_corrects_and_names_the_promise_that_runs_on(cast: Cast) -> None:
    wrong = acts.approved(cast)
    first = Message.objects.get(release=acts.release(cast, wrong))
    promise = open_promise(wrong.incident)
    assert promise is not None
    assert (data_of(first)["kind"], data_of(first)["corrects"]) == ("update", None)
    made = corrected(cast, wrong)
    acts.ask(cast, made, now=LATER)
    acts.approve(cast, made, now=LATER)
    told = data_of(Message.objects.get(release=acts.release(cast, made, now=LATER)))
    assert (told["kind"], told["corrects"]) == ("correction", first.public_id)
    assert told["next_update_at"] == promise.due_at.isoformat().replace("+00:00", "Z")


def test_a_promise_that_is_overdue_is_not_repeated(cast: Cast) -> None:
    wrong = acts.approved(cast)
    acts.release(cast, wrong)
    made, at = corrected(cast, wrong, timedelta(hours=9)), NOW + timedelta(hours=9)
    acts.ask(cast, made, now=at)
    acts.approve(cast, made, now=at)
    assert data_of(Message.objects.get(release=acts.release(cast, made, now=at)))["next_update_at"] is None


def test_reviewers_read_in_the_subject_whether_it_is_a_first_review_another_or_a_correction(cast: Cast, sink: Sink) -> None:
    User.objects.filter(pk=cast.comms.pk).update(time_zone="Europe/Berlin")
    update = acts.draft(cast)
    acts.ask(cast, update)
    acts.approve(cast, update)
    acts.edit(cast, update)
    acts.ask(cast, update)
    acts.approve(cast, update)
    acts.release(cast, update)
    made = corrected(cast, update)
    acts.ask(cast, made, now=LATER)
    asked_of_comms = Message.objects.filter(source_key__startswith="slot:", deliveries__user=cast.comms).order_by("id")
    asked = [message.wording[""] for message in asked_of_comms]
    assert [words["title"].partition(":")[0] for words in asked] == ["Review wanted", "Review again", "Correction to review"]
    assert "An earlier approval was voided by an edit." in asked[1]["body"]
    assert "a correction of what was said about" in asked[2]["body"]
    while claim_and_send():
        pass
    letters = [content.decode() for reader, content in sink.letters if reader == "comms@example.com"]
    assert len(letters) == 3
    assert all("CET" in text.partition("Due by ")[2].partition("\n")[0] for text in letters)
