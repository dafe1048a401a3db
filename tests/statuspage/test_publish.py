"""The publisher: projection to files, numbered, recorded, confirmed again, and never holding the internal."""

import secrets
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from catalogue.rules.status import ComponentStatus
from catalogue.services import create_group, set_component_status
from incidents.services import add_timeline, change_incident
from statuspage import snapshot
from statuspage.models import PageChange, PageState
from statuspage.queries import read_projection, settled_drawers
from statuspage.services import publish_if_needed, publish_snapshot
from tests.statuspage.acts import TITLE, body_of, later, live, published, say_publicly
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component, make_incident

pytestmark = pytest.mark.django_db


def entries() -> list[str]:
    return list(Entry.objects.filter(type="page.published").values_list("actor", flat=True))


def test_an_empty_page_says_that_all_is_well(folder: Path) -> None:
    version = published()
    assert b"All systems operational" in (version / "index.html").read_bytes()
    assert body_of(version, "status")["status"] == {"indicator": "none", "description": "All Systems Operational"}
    assert {path.name for path in version.glob("history.*")} >= {"history.atom", "history.rss"}


def test_the_page_tells_the_incident_its_promise_and_its_components(folder: Path, cast: Cast) -> None:
    cards = make_component(name="Cards", group=create_group(actor=cast.actor("admin"), now=NOW, name="Payments"))
    incident = make_incident(actor=cast.actor("commander"))
    say_publicly(cast, incident, components=[(cards, ComponentStatus.PARTIAL_OUTAGE)])
    page = (published(later(5)) / "index.html").read_text()
    assert TITLE in page
    assert "fails for <strong>some</strong> customers" in page
    assert 'data-due="2026-03-02T14:30:00Z"' in page
    assert "Next update by" in page
    assert "Partial outage" in page
    assert f'href="/incidents/{incident.public_id}"' in page
    assert (live() / "incidents" / f"{incident.public_id}.html").exists()
    assert TITLE in (live() / "history" / "2026-03.html").read_text()


def test_a_promise_that_has_passed_is_said_to_have_passed(folder: Path, cast: Cast) -> None:
    say_publicly(cast, make_incident(actor=cast.actor("commander")), minutes=30)
    assert "The next update was due by" in (published(later(31)) / "index.html").read_text()


def test_markup_in_wording_is_text_and_its_images_and_scripts_are_gone(folder: Path, cast: Cast) -> None:
    body = "<script>alert(1)</script> ![x](https://evil.example/p.png) [go](javascript:alert(2)) <b onclick=x>b</b>"
    say_publicly(cast, make_incident(actor=cast.actor("commander")), title="<i>Title</i>", body=body)
    version = published()
    for name in ("index.html", "history/index.html"):
        page = (version / name).read_text()
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "<i>Title" not in page
        assert 'href="javascript' not in page
        assert "<b onclick" not in page


def test_each_publication_has_a_higher_number_and_an_entry_only_for_new_content(folder: Path, cast: Cast) -> None:
    first = publish_snapshot(now=NOW)
    again = publish_snapshot(now=later(1))
    assert (first.changed, again.changed, again.seq) == (True, False, first.seq + 1)
    assert entries() == ["system:publisher"]
    make_component(name="Cards")
    assert publish_snapshot(now=later(2)).changed
    assert len(entries()) == 2
    state = PageState.objects.get()
    assert (state.shown_seq, state.shown_at, state.content_changed_at) == (first.seq + 2, later(2), later(2))


def test_the_tick_publishes_what_waits_and_confirms_every_sixty_seconds(folder: Path) -> None:
    assert publish_if_needed(now=NOW) is not None
    assert publish_if_needed(now=NOW + timedelta(seconds=59)) is None
    make_component(name="Cards")
    assert publish_if_needed(now=NOW + timedelta(seconds=59)) is not None
    assert publish_if_needed(now=NOW + timedelta(seconds=61)) is None
    assert publish_if_needed(now=NOW + timedelta(seconds=119)) is not None


