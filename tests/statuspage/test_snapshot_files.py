"""Publishing a version: whole or not at all, never backwards, whatever dies in between."""

import gzip
import multiprocessing
import os
import time
from pathlib import Path

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage import snapshot
from statuspage.snapshot import publishing, staging
from statuspage.snapshot.disk import write_new
from statuspage.snapshot.locks import target_lock
from statuspage.snapshot.names import check_names
from tests.statuspage.serving import PAGE

TEXT = b"<!doctype html>" + b"All systems operational. " * 40


def page(seq: int) -> dict[str, bytes]:
    return {**PAGE, "index.html": f"<!doctype html><p>version {seq}</p>".encode() + b"." * 400}


def leftovers(target: Path) -> list[str]:
    return [path.name for folder in (target, target / "v") for path in folder.glob(".*") if path.name != ".lock"]


def test_nothing_is_live_before_the_first_publication(tmp_path: Path) -> None:
    assert snapshot.current(tmp_path) is None
    assert snapshot.current(tmp_path / "missing") is None


def test_a_published_version_is_live_and_holds_every_file(tmp_path: Path) -> None:
    published = snapshot.publish(tmp_path / "page", 7, PAGE)
    assert published == snapshot.Published(True, 7, 7, tmp_path / "page" / "v" / "7")
    assert snapshot.current(tmp_path / "page") == (7, published.path)
    assert (tmp_path / "page" / "current").readlink() == Path("v/7")
    for name, content in PAGE.items():
        assert (tmp_path / "page" / "current" / name).read_bytes() == content
    assert leftovers(tmp_path / "page") == []


def test_precompressed_forms_stand_beside_each_file_and_say_the_same(tmp_path: Path) -> None:
    path = snapshot.publish(tmp_path, 1, {"index.html": TEXT, "tiny.txt": b"a", "logo.png": TEXT}).path
    assert gzip.decompress((path / "index.html.gz").read_bytes()) == TEXT
    assert brotli.decompress((path / "index.html.br").read_bytes()) == TEXT
    assert not (path / "tiny.txt.gz").exists(), "a form that is no smaller helps nobody"
    assert not (path / "logo.png.gz").exists(), "a picture is compressed already"


def test_a_late_worker_cannot_put_an_older_page_back(tmp_path: Path) -> None:
    snapshot.publish(tmp_path, 5, page(5))
    late = snapshot.publish(tmp_path, 4, page(4))
    assert not late.applied
    assert (late.live_seq, late.path) == (5, tmp_path / "v" / "5")
    assert b"version 5" in (tmp_path / "current" / "index.html").read_bytes()
    assert not (tmp_path / "v" / "4").exists()


def test_the_number_is_compared_when_applied_not_when_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real_fill = staging.fill

    def overtaken(*arguments: object, **named: object) -> object:
        monkeypatch.setattr(publishing, "fill", real_fill)
        snapshot.publish(tmp_path, 9, page(9))
        return real_fill(*arguments, **named)  # type: ignore[arg-type]  # passed through as it came

    monkeypatch.setattr(publishing, "fill", overtaken)
    assert not snapshot.publish(tmp_path, 8, page(8)).applied
    assert snapshot.current(tmp_path) == (9, tmp_path / "v" / "9")
    assert leftovers(tmp_path) == []


def test_the_same_number_twice_applies_the_first(tmp_path: Path) -> None:
    snapshot.publish(tmp_path, 3, {"index.html": b"first"})
    assert not snapshot.publish(tmp_path, 3, {"index.html": b"second"}).applied
    assert (tmp_path / "current" / "index.html").read_bytes() == b"first"


def test_the_last_twenty_versions_are_kept_and_the_live_one_among_them(tmp_path: Path) -> None:
    for seq in range(1, 25):
        snapshot.publish(tmp_path, seq, {"index.html": b"%d" % seq})
    assert sorted(int(entry.name) for entry in (tmp_path / "v").iterdir()) == list(range(5, 25))
    assert snapshot.current(tmp_path) == (24, tmp_path / "v" / "24")


def test_unchanged_files_keep_their_time_and_changed_ones_always_get_a_later_second(tmp_path: Path) -> None:
    first = snapshot.publish(tmp_path, 1, page(1)).path
    second = snapshot.publish(tmp_path, 2, page(2)).path
    assert (second / "404.html.br").stat().st_ino == (first / "404.html.br").stat().st_ino
    assert int((second / "index.html").stat().st_mtime) > int((first / "index.html").stat().st_mtime)


def test_a_damaged_file_of_the_previous_version_is_written_anew(tmp_path: Path) -> None:
    first = snapshot.publish(tmp_path, 1, page(1)).path
    (first / "404.html").write_bytes(b"damaged")
    second = snapshot.publish(tmp_path, 2, page(2)).path
    assert (second / "404.html").read_bytes() == PAGE["404.html"]
    assert (first / "404.html").read_bytes() == b"damaged", "a version is never changed in place"


