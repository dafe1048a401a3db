"""Putting right what was released: a draft that quotes it, through the same review, about exactly that update."""

import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from approvals.models import Release
from approvals.queries.owed import owed_by
from approvals.rules.correction import first_words, left_out
from approvals.services import release_update, start_correction
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from incidents.models import Incident, Update
from incidents.queries import open_promise
from incidents.rules.content import Content, Wording
from incidents.rules.content_check import CHANNELS
from incidents.rules.content_edit import ContentEdit, Variant
from incidents.rules.words import UpdateKind
from incidents.services import revise_update
from tests.approvals.acts import approve, approved, ask, draft, edit, number, release, state, words_of
from tests.support.cast import NOW, Cast
from tests.support.factories import make_update

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)


def correct(cast: Cast, wrong: Update, kind: str = "correction", by: str = "commander") -> Update:
    return start_correction(actor=cast.actor(by), now=LATER, update_id=wrong.pk, kind=kind)


def wrong_update(cast: Cast) -> Update:
    update = approved(cast)
    release(cast, update)
    return Update.objects.get(pk=update.pk)


def test_the_draft_quotes_what_was_released_to_the_same_audiences(cast: Cast) -> None:
    wrong = wrong_update(cast)
    made = correct(cast, wrong)
    assert (made.kind, made.corrects, made.state) == ("correction", wrong, "draft")
    assert words_of(made).title == "Correction: Checkout is failing"
    body = words_of(made).body
    assert "We have to correct what we wrote on 02 Mar 2026 at 14:00 UTC:" in body
    assert "> Some payments fail. We are on it." in body
    assert made.current is not None
    assert wrong.current is not None
    assert made.current.parsed().audiences == wrong.current.parsed().audiences
    assert made.current.parsed().next_update_minutes is None


def test_nothing_goes_to_review_before_somebody_writes_what_is_right(cast: Cast) -> None:
    made = correct(cast, wrong_update(cast))
    with pytest.raises(InvalidInput) as refusal:
        ask(cast, made, now=LATER)
    assert "what is right" in str(refusal.value.fields)


def put_right(cast: Cast, made: Update) -> Release:
    assert made.current is not None
    content = made.current.parsed()
    variants = tuple(
        Variant(audience, words.title, words.body.replace("[[fill in: what is right]]", "All payments fail."), language)
        for audience, by_language in content.wording.items()
        for language, words in by_language.items()
    )
    revise_update(
        actor=cast.actor("commander"),
        now=LATER,
        update_id=made.pk,
        base_revision=1,
        content=ContentEdit(variants=variants).apply(content),
    )
    ask(cast, made, now=LATER)
    approve(cast, made, now=LATER)
    return release(cast, made, now=LATER)


def test_it_goes_through_the_same_review_and_leaves_the_running_promise(cast: Cast) -> None:
    wrong = wrong_update(cast)
    before = open_promise(wrong.incident)
    assert before is not None
    made = put_right(cast, correct(cast, wrong))
    assert made.update_of.corrects == wrong
    after = open_promise(wrong.incident)
    assert after == before


def without(made: Update, **left_out: Any) -> Content:
    """The correction written to its end, less what is left out."""
    assert made.current is not None
    content = replace(made.current.parsed(), **left_out)
    return replace(content, wording={key: {"en": Wording("Correction", "All payments fail.")} for key in content.audiences})


