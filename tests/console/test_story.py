"""The story of an update: everything, in order, on one page and as JSON; nothing to whom it is not shown."""

import re
from datetime import timedelta

import pytest

from approvals.queries.story.review import review_of
from approvals.rules.story import voided_words
from approvals.services import withdraw_update
from approvals.services.claim_slot import claim_slot
from approvals.services.comment_on_passage import comment_on_passage
from incidents.models import Update
from incidents.services import change_incident
from tests.approvals.acts import approve, ask, draft, edit, number, release, say
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def told(cast: Cast, update_id: str, by: str = "auditor") -> list[tuple[str, str, int | None]]:
    answer = cast.client(by).get(f"/api/v1/updates/{update_id}/story/")
    assert answer.status_code == 200, answer.content
    return [(moment["kind"], moment["by_name"], moment["revision"]) for moment in answer.json()["story"]]


def test_everything_is_there_in_the_order_it_happened(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update, now=NOW + minutes(1))
    say(cast, update, "communications", "request_changes", comment="Say what still works.", now=NOW + minutes(2))
    edit(cast, update, body="Some payments fail. Paying by bank transfer works.", now=NOW + minutes(3))
    ask(cast, update, now=NOW + minutes(4))
    approve(cast, update, now=NOW + minutes(5))
    release(cast, update, now=NOW + minutes(6))
    kinds = [kind for kind, _, _ in told(cast, update.public_id)]
    assert kinds == ["version", "request", "verdict", "closed", "version", "request", "verdict", "verdict", "release"]
    story = cast.client("auditor").get(f"/api/v1/updates/{update.public_id}/story/").json()
    assert story["story"][2]["text"] == "Say what still works."
    assert story["story"][-1]["detail"]["content_hash"] == story["story"][4]["detail"]["content_hash"]
    assert story["log"] == sorted(story["log"])
    assert len(story["log"]) >= len(kinds) - 1
    page = cast.client("auditor").get(f"/console/updates/{update.public_id}/story/").content.decode()
    for words in ("Say what still works.", "Review asked for", "Released by hand", "Version 2"):
        assert words in page
    assert "<ins>" in page


def test_who_still_has_to_decide_is_not_told_what_others_said(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    say(cast, update, "technical", comment="Numbers checked against the dashboards.")
    for_comms = cast.client("comms").get(f"/api/v1/updates/{update.public_id}/story/").content.decode()
    assert "Numbers checked" not in for_comms
    assert "it shows once you have given yours" in for_comms
    assert "Numbers checked" in cast.client("auditor").get(f"/api/v1/updates/{update.public_id}/story/").content.decode()
    say(cast, update, "communications")
    assert "Numbers checked" in cast.client("comms").get(f"/console/updates/{update.public_id}/story/").content.decode()


def answered(cast: Cast, name: str, where: str) -> bytes:
    """The body of a 404, without what is another with every request."""
    answer = cast.client(name).get(where)
    assert answer.status_code == 404
    return re.sub(rb'nonce="[^"]+"|name="csrfmiddlewaretoken" value="[^"]+"|"X-CSRFToken": *"[^"]+"', b"", answer.content)


@pytest.mark.parametrize("where", ["/console/updates/{}/story/", "/api/v1/updates/{}/story/"])
def test_a_restricted_story_answers_as_a_missing_one(cast: Cast, where: str) -> None:
    update = draft(cast)
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=update.incident_id, restricted=True)
    for name in ("outsider", "techlead"):
        hidden, missing = (answered(cast, name, where.format(public_id)) for public_id in (update.public_id, "nonesuch1234"))
        assert hidden.replace(update.public_id.encode(), b"") == missing.replace(b"nonesuch1234", b"")
    assert cast.client("commander").get(where.format(update.public_id)).status_code == 200


def test_claims_and_comments_on_passages_are_part_of_it(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    reviewer = cast.actor("techlead", stepped_up=True)
    claim_slot(actor=reviewer, now=NOW, update_id=update.pk, kind="technical")
    comment_on_passage(
        actor=reviewer, now=NOW, update_id=update.pk, revision=number(update), audience="customers", language="en", field="body",
        quote="Some payments", start=0, text="Which ones?",
    )  # fmt: skip
    kinds = [kind for kind, _, _ in told(cast, update.public_id)]
    assert {"claim", "comment"} <= set(kinds)


def ending(update_id: int) -> str:
    """How the first review of it ended, in words."""
    update = Update.objects.get(pk=update_id)
    return next(moment.words for moment in review_of(update, kept_back=frozenset()) if moment.kind == "closed")


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ((), "The review ended before anybody approved: the words changed"),
        (("technical",), "The approval given is void: the words changed"),
        (("technical", "communications"), "Both approvals are void: the words changed"),
    ],
)
def test_an_edit_tells_how_many_approvals_it_made_void(cast: Cast, kinds: tuple[str, ...], said: str) -> None:
    update = draft(cast)
    ask(cast, update, now=NOW + minutes(1))
    for kind in kinds:
        say(cast, update, kind, now=NOW + minutes(2))
    edit(cast, update, now=NOW + minutes(3))
    assert ending(update.pk) == said


def test_what_was_withdrawn_is_not_said_to_have_changed(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    approve(cast, update)
    withdraw_update(actor=cast.actor("commander"), now=NOW + minutes(3), update_id=update.pk)
    assert ending(update.pk) == "Both approvals are void: the update was withdrawn"


def test_approvals_that_a_strike_keeps_are_not_said_to_be_void() -> None:
    assert voided_words(2, 2, "the words changed") == "The review ended and the 2 approvals are kept: the words changed"
    assert voided_words(1, 1, "the words changed") == "The review ended and the approval given is kept: the words changed"
    assert voided_words(3, 2, "the words changed") == "1 of 3 approvals is void: the words changed"
    assert voided_words(4, 0, "the words changed") == "All 4 approvals are void: the words changed"