def test_what_reads_back_differently_is_not_put_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot.publish(tmp_path, 1, page(1))
    real_write = write_new

    def faulty_disk(path: Path, content: bytes, *, modified: int | None = None) -> None:
        real_write(path, content[:-1] if path.name == "index.html" else content, modified=modified)

    monkeypatch.setattr("statuspage.snapshot.staging.write_new", faulty_disk)
    with pytest.raises(snapshot.SnapshotDamaged, match=r"index\.html"):
        snapshot.publish(tmp_path, 2, page(2))
    assert snapshot.current(tmp_path) == (1, tmp_path / "v" / "1")
    assert leftovers(tmp_path) == []


def _publish_and_die(target: Path, where: str) -> None:
    setattr(publishing, where, lambda *_, **__: os._exit(9))
    snapshot.publish(target, 2, page(2))


@pytest.mark.parametrize("where", ["fill", "discard", "point_at", "_prune"])
def test_a_writer_killed_at_any_step_leaves_a_whole_page_and_the_next_one_cleans_up(tmp_path: Path, where: str) -> None:
    snapshot.publish(tmp_path, 1, page(1))
    if where == "discard":  # reached only when a version with that number was left behind before
        (tmp_path / "v" / "2").mkdir()
    writer = multiprocessing.get_context("fork").Process(target=_publish_and_die, args=(tmp_path, where))
    writer.start()
    writer.join()
    assert writer.exitcode == 9
    live = snapshot.current(tmp_path)
    assert live is not None
    assert live.seq == (2 if where == "_prune" else 1)
    assert f"version {live.seq}".encode() in (tmp_path / "current" / "index.html").read_bytes()
    assert snapshot.publish(tmp_path, 3, page(3)).applied
    assert leftovers(tmp_path) == []


def test_the_number_a_killed_writer_meant_can_be_published_again(tmp_path: Path) -> None:
    (tmp_path / "v" / "2").mkdir(parents=True)
    (tmp_path / "v" / "2" / "index.html").write_bytes(b"half")
    assert snapshot.publish(tmp_path, 2, page(2)).applied
    assert b"version 2" in (tmp_path / "current" / "index.html").read_bytes()


def _publish_numbers(target: Path, numbers: range) -> None:
    for seq in numbers:
        snapshot.publish(target, seq, page(seq))


def test_two_writers_at_once_never_go_backwards(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_publish_numbers, args=(tmp_path, numbers)) for numbers in (range(1, 60, 2), range(2, 60, 2))]
    for writer in writers:
        writer.start()
    seen = []
    while any(writer.is_alive() for writer in writers):
        live = snapshot.current(tmp_path)
        seen.append(live.seq if live else 0)
        time.sleep(0.001)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert seen == sorted(seen)
    assert snapshot.current(tmp_path) == (59, tmp_path / "v" / "59")
    assert leftovers(tmp_path) == []


def test_a_lock_held_too_long_is_reported_and_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot.publish(tmp_path, 1, page(1))
    monkeypatch.setattr(publishing, "_LOCK_TIMEOUT_SECONDS", 0.05)
    with target_lock(tmp_path, timeout=1), pytest.raises(snapshot.SnapshotBusy):
        snapshot.publish(tmp_path, 2, page(2))
    assert snapshot.current(tmp_path) == (1, tmp_path / "v" / "1")


@pytest.mark.parametrize(
    "name",
    [
        "../up.html",
        "/etc/passwd",
        "a//b",
        "",
        ".hidden",
        "a/.manifest.json",
        "a/../b",
        "x.gz",
        "x.br",
        "a b",
        "a\nb",
        "static/x.css",
    ],
)
def test_names_no_host_could_serve_safely_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(snapshot.BadName):
        snapshot.publish(tmp_path, 1, {"index.html": b"x", name: b"x"})
    assert snapshot.current(tmp_path) is None


def test_a_file_cannot_also_be_a_folder_and_the_entry_page_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(snapshot.BadName, match="folder"):
        snapshot.publish(tmp_path, 1, {"index.html": b"", "history": b"", "history/index.html": b""})
    with pytest.raises(snapshot.BadName, match=r"index\.html"):
        snapshot.publish(tmp_path, 1, {"about.html": b""})


@given(st.text(max_size=30))
def test_whatever_name_is_accepted_stays_inside_the_folder(name: str) -> None:
    try:
        check_names(["index.html", name])
    except snapshot.BadName:
        return
    assert os.path.normpath(f"/srv/v/1/{name}").startswith("/srv/v/1/")


def test_an_asset_is_named_by_its_content_and_written_once(tmp_path: Path) -> None:
    address = snapshot.put_static(tmp_path, "page.css", TEXT)
    assert address.startswith("/static/page.")
    assert address.endswith(".css")
    written = tmp_path / address.removeprefix("/")
    before = written.stat()
    assert snapshot.put_static(tmp_path, "page.css", TEXT) == address
    assert written.stat() == before
    assert snapshot.put_static(tmp_path, "page.css", TEXT + b"2") != address
    assert gzip.decompress(written.with_name(written.name + ".gz").read_bytes()) == TEXT
