"""The archive: settled pages are written once, come and go with the version that names them, and nothing stale is ever under a name."""

import importlib
import multiprocessing
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command

from approvals.models import Release
from catalogue.rules.status import ComponentStatus
from incidents.models import Incident
from incidents.services import change_incident
from statuspage import snapshot
from statuspage.models import PageChange, PublicIncident
from statuspage.queries import incident_records
from statuspage.services import publish_if_needed, publish_snapshot
from statuspage.snapshot import archive, publishing, staging
from tests.statuspage.acts import later, live, published, say_publicly
from tests.statuspage.test_put_right import put_right
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component, make_incident

# The package offers the function of the same name.
service = importlib.import_module("statuspage.services.publish_snapshot")
FRONT = {"index.html": b"<!doctype html>"}
TEXT = b"<!doctype html>" + b"It is over. " * 60


def drawer(
    name: str = "incidents/k3v9x2m7q1w8.html",
    *,
    content: str = "1" * 32,
    members: str = "a" * 16,
    urgent: bool = False,
    text: bytes = TEXT,
) -> snapshot.Drawer:
    return snapshot.Drawer(snapshot.drawer_of(name), members, content, urgent, lambda: {name: text})


def never(*_: object) -> dict[str, bytes]:
    raise AssertionError("written again")


def archived(target: Path, name: str = "incidents/k3/k3v9x2m7q1w8.html") -> Path:
    return target / "current" / ".archive" / name


def test_a_drawer_is_written_once_with_its_encoded_forms_and_shared_by_versions(tmp_path: Path) -> None:
    snapshot.publish(tmp_path, 1, FRONT, [drawer()])
    first = archived(tmp_path)
    assert first.read_bytes() == TEXT
    assert (first.with_name(first.name + ".br")).exists()
    before = first.stat()
    again = snapshot.Drawer("incidents/k3", "a" * 16, "1" * 32, urgent=True, make=never)
    snapshot.publish(tmp_path, 2, FRONT, [again])
    assert archived(tmp_path).stat() == before
    assert len(list((tmp_path / "archive" / "roots").iterdir())) == 1


def test_a_drawer_written_anew_takes_its_unchanged_pages_over(tmp_path: Path) -> None:
    same, news = "incidents/k3same000000.html", "incidents/k3news000000.html"
    before = snapshot.Drawer("incidents/k3", "a" * 16, "1" * 32, urgent=False, make=lambda: {same: TEXT, news: TEXT})
    after = snapshot.Drawer("incidents/k3", "a" * 16, "2" * 32, urgent=False, make=lambda: {same: TEXT, news: TEXT.upper()})
    snapshot.publish(tmp_path, 1, FRONT, [before])
    old = {name: archived(tmp_path, name.replace("/", "/k3/")).stat() for name in (same, news)}
    snapshot.publish(tmp_path, 2, FRONT, [after])
    fresh = {name: archived(tmp_path, name.replace("/", "/k3/")).stat() for name in (same, news)}
    assert fresh[same].st_ino == old[same].st_ino
    # nginx makes its entity tag of time and size alone.
    assert int(fresh[news].st_mtime) > int(old[news].st_mtime)


def test_a_page_that_is_no_longer_named_is_gone_with_the_swap_and_the_old_version_keeps_it(tmp_path: Path) -> None:
    first = snapshot.publish(tmp_path, 1, FRONT, [drawer()]).path
    snapshot.publish(tmp_path, 2, FRONT, [])
    assert not archived(tmp_path).exists()
    assert (first / ".archive" / "incidents" / "k3" / "k3v9x2m7q1w8.html").exists()


def test_past_its_patience_a_publication_lends_old_looks_and_writes_what_is_urgent_or_lost_a_page(tmp_path: Path) -> None:
    names = [f"incidents/{start}v9x2m7q1w8.html" for start in ("aa", "bb", "cc", "dd", "ee")]
    snapshot.publish(tmp_path, 1, FRONT, [drawer(name, text=b"old") for name in names])
    wanted = [drawer(name, content="2" * 32, text=b"new", urgent=name == names[3]) for name in names[:4]]
    wanted.append(drawer(names[4], content="2" * 32, members="b" * 16, text=b"new"))
    published = snapshot.publish(tmp_path, 2, FRONT, wanted, patience=0)
    shown = [archived(tmp_path, name.replace("/", f"/{name[10:12]}/")).read_bytes() for name in names]
    assert (published.behind, shown) == (3, [b"old", b"old", b"old", b"new", b"new"])
    behind = [snapshot.publish(tmp_path, seq, FRONT, wanted, patience=0).behind for seq in (3, 4, 5, 6)]
    assert behind == [2, 1, 0, 0], "each publication gets on by one at least"


