"""The editor as a plain form, and the two addresses its script talks to."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from accounts.models import User
from approvals.models import ReviewRound
from approvals.services import give_verdict, request_review
from console.preview import previews
from incidents.models import Update
from incidents.rules.content import ComponentState
from incidents.rules.content_edit import ContentEdit
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component, make_incident, make_update

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

pytestmark = pytest.mark.django_db

UTC = ZoneInfo("UTC")


def text(answer: "_MonkeyPatchedWSGIResponse") -> str:
    return answer.content.decode()


def typed(update: Update, **changed: Any) -> dict[str, Any]:
    """The form as the editor shows it, with some of it changed."""
    update.refresh_from_db()
    assert update.current is not None
    content = update.current.parsed()
    form: dict[str, Any] = {
        "base_revision": update.current.number,
        "status": content.status,
        "impact": content.impact,
        "next_update_minutes": content.next_update_minutes or "",
        "schedule_mode": content.schedule_mode,
        "channels": list(content.channels),
    }
    for key, by_language in content.wording.items():
        form |= {f"send-{key}": "on", f"title-{key}": by_language["en"].title, f"body-{key}": by_language["en"].body}
    form |= {f"component-{state.id}": state.status for state in content.components}
    return form | {name.replace("__", "-"): value for name, value in changed.items()}


def address(name: str, update: Update) -> str:
    return reverse(f"console:{name}", args=[update.public_id])


@pytest.fixture
def update(cast: Cast) -> Update:
    incident = make_incident(actor=cast.actor("commander"), components=[make_component(name="Checkout")])
    return make_update(incident=incident, actor=cast.actor("commander"))


def in_review(cast: Cast, update: Update) -> ReviewRound:
    assert update.current is not None
    return request_review(actor=cast.actor("commander"), now=NOW, update_id=update.pk, revision=update.current.number)


def test_every_part_of_the_content_can_be_changed(cast: Cast, update: Update) -> None:
    component = update.incident.components.get()
    change = {f"component-{component.public_id}": "major_outage"}
    answer = cast.client("commander").post(
        address("editor", update),
        typed(
            update,
            title__customers="Payments by card fail",
            body__customers="We found it.\r\nBank transfer works.",
            status="identified",
            impact="critical",
            next_update_minutes="20",
            schedule_mode="as_soon_as_approved",
            channels=["page"],
        )
        | change,
    )
    assert answer.status_code == 302, text(answer)
    update.refresh_from_db()
    assert update.current is not None
    content = update.current.parsed()
    assert content.wording["customers"]["en"].title == "Payments by card fail"
    assert content.wording["customers"]["en"].body == "We found it.\nBank transfer works."
    assert (content.status, content.impact, content.next_update_minutes) == ("identified", "critical", 20)
    assert (content.schedule_mode, content.channels) == ("as_soon_as_approved", ("page",))
    assert [state.status for state in content.components] == ["major_outage"]


def test_saving_what_is_already_there_makes_no_revision(cast: Cast, update: Update) -> None:
    answer = cast.client("commander").post(address("editor_save", update), typed(update))
    assert answer.status_code == 200
    assert answer.json()["revision"] == 1


def test_autosave_answers_with_the_new_revision_and_who_saved_it(cast: Cast, update: Update) -> None:
    said = cast.client("techlead").post(address("editor_save", update), typed(update, body__internal="Deploy 41 did it.")).json()
    assert (said["revision"], said["by"], said["state"]) == (2, "Techlead", "draft")


def test_autosave_from_an_old_version_is_refused_and_names_who_was_faster(cast: Cast, update: Update) -> None:
    mine = typed(update, body__customers="Mine")
    cast.client("techlead").post(address("editor_save", update), typed(update, body__customers="Theirs"))
    answer = cast.client("commander").post(address("editor_save", update), mine)
    assert answer.status_code == 412
    assert (answer.json()["by"], answer.json()["mine"], answer.json()["revision"]) == ("Techlead", False, 2)
    update.refresh_from_db()
    assert update.current is not None
    assert update.current.parsed().wording["customers"]["en"].body == "Theirs"


def test_who_was_faster_in_another_tab_of_their_own_is_not_told_of_somebody_else(cast: Cast, update: Update) -> None:
    client, older = cast.client("commander"), typed(update, body__customers="From the older tab")
    client.post(address("editor_save", update), typed(update, body__customers="From the newer tab"))
    assert client.post(address("editor_save", update), older).json()["mine"] is True
    page = text(client.post(address("editor", update), older))
    assert "Saved by <span data-by>you, in another tab or window,</span>" in page
    assert "Drop this text, take what I saved there" in page
    assert "take theirs" not in page
    assert "over theirs" not in page


def test_the_plain_form_keeps_my_text_when_somebody_was_faster_and_lets_me_decide(cast: Cast, update: Update) -> None:
    mine = typed(update, body__customers="My careful words")
    cast.client("techlead").post(address("editor_save", update), typed(update, body__customers="Theirs"))
    client = cast.client("commander")
    answer = client.post(address("editor", update), mine)
    assert answer.status_code == 412
    assert "My careful words" in text(answer)
    assert "Saved by <span data-by>Techlead</span>" in text(answer)
    assert "Drop my text, take theirs" in text(answer)
    assert client.post(address("editor", update), mine | {"act": "over"}).status_code == 302
    update.refresh_from_db()
    assert update.current is not None
    assert (update.current.number, update.current.parsed().wording["customers"]["en"].body) == (3, "My careful words")


def test_what_cannot_be_stored_is_said_beside_its_field(cast: Cast, update: Update) -> None:
    client = cast.client("commander")
    answer = client.post(address("editor_save", update), typed(update, title__customers="x" * 201))
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["id_title-customers"]
    page = text(client.post(address("editor", update), typed(update, next_update_minutes="0", body__internal="kept words")))
    assert "kept words" in page
    assert "id_next_update_minutes_error" in page


def test_asking_for_review_saves_first_and_names_who_is_asked(cast: Cast, update: Update) -> None:
    client = cast.client("commander")
    page = text(client.get(address("editor", update)))
    assert "Ask 4 people for review" in page
    assert "Will be asked: Techlead or Techlead2 (technical) and Comms or Comms2 (communications)" in page
    answer = client.post(address("editor", update), typed(update, act="ask", title__customers="Newest words"))
    assert answer["Location"] == reverse("console:room", args=[update.incident.public_id])
    found = ReviewRound.objects.get()
    assert found.revision.parsed().wording["customers"]["en"].title == "Newest words"


def test_whoever_wrote_a_part_is_not_among_those_asked(cast: Cast, update: Update) -> None:
    cast.client("techlead").post(address("editor_save", update), typed(update, body__internal="Deploy 41 did it."))
    cast.client("comms2").post(address("editor_save", update), typed(update, body__customers="Better words."))
    assert "Ask Techlead2 and Comms for review" in text(cast.client("commander").get(address("editor", update)))
    cast.client("techlead2").post(address("editor_save", update), typed(update, body__customers="Other words."))
    assert "There is no free technical reviewer" in text(cast.client("commander").get(address("editor", update)))


def test_a_gap_keeps_review_from_being_asked_and_stands_beside_its_field(cast: Cast, update: Update) -> None:
    client = cast.client("commander")
    answer = client.post(address("editor", update), typed(update, act="ask", body__customers="Because of [[fill in: cause]]."))
    assert answer.status_code == 422
    assert "id_body-customers_error" in text(answer)
    assert '<mark class="passage-missing">cause</mark>' in text(answer)
    assert not ReviewRound.objects.exists()
    update.refresh_from_db()
    assert update.current is not None
    assert update.current.number == 2, "the words are saved all the same"


def test_a_time_is_read_in_the_writers_zone_and_a_skipped_one_is_refused(cast: Cast, update: Update) -> None:
    User.objects.filter(username="commander").update(time_zone="Europe/Berlin")
    client = cast.client("commander")
    when = typed(update, schedule_mode="at_time", schedule_at="2030-07-01T14:30")
    assert client.post(address("editor_save", update), when).status_code == 200
    update.refresh_from_db()
    assert update.current is not None
    assert update.current.parsed().schedule_at == "2030-07-01T12:30:00+00:00"
    assert 'value="2030-07-01T14:30"' in text(client.get(address("editor", update)))
    skipped = typed(update, schedule_mode="at_time", schedule_at="2030-03-31T02:30")
    assert "skip that time" in str(client.post(address("editor_save", update), skipped).json()["errors"]["id_schedule_at"])


def test_in_review_the_words_are_locked_until_someone_unlocks_them_on_purpose(cast: Cast, update: Update) -> None:
    asked = in_review(cast, update)
    give_verdict(
        actor=cast.actor("techlead", stepped_up=True), now=NOW, update_id=update.pk, kind="technical", verdict="approve", revision=1
    )
    client = cast.client("commander")
    page = text(client.get(address("editor", update)))
    assert "Edit (voids 1 approval)" in page
    assert "data-autosave" not in page
    change = typed(update, body__customers="Slipped in")
    assert client.post(address("editor_save", update), change).status_code == 409
    asked.refresh_from_db()
    assert asked.state == "open"
    assert "data-autosave" in text(client.get(address("editor", update) + "?unlock=1"))
    assert client.post(address("editor_save", update), change | {"unlocked": "1"}).json()["state"] == "draft"
    asked.refresh_from_db()
    assert asked.state == "voided"


def test_the_preview_shows_mail_and_page_as_typed_and_stores_nothing(cast: Cast, update: Update) -> None:
    answer = cast.client("commander").post(
        address("editor_preview", update), typed(update, title__customers="Cards fail", body__customers="**Strong** [[fill in: cause]]")
    )
    page = text(answer)
    assert "<strong>Strong</strong>" in page
    assert page.count('<mark class="passage-missing">cause</mark>') >= 3, "in the list, on the page and in the mail"
    assert "Public page" in page
    assert "Checkout: partial outage" in page
    assert "<dd>Cards fail</dd>" in page
    update.refresh_from_db()
    assert update.current is not None
    assert update.current.number == 1


def test_the_preview_names_components_that_are_not_public_to_colleagues_alone(cast: Cast, update: Update) -> None:
    hidden = make_component(name="CANARY-DB", is_public=False)
    assert update.current is not None
    content = ContentEdit(components=(ComponentState(hidden.public_id, "major_outage"),)).apply(update.current.parsed())
    told = {one.key: "CANARY-DB" in one.plain + one.letter + str(one.components) for one in previews(content, now=NOW, zone=UTC)}
    assert told == {"customers": False, "internal": True}


def test_the_preview_lets_no_markup_through(cast: Cast, update: Update) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1)) [[fill in: <b>]]"
    client = cast.client("commander")
    page = text(client.post(address("editor_preview", update), typed(update, title__customers=attack, body__customers=attack)))
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert "<b>" not in page


def test_who_only_reads_sees_the_words_and_cannot_save(cast: Cast, update: Update) -> None:
    client = cast.client("auditor")
    assert "Only to read" in text(client.get(address("editor", update)))
    for name in ("editor", "editor_save"):
        assert client.post(address(name, update), typed(update, body__customers="x")).status_code == 403


def test_asking_for_what_goes_by_itself_takes_a_fresh_password_and_loses_nothing(cast: Cast, update: Update) -> None:
    client = cast.client("commander")
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= timedelta(minutes=6).total_seconds()
    session.save()
    form = typed(update, body__customers="We found it.", schedule_mode="as_soon_as_approved") | {"act": "ask"}
    answer = client.post(address("editor", update), form)
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('account_reauthenticate')}?{urlencode({'next': address('editor', update)})}"
    assert not ReviewRound.objects.exists()
    page = text(client.get(address("editor", update)))
    assert "We found it." in page
    assert "which takes your password" in page


def test_the_preview_shows_each_channel_that_somebody_is_told_by(cast: Cast, update: Update) -> None:
    content = update.current.parsed() if update.current else None
    assert content is not None
    found = {
        one.key: [other.channel for other in one.others] for one in previews(content, now=NOW, zone=UTC, channels={"customers": ["sms"]})
    }
    assert found == {"customers": ["sms"], "internal": []}