def test_confirming_rewrites_only_what_carries_the_instant(folder: Path, cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"))
    say_publicly(cast, incident)
    say_publicly(cast, incident, status="resolved", now=later(9))
    before, after = contents(published(later(10))), contents(published(later(11)))
    assert before.keys() == after.keys()
    assert {str(name) for name in after if before[name] != after[name]} == {"index.html"}


def contents(version: Path) -> dict[Path, bytes]:
    return {path.relative_to(version): path.read_bytes() for path in files_of(version)}


def files_of(version: Path) -> list[Path]:
    return [path for path in version.rglob("*") if path.is_file() and path.suffix not in {".gz", ".br"} and path.name[0] != "."]


def test_a_failed_publication_leaves_the_page_and_what_waits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seq = publish_snapshot(now=NOW).seq
    make_component(name="Cards")

    def full(*args: object, **named: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(snapshot, "publish", full)
        with pytest.raises(OSError, match="No space"):
            publish_if_needed(now=later(1))
    found = snapshot.current(folder)
    assert found is not None
    assert found.seq == seq
    assert PageChange.objects.exists()
    assert publish_if_needed(now=later(1)) is not None
    assert not PageChange.objects.exists()


def test_a_folder_ahead_of_a_restored_database_is_continued_from(folder: Path) -> None:
    published()
    PageState.objects.update(seq=0, shown_seq=0)
    snapshot.publish(folder, 500, {"index.html": b"from before the restore"})
    assert publish_snapshot(now=later(1)).seq == 501
    assert b"All systems operational" in (live() / "index.html").read_bytes()


def test_reading_the_projection_takes_as_many_queries_for_many_incidents_as_for_one(folder: Path, cast: Cast) -> None:
    cards = make_component(name="Cards")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            read_projection(NOW)
            settled_drawers(NOW)
        return len(captured)

    say_publicly(cast, make_incident(actor=cast.actor("commander")), components=[(cards, ComponentStatus.PARTIAL_OUTAGE)])
    few = queries()
    for number in range(1, 4):
        incident = make_incident(actor=cast.actor("commander"))
        say_publicly(cast, incident, components=[(cards, ComponentStatus.PARTIAL_OUTAGE)], now=later(number))
    assert queries() == few <= 15


def test_the_command_publishes_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("publish_page")
    assert capsys.readouterr().out == "published seq=1\n"
    assert (live() / "index.html").exists()


def test_nothing_private_is_in_any_file_of_a_version(folder: Path, cast: Cast) -> None:
    canary = f"canary{secrets.token_hex(8)}"
    commander = cast.actor("commander")
    hidden = make_component(key=canary, name=f"Hidden {canary}", is_public=False)
    cards = make_component(key=f"{canary}-cards", name="Cards")
    incident = make_incident(actor=commander, title=f"Title {canary}", severity="SEV2", category="database", components=[hidden, cards])
    add_timeline(actor=commander, now=NOW, incident=incident, kind="note", text=f"Note {canary}")
    parts = [(cards, ComponentStatus.MAJOR_OUTAGE), (hidden, ComponentStatus.MAJOR_OUTAGE)]
    say_publicly(cast, incident, components=parts)
    gone = make_incident(actor=commander, title=f"Gone {canary}")
    say_publicly(cast, gone, title=f"Withdrawn {canary}", body=f"Withdrawn {canary}")
    change_incident(actor=commander, now=later(1), incident_id=gone.pk, restricted=True)
    say_publicly(cast, make_incident(actor=commander, title=canary), title=canary, body=canary, audiences=("internal",), now=later(2))
    version = published(later(3))
    texts = {path: path.read_bytes() for path in files_of(version)}
    assert any(TITLE.encode() in text for text in texts.values())
    for path, text in texts.items():
        for secret in (canary, "SEV2", "security", "internal", str(gone.public_id), "5xx above"):
            assert secret.encode() not in text, f"{secret} in {path}"
        for person in ("commander", "techlead", "comms@", "Comms"):
            assert person.encode() not in text, f"{person} in {path}"


def test_a_component_change_is_shown_by_the_next_tick(folder: Path, cast: Cast) -> None:
    cards = make_component(name="Cards")
    publish_if_needed(now=NOW)
    set_component_status(actor=cast.actor("commander"), now=later(0.5), component=cards, status="major_outage")
    publish_if_needed(now=later(0.5))
    assert body_of(live(), "components")["components"][0]["status"] == "major_outage"