def test_what_no_kept_version_needs_is_swept_once_it_is_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "KEPT_VERSIONS", 2)
    for seq in range(1, 6):
        snapshot.publish(tmp_path, seq, FRONT, [drawer(content=str(seq) * 32)])
    assert len(list((tmp_path / "archive" / "drawers").iterdir())) == 5, "the young may be another writer's"
    for folder in ("drawers", "roots"):
        for entry in (tmp_path / "archive" / folder).iterdir():
            os.utime(entry, (time.time() - 7200,) * 2)
    snapshot.publish(tmp_path, 6, FRONT, [drawer(content="5" * 32)])
    assert {entry.name[-1] for entry in (tmp_path / "archive" / "drawers").iterdir()} == {"5"}
    assert len(list((tmp_path / "archive" / "roots").iterdir())) == 1
    assert archived(tmp_path).read_bytes() == TEXT


def test_a_drawer_swept_while_it_was_chosen_is_found_missing_before_the_swap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot.publish(tmp_path, 1, FRONT, [drawer()])
    real = staging.fill

    def swept(*arguments: object, **named: object) -> object:
        (swept_away,) = (tmp_path / "archive" / "drawers").glob("*" + "2" * 32)
        staging.discard(swept_away)
        return real(*arguments, **named)  # type: ignore[arg-type]  # passed through as it came

    monkeypatch.setattr("statuspage.snapshot.publishing.fill", swept)
    with pytest.raises(snapshot.SnapshotBusy):
        snapshot.publish(tmp_path, 2, FRONT, [drawer(content="2" * 32)])
    assert archived(tmp_path).read_bytes() == TEXT


def _publish_and_die(target: Path, where: str) -> None:
    setattr(archive, where, lambda *_, **__: os._exit(9))
    snapshot.publish(target, 2, FRONT, [drawer(content="2" * 32, text=b"new")])


@pytest.mark.parametrize("where", ["fill", "_name", "_root", "flush_folder"])
def test_a_writer_killed_in_the_archive_leaves_the_page_as_it_was_and_the_next_one_cleans_up(tmp_path: Path, where: str) -> None:
    snapshot.publish(tmp_path, 1, FRONT, [drawer()])
    writer = multiprocessing.get_context("fork").Process(target=_publish_and_die, args=(tmp_path, where))
    writer.start()
    writer.join()
    assert writer.exitcode == 9
    assert archived(tmp_path).read_bytes() == TEXT
    snapshot.publish(tmp_path, 3, FRONT, [drawer(content="2" * 32, text=b"new")])
    assert archived(tmp_path).read_bytes() == b"new"
    assert not list((tmp_path / "v").glob(".staging-*"))


@pytest.mark.parametrize("name", ["about.html", "api/v2/x.json", "incidents/x.html", "incidents/a/b.html", "incidents/../up.html"])
def test_only_files_with_a_drawer_are_archived(name: str) -> None:
    with pytest.raises(snapshot.BadName):
        snapshot.drawer_of(name)


def test_a_page_made_for_another_drawer_is_refused(tmp_path: Path) -> None:
    wrong = snapshot.Drawer("incidents/zz", "a" * 16, "1" * 32, urgent=True, make=lambda: {"incidents/k3v9.html": TEXT})
    with pytest.raises(snapshot.BadName, match="does not belong"):
        snapshot.publish(tmp_path, 1, FRONT, [wrong])
    assert snapshot.current(tmp_path) is None


# From the projection.


def page_of(incident: Incident) -> str:
    """The settled page in the live version's archive; empty where it has none."""
    file = live() / ".archive" / "incidents" / incident.public_id[:2] / f"{incident.public_id}.html"
    return file.read_text() if file.exists() else ""


