"""Disputes, overrides, ratifications, holds and corrections, as people see and do them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from approvals.models import Dispute, Override, ReleaseHold
from approvals.services import override_release, request_review
from console.views import overrides as override_views
from incidents.models import Update
from incidents.rules.content import ScheduleMode
from tests.approvals.acts import approved
from tests.approvals.disputing import decide
from tests.support.cast import Cast
from tests.support.factories import make_incident, make_update
from tests.support.releases import released

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def update(cast: Cast) -> Update:
    """In review since now."""
    return _asked(cast, timezone.now())


def _asked(cast: Cast, now: datetime) -> Update:
    made = make_update(incident=make_incident(actor=cast.actor("commander"), now=now), actor=cast.actor("commander"), now=now)
    request_review(actor=cast.actor("commander"), now=now, update_id=made.pk, revision=1)
    return made


def _dispute(client: Client, update: Update, **fields: str) -> Any:
    form = {
        "kind": "communications",
        "place": "customers|en|body",
        "quote": "We are on it.",
        "reason": "Nobody is on it yet.",
        "revision": "1",
    }
    return client.post(f"/console/updates/{update.public_id}/dispute/", form | fields, follow=True)


def test_a_passage_is_disputed_by_quoting_it_and_the_arbiter_strikes_it(cast: Cast, update: Update) -> None:
    page = cast.client("comms").get(f"/console/updates/{update.public_id}/dispute/?audience=customers&language=en&field=body&quote=We+are")
    assert ">We are</textarea>" in page.content.decode().replace("\n", "")
    seen = _dispute(cast.client("comms"), update).content.decode()
    assert "We are on it." in seen
    assert "Take my dispute back" in seen
    found = Dispute.objects.get()
    for name in ("techlead", "comms"):
        review = cast.client(name).get(f"/console/updates/{update.public_id}/review/").content.decode()
        assert "A passage is disputed" in review
        assert f'href="/console/disputes/{found.public_id}/"' in review
    arbiter = cast.client("arbiter")
    assert found.public_id in arbiter.get("/console/disputes/").content.decode()
    address = f"/console/disputes/{found.public_id}/"
    assert "Give this ruling" in arbiter.get(address).content.decode()
    ruled = arbiter.post(address, {"ruling": "strike", "reason": "Not known yet.", "revision": "1"}, follow=True).content.decode()
    assert "Not known yet." in ruled
    assert "Give this ruling" not in ruled
    found.refresh_from_db()
    assert found.state == "struck"
    assert "A passage is disputed" not in cast.client("techlead").get(f"/console/updates/{update.public_id}/review/").content.decode()


def test_what_is_wrong_with_a_dispute_stands_beside_the_field_and_what_was_typed_stays(cast: Cast, update: Update) -> None:
    answer = _dispute(cast.client("comms"), update, quote="Nobody wrote this.")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "These words do not stand in the body." in page
    assert "Nobody wrote this." in page
    assert "Nobody is on it yet." in page
    assert not Dispute.objects.exists()


def test_without_a_fresh_password_what_was_typed_waits(cast: Cast, update: Update) -> None:
    client = Client()
    client.force_login(cast.comms, backend="django.contrib.auth.backends.ModelBackend")
    form = {"kind": "communications", "place": "customers|en|body", "quote": "We are on it.", "reason": "Not so.", "revision": "1"}
    answer = client.post(f"/console/updates/{update.public_id}/dispute/", form)
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    page = client.get(f"/console/updates/{update.public_id}/dispute/").content.decode()
    assert "Not so." in page


def test_only_an_arbiter_sees_the_form_to_rule(cast: Cast, update: Update) -> None:
    _dispute(cast.client("comms"), update)
    address = f"/console/disputes/{Dispute.objects.get().public_id}/"
    for name in ("comms", "commander", "techlead"):
        assert "Give this ruling" not in cast.client(name).get(address).content.decode()
    assert cast.client("commander").post(address, {"ruling": "uphold", "reason": "No.", "revision": "1"}).status_code == 403
    assert cast.client("outsider").get(address).status_code == 404


def test_who_disputed_takes_it_back(cast: Cast, update: Update) -> None:
    client = cast.client("comms")
    _dispute(client, update)
    client.post(f"/console/disputes/{Dispute.objects.get().public_id}/withdraw/")
    assert Dispute.objects.get().state == "withdrawn"


def confirmed(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> None:
    """As if the override holder had given a code just now."""
    monkeypatch.setattr(override_views, "who", lambda request: cast.actor("override", second_factor=True, now=timezone.now()))


def test_the_override_page_says_who_will_be_told_and_releases(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    update = _asked(cast, timezone.now() - HOUR)
    confirmed(monkeypatch, cast)
    client = cast.client("override")
    address = f"/console/updates/{update.public_id}/override/"
    page = client.get(address).content.decode()
    for words in (
        "The window for the technical review ran out",
        "Commander",
        "Manager",
        "24 h",
        "without the technical and communications",
    ):
        assert words in page
    assert client.post(address, {"reason": " ", "revision": "1"}).status_code == 422
    done = client.post(address, {"reason": "Customers are waiting.", "revision": "1"}, follow=True).content.decode()
    found = Override.objects.get()
    assert "Released without the technical and communications review" in done
    assert (
        f"/console/overrides/{found.public_id}/"
        in cast.client("commander").get(f"/console/incidents/{update.incident.public_id}/").content.decode()
    )


def test_the_override_page_says_why_it_is_closed(cast: Cast, update: Update) -> None:
    page = cast.client("override").get(f"/console/updates/{update.public_id}/override/").content.decode()
    assert "An override is not open" in page
    assert "runs until" in page
    assert 'form="override-form"' not in page
    assert cast.client("commander").get(f"/console/updates/{update.public_id}/override/").status_code == 403


def test_an_override_asks_for_the_second_factor(cast: Cast) -> None:
    update = _asked(cast, timezone.now() - HOUR)
    answer = cast.client("override").post(f"/console/updates/{update.public_id}/override/", {"reason": "Now.", "revision": "1"})
    assert answer.status_code == 302
    assert "/accounts/2fa/" in answer.headers["Location"]
    assert not Override.objects.exists()


def _overridden(cast: Cast) -> Override:
    now = timezone.now()
    update = _asked(cast, now - HOUR)
    override_release(
        actor=cast.actor("override", second_factor=True, now=now), now=now, update_id=update.pk, revision=1, reason="Nobody answers."
    )
    return Override.objects.get()


def test_a_refused_override_leads_to_the_draft_of_a_correction(cast: Cast) -> None:
    found = _overridden(cast)
    address = f"/console/overrides/{found.public_id}/"
    assert found.public_id in cast.client("legal").get("/console/ratifications/").content.decode()
    assert "You do not decide on this" in cast.client("override").get(address).content.decode()
    assert cast.client("legal").post(address, {"decision": "refuse", "reason": ""}).status_code == 422
    cast.client("legal").post(address, {"decision": "refuse", "reason": "The cause is wrong."})
    found.refresh_from_db()
    assert found.correction is not None
    assert "a correction is on its way" in cast.client("commander").get(address).content.decode()
    assert (
        "We have to correct what we wrote"
        in cast.client("commander").get(f"/console/updates/{found.correction.public_id}/edit/").content.decode()
    )


def test_the_board_and_the_reviews_say_what_waits_to_be_decided(cast: Cast, update: Update) -> None:
    found = _overridden(cast)
    _dispute(cast.client("comms"), update)
    dispute = Dispute.objects.get()
    assert f"/console/disputes/{dispute.public_id}/" in cast.client("arbiter").get("/console/").content.decode()
    assert f"/console/overrides/{found.public_id}/" in cast.client("legal").get("/console/").content.decode()
    for name in ("override", "commander", "comms"):
        assert f"/console/overrides/{found.public_id}/" not in cast.client(name).get("/console/").content.decode()
    page = cast.client("auditor").get("/console/reviews/").content.decode()
    assert "(1 open)" in page
    assert "(1 waiting)" in page


def test_a_ratified_override_stays_marked(cast: Cast) -> None:
    found = _overridden(cast)
    decide(cast, found, now=timezone.now())
    page = cast.client("commander").get(f"/console/releases/{found.release.public_id}/").content.decode()
    assert "Ratified by Legal" in page


def test_holding_an_incident_and_lifting_it(cast: Cast, update: Update) -> None:
    client = cast.client("commander")
    room = f"/console/incidents/{update.incident.public_id}/"
    client.post(f"{room}hold/", {"reason": "Legal looks at it."})
    assert "Legal looks at it." in client.get(room).content.decode()
    assert "Everything of this incident is held" in client.get(f"/console/updates/{update.public_id}/release/").content.decode()
    hold = ReleaseHold.objects.get()
    assert cast.client("techlead").post(f"/console/holds/{hold.public_id}/lift/", {"reason": "No."}).status_code == 403
    client.post(f"/console/holds/{hold.public_id}/lift/", {"reason": "It is fine."})
    hold.refresh_from_db()
    assert hold.lifted_by == cast.commander


def test_a_correction_is_started_where_the_release_stands(cast: Cast) -> None:
    release = released(cast)
    client = cast.client("commander")
    assert "Something is wrong with it" in client.get(f"/console/releases/{release.public_id}/").content.decode()
    client.post(f"/console/updates/{release.update_of.public_id}/correct/", {"kind": "retraction"})
    correction = Update.objects.get(corrects=release.update_of)
    assert correction.kind == "retraction"
    room = client.get(f"/console/incidents/{release.update_of.incident.public_id}/").content.decode()
    assert "A retraction is on its way" in room


def test_what_goes_as_soon_as_approved_offers_no_later_time(cast: Cast) -> None:
    """By hand it may leave the time open; content that says when does not."""
    for mode, offered in ((ScheduleMode.BY_HAND, True), (ScheduleMode.AS_SOON_AS_APPROVED, False)):
        page = cast.client("commander").get(f"/console/updates/{approved(cast, mode=mode).public_id}/release/").content.decode()
        assert "Nothing can be released" not in page
        assert ('name="at"' in page) == offered
        assert ("To let it go at a time, choose one in the draft" in page) != offered
