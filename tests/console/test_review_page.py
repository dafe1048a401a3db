"""The review page: what it says of an update that is no longer in review, and what it carries on to a dispute."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from approvals.models import Dispute, Release
from approvals.services import override_release, withdraw_update
from incidents.models import Update
from tests.approvals.acts import approve, ask, edit, release, say
from tests.support.cast import Cast
from tests.support.factories import make_incident, make_update

pytestmark = pytest.mark.django_db
NOT_IN_REVIEW = "This update is not in review"


def asked(cast: Cast, ago: timedelta = timedelta()) -> Update:
    """In review since now, or since some time."""
    now = timezone.now() - ago
    made = make_update(incident=make_incident(actor=cast.actor("commander"), now=now), actor=cast.actor("commander"), now=now)
    ask(cast, made, now=now)
    return made


def seen(cast: Cast, update: Update, by: str = "comms") -> str:
    """The page as it is sent, with single spaces."""
    answer = cast.client(by).get(f"/console/updates/{update.public_id}/review/")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_released_update_says_who_let_it_out_and_leads_to_the_release(cast: Cast) -> None:
    update = asked(cast)
    approve(cast, update, now=timezone.now())
    page = seen(cast, update)
    assert "This update is approved" in page
    assert f"/console/updates/{update.public_id}/release/" in page
    made = release(cast, update, now=timezone.now())
    page = seen(cast, update)
    assert "This update is released" in page
    assert f"{made.released_by.get_full_name()} let revision 1 out" in page
    assert f'href="/console/releases/{made.public_id}/"' in page
    assert "by override" not in page
    for gone in (NOT_IN_REVIEW, "may still change", "No verdict of yours is open", "This update is approved"):
        assert gone not in page


def test_a_release_by_override_is_named_as_one(cast: Cast) -> None:
    update = asked(cast, timedelta(hours=1))
    now = timezone.now()
    actor = cast.actor("override", second_factor=True, now=now)
    override_release(actor=actor, now=now, update_id=update.pk, revision=1, reason="Nobody answers.")
    page = seen(cast, update)
    assert "by override, without every review" in page
    assert f"/console/releases/{Release.objects.get().public_id}/" in page
    assert NOT_IN_REVIEW not in page


def test_a_withdrawn_update_and_a_draft_say_so(cast: Cast) -> None:
    update = asked(cast)
    now = timezone.now()
    draft = make_update(incident=update.incident, actor=cast.actor("commander"), now=now)
    assert NOT_IN_REVIEW in seen(cast, draft)
    withdraw_update(actor=cast.actor("commander"), now=now, update_id=update.pk)
    page = seen(cast, update)
    assert "This update is withdrawn" in page
    assert NOT_IN_REVIEW not in page


def test_a_comment_typed_before_the_dispute_is_what_is_wrong_with_the_passage(cast: Cast) -> None:
    update = asked(cast)
    assert 'formaction="/console/updates/' in seen(cast, update)
    client = cast.client("comms")
    address = f"/console/updates/{update.public_id}/dispute/"
    typed = {"from_review": "1", "revision": "1", "kind": "communications", "comment": "Nobody is on it yet."}
    answer = client.post(address, typed | {"place": "customers|en|body", "quote": "We are on it."})
    assert (answer.status_code, answer["Location"]) == (302, address)
    page = client.get(address).content.decode()
    assert re.search(r"<textarea[^>]*name=\"reason\"[^>]*>\s*Nobody is on it yet.</textarea>", page)
    assert re.search(r"<textarea[^>]*name=\"quote\"[^>]*>\s*We are on it.</textarea>", page)
    assert not Dispute.objects.exists()
    assert "Nobody is on it yet." in client.get(f"/console/updates/{update.public_id}/review/").content.decode()
    client.post(address, {"from_review": "1", "revision": "1", "kind": "communications", "comment": "", "place": "", "quote": ""})
    assert "Nobody is on it yet.</textarea>" in client.get(address).content.decode()
    assert cast.client("outsider").post(address, typed).status_code == 404
    form = {"revision": "1", "kind": "communications", "place": "customers|en|body", "quote": "We are on it."}
    client.post(address, form | {"reason": "Nobody is on it yet."})
    assert Dispute.objects.get().reason == "Nobody is on it yet."
    assert 'value="Nobody is on it yet."' not in client.get(f"/console/updates/{update.public_id}/review/").content.decode()


def test_the_page_that_asks_for_the_words_shows_them_as_they_stand(cast: Cast) -> None:
    update = asked(cast)
    assert update.current is not None
    page = cast.client("comms").get(f"/console/updates/{update.public_id}/dispute/").content.decode()
    for by_language in update.current.parsed().wording.values():
        for words in by_language.values():
            assert f"<h3>{escape(words.title)}</h3>" in page
            assert f'<div class="diff">{escape(words.body)}</div>' in page


LISTED = "What fails:\n\n- payments **by card**\n- refunds"
AS_READ = "<p>What fails:</p> <ul> <li>payments <strong>by card</strong></li> <li>refunds</li> </ul>"


def test_the_wording_stands_there_as_its_readers_get_it_from_the_first_update_on(cast: Cast) -> None:
    update = asked(cast)
    edit(cast, update, body=LISTED, now=timezone.now())
    ask(cast, update, now=timezone.now())
    page = seen(cast, update)
    assert AS_READ in page
    assert "**by card**" not in page


def test_what_changed_since_ones_own_verdict_stays_marked_beside_the_wording_as_it_is_read(cast: Cast) -> None:
    update = asked(cast)
    edit(cast, update, body=LISTED, now=timezone.now())
    ask(cast, update, now=timezone.now())
    say(cast, update, "communications", "request_changes", comment="Refunds work.", now=timezone.now())
    edit(cast, update, body=LISTED.replace("refunds", "vouchers"), now=timezone.now())
    ask(cast, update, now=timezone.now())
    page = seen(cast, update)
    assert AS_READ.replace("refunds", "vouchers") in page
    assert re.search(r"<del>.{0,60}refunds.{0,40}</del>\s*<ins>.{0,60}vouchers", page)


def test_a_finding_says_in_whose_wording_and_the_same_words_are_listed_once(cast: Cast) -> None:
    update = asked(cast)
    body = "Refunds fail due to a failed disk. Cards fail due to a failed disk."
    edit(cast, update, body=body, now=timezone.now())
    ask(cast, update, now=timezone.now())
    page = seen(cast, update)
    assert page.count("Names a cause, but no cause is recorded as confirmed.") == 1
    assert re.search(r"Names a cause, [^<]*</strong><span class=\"muted small\">for Customers, 2 times</span>", page)
    assert page.count('<mark class="passage passage-warn">due to</mark>') == 2