@pytest.mark.parametrize(
    ("missing", "field", "words"),
    [
        ({"audiences": ("internal",)}, "audiences", "Customers got the words that this puts right"),
        ({"channels": tuple(sorted(CHANNELS - {"email"}))}, "channels", "went out by e-mail, and it does not"),
        ({"channels": tuple(sorted(CHANNELS - {"page"}))}, "channels", "went out by public page, and it does not"),
    ],
)
def test_it_leaves_out_nobody_whom_the_wrong_words_reached(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, missing: dict[str, tuple[str, ...]], field: str, words: str
) -> None:
    made = correct(cast, wrong_update(cast))
    revise_update(actor=cast.actor("commander"), now=LATER, update_id=made.pk, base_revision=1, content=without(made, **missing))
    with pytest.raises(InvalidInput) as refusal:
        ask(cast, made, now=LATER)
    assert words in refusal.value.fields[field][0]
    with monkeypatch.context() as patched:
        # As a round that was opened before this was asked of a correction.
        patched.setattr(sys.modules["approvals.services.request_review"], "owed_by", lambda _: None)
        ask(cast, made, now=LATER)
        approve(cast, made, now=LATER)
    with pytest.raises(Conflict) as held:
        release(cast, made, now=LATER)
    assert held.value.code == "leaves_out"
    assert words in held.value.message


def test_more_people_than_the_wrong_words_reached_may_be_told(cast: Cast) -> None:
    wrong = wrong_update(cast)
    content = without(correct(cast, wrong))
    owed = owed_by(Update.objects.get(corrects=wrong))
    assert owed is not None
    assert left_out(replace(content, audiences=(*content.audiences, "press")), owed) == {}
    assert owed_by(wrong) is None


def test_a_retraction_takes_back(cast: Cast) -> None:
    made = correct(cast, wrong_update(cast), kind="retraction")
    assert words_of(made).title == "Withdrawn: Checkout is failing"
    assert "Please disregard it" in words_of(made).body


def test_one_correction_is_on_its_way_at_a_time(cast: Cast) -> None:
    wrong = wrong_update(cast)
    correct(cast, wrong)
    with pytest.raises(Conflict):
        correct(cast, wrong, kind="retraction")


def test_only_what_was_released_is_corrected_and_only_in_these_two_ways(cast: Cast) -> None:
    with pytest.raises(Conflict):
        correct(cast, draft(cast))
    with pytest.raises(InvalidInput):
        correct(cast, wrong_update(cast), kind="drill")


def test_who_may_not_write_does_not_correct(cast: Cast) -> None:
    wrong = wrong_update(cast)
    for name in ("outsider", "auditor", "legal"):
        with pytest.raises((Forbidden, NotFound)):
            correct(cast, wrong, by=name)


def test_what_was_said_of_a_resolved_incident_can_still_be_put_right(cast: Cast) -> None:
    wrong = wrong_update(cast)
    over = make_update(
        incident=wrong.incident, actor=cast.actor("commander"), status="resolved", edit=ContentEdit(next_update_minutes=None)
    )
    ask(cast, over)
    approve(cast, over)
    release(cast, over)
    resolved_at = Incident.objects.get(pk=wrong.incident_id).resolved_at
    put_right(cast, correct(cast, Update.objects.get(pk=over.pk)))
    incident = Incident.objects.get(pk=wrong.incident_id)
    assert (incident.status, incident.resolved_at) == ("resolved", resolved_at)


def test_a_correction_cannot_be_released_unread(cast: Cast) -> None:
    made = correct(cast, wrong_update(cast))
    edit(cast, made)
    with pytest.raises(Conflict):
        release_update(actor=cast.actor("commander", stepped_up=True, now=LATER), now=LATER, update_id=made.pk, revision=number(made))
    assert state(made) == "draft"


def test_in_another_language_only_the_quotation_is_prepared() -> None:
    content = Content(status="investigating", impact="major", wording={"customers": {"de": Wording("Störung", "Zahlungen schlagen fehl.")}})
    (variant,) = first_words(kind=UpdateKind.CORRECTION, released=content, at=NOW)
    assert (variant.language, variant.title) == ("de", "Störung")
    assert variant.body == "> Zahlungen schlagen fehl.\n\n[[fill in: what is right]]"


def test_a_long_title_still_fits() -> None:
    content = Content(status="investigating", impact="major", wording={"customers": {"en": Wording("x" * 200, "y")}})
    (variant,) = first_words(kind=UpdateKind.RETRACTION, released=content, at=NOW)
    assert len(variant.title) == 200
