"""The public page says what was corrected or taken back, and keeps what was said readable."""

from importlib import import_module
from pathlib import Path

import pytest
from django.db import connection

from approvals.models import Release
from approvals.services import start_correction
from incidents.models import Incident, Update
from incidents.rules.content_edit import ContentEdit, Variant
from incidents.services import revise_update
from statuspage.models import PageChange, PublicIncident, PublicUpdate
from statuspage.services import project_release
from tests.approvals.acts import approve, ask, release
from tests.statuspage.acts import body_of, later, published, say_publicly
from tests.support.cast import Cast
from tests.support.factories import make_incident

pytestmark = pytest.mark.django_db


def put_right(cast: Cast, wrong: Release, kind: str, *, title: str = "", minutes: float = 5) -> Update:
    """A correction that is written, approved and released, for customers and colleagues."""
    now = later(minutes)
    update = start_correction(actor=cast.actor("commander"), now=now, update_id=wrong.update_of.pk, kind=kind)
    assert update.current is not None
    content = update.current.parsed()
    variants = tuple(
        Variant(audience, title or words.title, "Bank transfer fails **too**.", language)
        for audience, by_language in content.wording.items()
        for language, words in by_language.items()
    )
    revise_update(
        actor=cast.actor("commander"), now=now, update_id=update.pk, base_revision=1, content=ContentEdit(variants=variants).apply(content)
    )
    ask(cast, update, now=now)
    approve(cast, update, now=now)
    release(cast, update, now=now)
    return update


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return make_incident(actor=cast.actor("commander"))


def test_the_corrected_update_is_marked_and_leads_to_its_correction(cast: Cast, incident: Incident, folder: Path) -> None:
    wrong = say_publicly(cast, incident)
    correction = put_right(cast, wrong, "correction")
    version = published(now=later(6))
    for name in ("index.html", f"incidents/{incident.public_id}.html"):
        page = (version / name).read_text()
        assert "Corrected" in page
        assert f'href="/incidents/{incident.public_id}#update-{correction.public_id}"' in page
        assert ">Correction</strong>" in page
        assert "Paying by card fails for" in page


def test_a_retraction_is_said_as_such(cast: Cast, incident: Incident, folder: Path) -> None:
    wrong = say_publicly(cast, incident)
    put_right(cast, wrong, "retraction")
    page = (published(now=later(6)) / "index.html").read_text()
    assert "Taken back" in page
    assert ">Retraction</strong>" in page


def test_clients_of_the_api_and_feeds_read_it_in_the_body(cast: Cast, incident: Incident, folder: Path) -> None:
    wrong = say_publicly(cast, incident)
    put_right(cast, wrong, "correction")
    version = published(now=later(6))
    newer, older = body_of(version, "incidents")["incidents"][0]["incident_updates"]
    assert older["body"].startswith("[Corrected at 14:05 UTC on 2 Mar 2026: see the newer update.]\n\nPaying by card")
    assert older["updated_at"] == newer["created_at"]
    assert newer["body"] == "Bank transfer fails **too**."
    assert "Corrected at 14:05 UTC" in (version / "history.atom").read_text()


def test_a_correction_keeps_name_and_promise_of_the_incident_unless_it_says_otherwise(cast: Cast, incident: Incident, folder: Path) -> None:
    wrong = say_publicly(cast, incident)
    before = PublicIncident.objects.get()
    put_right(cast, wrong, "correction")
    after = PublicIncident.objects.get()
    assert (after.name, after.next_update_due) == (before.name, before.next_update_due)
    put_right(cast, wrong, "correction", title="Correction: All checkouts are failing", minutes=7)
    assert PublicIncident.objects.get().name == "All checkouts are failing"


def test_wrong_words_are_marked_even_where_their_correction_says_nothing_in_public(cast: Cast, incident: Incident, folder: Path) -> None:
    """As one released before a correction had to reach everyone whom the wrong words reached."""
    wrong = say_publicly(cast, incident)
    inside = say_publicly(cast, incident, audiences=("internal",), now=later(5))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE incidents_update DISABLE TRIGGER USER")
        words = "UPDATE incidents_update SET kind = 'correction', corrects_id = %s WHERE id = %s"
        cursor.execute(words, [wrong.update_of_id, inside.update_of_id])
    PageChange.objects.all().delete()
    project_release(release_id=inside.pk, now=later(5))
    assert PageChange.objects.exists()
    version = published(now=later(6))
    page = (version / "index.html").read_text()
    assert "Corrected" in page
    assert "see the newer update" not in page
    (only,) = body_of(version, "incidents")["incidents"][0]["incident_updates"]
    assert only["body"].startswith("[Corrected at 14:05 UTC on 2 Mar 2026.]\n\nPaying by card")


def test_what_stays_inside_marks_nothing(cast: Cast, incident: Incident, folder: Path) -> None:
    say_publicly(cast, incident)
    inside = say_publicly(cast, incident, audiences=("internal",), now=later(1))
    put_right(cast, inside, "correction")
    assert "Corrected" not in (published(now=later(6)) / "index.html").read_text()


FILL_IN = import_module("statuspage.migrations.0008_put_right_filled_in").FILL_IN


def fill_in() -> None:
    PublicIncident.objects.update(digest="worked out")
    PageChange.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(FILL_IN)


def test_what_was_put_right_before_the_page_kept_when_is_marked_by_the_newest_correction(cast: Cast, incident: Incident) -> None:
    wrong, other = say_publicly(cast, incident), say_publicly(cast, incident, status="identified", now=later(2))
    put_right(cast, wrong, "correction")
    newest = put_right(cast, wrong, "retraction", minutes=9)
    before = list(PublicUpdate.objects.order_by("pk").values())
    PublicUpdate.objects.update(put_right_at=None, put_right_kind="", put_right_by=None)
    fill_in()
    assert list(PublicUpdate.objects.order_by("pk").values()) == before
    marked = PublicUpdate.objects.get(code=wrong.update_of.public_id)
    assert (marked.put_right_at, marked.put_right_kind) == (later(9), "retraction")
    assert marked.put_right_by == PublicUpdate.objects.get(code=newest.public_id)
    assert PublicUpdate.objects.get(code=other.update_of.public_id).put_right_at is None
    assert (PublicIncident.objects.get().digest, PageChange.objects.count()) == ("", 1)


def test_what_is_marked_already_and_what_nobody_put_right_stay_as_they_are(cast: Cast, incident: Incident) -> None:
    wrong = say_publicly(cast, incident)
    put_right(cast, wrong, "correction")
    fill_in()
    assert (PublicIncident.objects.get().digest, PageChange.objects.count()) == ("worked out", 0)