@pytest.fixture
def closed(folder: Path, cast: Cast) -> Incident:
    """An incident that is over, with a component, on a page that shows it."""
    cards = make_component(key="cards", name="Cards")
    incident = make_incident(actor=cast.actor("commander"))
    say_publicly(cast, incident, components=[(cards, ComponentStatus.PARTIAL_OUTAGE)])
    published(later(1))
    assert (live() / "incidents" / f"{incident.public_id}.html").exists()
    say_publicly(cast, incident, status="resolved", now=later(9))
    published(later(10))
    return incident


@pytest.mark.django_db
def test_an_incident_moves_into_the_archive_when_it_closes(closed: Incident) -> None:
    assert not (live() / "incidents" / f"{closed.public_id}.html").exists()
    assert "Cards" in page_of(closed)
    assert "Confirmed" not in page_of(closed)


@pytest.mark.django_db
def test_a_closed_incident_that_is_restricted_leaves_at_once_however_much_waits(closed: Incident, cast: Cast) -> None:
    assert page_of(closed)
    change_incident(actor=cast.actor("commander"), now=later(3000), incident_id=closed.pk, restricted=True)
    publish_snapshot(now=later(3001), patience=0)
    assert page_of(closed) == ""
    change_incident(
        actor=cast.actor("commander", stepped_up=True, now=later(3002)), now=later(3002), incident_id=closed.pk, restricted=False
    )
    publish_snapshot(now=later(3003), patience=0)
    assert "Cards" in page_of(closed)


@pytest.mark.django_db
def test_a_month_moves_into_the_archive_when_it_is_over(closed: Incident) -> None:
    assert (live() / "history" / "2026-03.html").exists()
    published(NOW + timedelta(days=40))
    assert not (live() / "history" / "2026-03.html").exists()
    text = (live() / ".archive" / "history" / "2026-03" / "2026-03.html").read_text()
    assert f'href="/incidents/{closed.public_id}"' in text


@pytest.mark.django_db
def test_confirming_makes_no_settled_page_again(closed: Incident, monkeypatch: pytest.MonkeyPatch) -> None:
    published(NOW + timedelta(days=40))
    monkeypatch.setattr(service, "read_settled", never)
    published(NOW + timedelta(days=41))
    assert page_of(closed)


@pytest.mark.django_db
def test_another_look_is_given_to_all_settled_pages_bit_by_bit(closed: Incident, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    at = NOW + timedelta(days=40)
    published(at)
    monkeypatch.setattr(service, "look_of", lambda *_, **__: "another")
    first = publish_snapshot(now=at, patience=0)
    assert first.behind == 1
    assert page_of(closed)
    assert PageChange.objects.exists(), "so that the next tick goes on"
    assert publish_if_needed(now=at) is not None
    assert not PageChange.objects.exists()


@pytest.mark.django_db
def test_what_changes_while_the_archive_is_written_is_read_again(closed: Incident, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    real = service.files_of
    seen: list[int] = []

    def overtaken(*args: object, **named: object) -> object:
        if not seen:
            change_incident(actor=cast.actor("commander"), now=later(31), incident_id=closed.pk, restricted=True)
        seen.append(1)
        return real(*args, **named)

    monkeypatch.setattr(service, "files_of", overtaken)
    monkeypatch.setattr(service, "look_of", lambda *_, **__: "another")
    published(later(32))
    assert (page_of(closed), len(seen)) == ("", 2)


@pytest.mark.django_db
def test_the_digest_that_stands_with_an_incident_is_that_of_what_was_said(closed: Incident) -> None:
    (record,) = incident_records(PublicIncident.objects.all())
    shown = PublicIncident.objects.get()
    assert (shown.digest, shown.component_codes) == (record.digest(), ",".join(record.affected_codes()))
    PublicIncident.objects.update(digest="")
    call_command("publish_page")
    assert PublicIncident.objects.get().digest == record.digest()


@pytest.mark.django_db
def test_a_correction_of_a_closed_incident_marks_its_settled_page(closed: Incident, cast: Cast) -> None:
    wrong = Release.objects.earliest("pk")
    put_right(cast, wrong, "retraction", minutes=60)
    published(later(61))
    assert "Taken back" in page_of(closed)
    (record,) = incident_records(PublicIncident.objects.all())
    assert PublicIncident.objects.get().digest == record.digest()
