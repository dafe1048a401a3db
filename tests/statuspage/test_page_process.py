"""The public page over the wire: the page process itself, and nginx with the production configuration beside it."""

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from statuspage import snapshot
from statuspage.page_process.negotiation import holds, preferred_encodings
from statuspage.page_process.watching import Watcher
from tests.statuspage.serving import PAGE, ROOT, Reply, ask, nginx, nginx_binary, page_process, wait_until

LONG_AGO = b"<!doctype html><title>Long ago</title>" + b"<p>It was over soon.</p>" * 20
ARCHIVE = [
    snapshot.Drawer("incidents/ol", "a" * 16, "b" * 32, urgent=False, make=lambda: {"incidents/old0000000001.html": LONG_AGO}),
    snapshot.Drawer("history/2019-01", "c" * 16, "d" * 32, urgent=False, make=lambda: {"history/2019-01.html": LONG_AGO}),
]
LIVE = "public, max-age=10, stale-while-revalidate=60, stale-if-error=86400"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with a page, an asset and an archived incident; and the asset's address."""
    folder = tmp_path_factory.mktemp("page")
    # nginx's workers may run as another user than the tests.
    for parent in (folder, folder.parent):
        parent.chmod(0o755)
    asset = snapshot.put_static(folder, "page.css", b"body { margin: 0 }\n" * 30)
    snapshot.publish(folder, 1, PAGE, ARCHIVE)
    return folder, asset


@pytest.fixture(scope="module", params=["page process", "nginx"])
def port(request: pytest.FixtureRequest, published: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    if request.param == "nginx":
        if nginx_binary() is None:
            pytest.skip("nginx is not installed on this machine")
        with nginx(published[0], tmp_path_factory.mktemp("nginx")) as number:
            yield number
    else:
        with page_process(published[0]) as number:
            yield number


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/", "index.html"),
        ("/?from=mail", "index.html"),
        ("/index.html", "index.html"),
        ("/history", "history/index.html"),
        ("/history/", "history/index.html"),
        ("/incidents/abc123def456", "incidents/abc123def456.html"),
        ("/incidents/abc123def456/", "incidents/abc123def456.html"),
        ("/api/v2/summary.json", "api/v2/summary.json"),
        ("/history.atom", "history.atom"),
    ],
)
def test_an_address_finds_its_file(port: int, address: str, name: str) -> None:
    reply = ask(port, address)
    assert (reply.status, reply.body) == (200, PAGE[name])
    assert reply.headers["content-length"] == str(len(PAGE[name]))


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/api/v2/summary.json", "application/json; charset=utf-8"),
        ("/history.atom", "application/atom+xml; charset=utf-8"),
        ("/history.rss", "application/rss+xml; charset=utf-8"),
        ("/logo.svg", "image/svg+xml; charset=utf-8"),
        ("/favicon.ico", "image/x-icon"),
        ("/robots.txt", "text/plain; charset=utf-8"),
    ],
)
def test_a_file_is_sent_with_its_type(port: int, address: str, kind: str) -> None:
    assert ask(port, address).headers["content-type"] == kind


def test_every_answer_may_be_cached_shortly_read_by_scripts_and_embeds_nothing_foreign(port: int) -> None:
    for reply in (ask(port, "/"), ask(port, "/api/v2/summary.json"), ask(port, "/no-such-page")):
        assert reply.headers["cache-control"] == LIVE
        assert reply.headers["access-control-allow-origin"] == "*"
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["referrer-policy"] == "no-referrer"
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy


def test_no_header_tells_what_runs_where(port: int) -> None:
    for path in ("/", "/no-such-page", "/healthz"):
        headers = ask(port, path).headers
        assert headers["server"] in {"statuspage", "nginx"}
        assert not {"x-powered-by", "via", "set-cookie", "x-request-id"} & headers.keys()
        assert "/tmp" not in str(headers)  # noqa: S108 - the folder's place must not be told


def test_a_reader_that_holds_the_page_gets_304_and_no_body(port: int) -> None:
    first = ask(port, "/")
    tag = first.headers["etag"]
    assert tag.startswith('"'), "a strong tag"
    again = ask(port, "/", if_none_match=tag)
    assert (again.status, again.body) == (304, b"")
    assert (again.headers["etag"], again.headers["cache-control"]) == (tag, LIVE)
    assert ask(port, "/", if_none_match=f'"other", W/{tag}').status == 304
    assert ask(port, "/", if_none_match='"other"').status == 200


def test_head_is_get_without_the_body(port: int) -> None:
    for address in ("/", "/api/v2/summary.json", "/no-such-page"):
        got, head = ask(port, address), ask(port, address, method="HEAD")
        assert (head.status, head.body) == (got.status, b"")
        for name in ("content-length", "content-type", "cache-control", "etag"):
            assert head.headers.get(name) == got.headers.get(name), name


def test_gzip_is_sent_to_who_asks_for_it_and_differs_in_its_tag(port: int) -> None:
    plain, zipped = ask(port, "/"), ask(port, "/", accept_encoding="gzip")
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.text() == plain.body
    assert len(zipped.body) < len(plain.body)
    assert zipped.headers["etag"] != plain.headers["etag"]
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == zipped.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in ask(port, "/", accept_encoding="gzip;q=0").headers


def test_an_unknown_address_is_a_real_404_with_the_pages_own_words(port: int) -> None:
    for address in ("/no-such-page", "/incidents/none", "/history/2020", "/static/none.css", "/index.html/x"):
        reply = ask(port, address)
        assert (reply.status, reply.body) == (404, PAGE["404.html"]), address
        assert reply.headers["content-type"] == "text/html; charset=utf-8"
    zipped = ask(port, "/no-such-page", accept_encoding="gzip")
    assert (zipped.status, zipped.text()) == (404, PAGE["404.html"])


@pytest.mark.parametrize(
    "address",
    [
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/static/..%2f..%2fetc/passwd",
        "/static/../current/index.html.br",
        "/.lock",
        "/.manifest.json",
        "/current/index.html",
        "/v/1/index.html",
        "/index.html.gz",
        "/index.html.br",
        "/static/%00",
        "/archive/incidents/old0000000001.html",
        "/.archive/incidents/ol/old0000000001.html",
        "/current/.archive/incidents/ol/old0000000001.html",
        "/incidents/ol/old0000000001.html",
        "/incidents/.manifest.json",
        "/incidents/old0000000001.html.br",
        "/incidents/..%5c..%5cx",
        "/%ff%fe",
        "//etc/passwd",
    ],
)
def test_nothing_but_the_published_addresses_can_be_read(port: int, address: str) -> None:
    reply = ask(port, address)
    assert reply.status in {400, 404}, reply
    assert b"root:" not in reply.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
def test_other_methods_are_refused(port: int, method: str) -> None:
    reply = ask(port, "/", method=method)
    assert reply.status == 405
    assert reply.headers["allow"] == "GET, HEAD"
    assert reply.headers["cache-control"] == "no-store"


def test_assets_may_be_kept_for_ever(port: int, published: tuple[Path, str]) -> None:
    asset = ask(port, published[1], accept_encoding="gzip")
    assert (asset.status, asset.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert asset.headers["content-type"] == "text/css; charset=utf-8"
    assert asset.text().startswith(b"body {")


@pytest.mark.parametrize(
    "address",
    [
        "/incidents/old0000000001",
        "/incidents/old0000000001/",
        "/incidents/old0000000001.html",
        "/incidents/old0000000001?from=mail",
        "/history/2019-01",
        "/history/2019-01/",
    ],
)
def test_what_is_in_the_archive_keeps_its_address_and_its_encoded_forms(port: int, address: str) -> None:
    old, zipped = ask(port, address), ask(port, address, accept_encoding="gzip")
    assert (old.status, old.headers["cache-control"], old.headers["content-type"]) == (200, LIVE, "text/html; charset=utf-8")
    assert old.body == LONG_AGO
    assert (zipped.headers["content-encoding"], zipped.text()) == ("gzip", LONG_AGO)
    assert ask(port, address, if_none_match=old.headers["etag"]).status == 304


def test_healthz_answers(port: int) -> None:
    reply = ask(port, "/healthz")
    assert (reply.status, reply.body, reply.headers["cache-control"]) == (200, b"ok\n", "no-store")


def test_a_new_version_shows_within_two_seconds_even_at_the_same_length(port: int, published: tuple[Path, str]) -> None:
    folder, _ = published
    live = snapshot.current(folder)
    assert live is not None
    before = ask(port, "/")
    changed = PAGE["index.html"].replace(b"operational", b"OPERATIONAL")
    snapshot.publish(folder, live.seq + 1, {**PAGE, "index.html": changed}, ARCHIVE)
    assert wait_until(lambda: ask(port, "/").body == changed) < 2
    assert ask(port, "/", if_none_match=before.headers["etag"]).status == 200
    snapshot.publish(folder, live.seq + 2, PAGE, ARCHIVE)
    wait_until(lambda: ask(port, "/").body == PAGE["index.html"])


def test_nothing_published_yet_is_503_and_mends_itself(tmp_path: Path) -> None:
    folder = tmp_path / "not-there-yet"
    with page_process(folder) as port:
        reply = ask(port, "/")
        assert (reply.status, reply.headers["retry-after"], reply.headers["cache-control"]) == (503, "5", "no-store")
        assert ask(port, "/healthz").status == 200
        snapshot.publish(folder, 1, PAGE)
        wait_until(lambda: ask(port, "/").status == 200)


@pytest.mark.skipif(nginx_binary() is None, reason="nginx is not installed on this machine")
def test_nothing_published_yet_is_503_under_nginx_too(tmp_path: Path) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    tmp_path.chmod(0o755)
    tmp_path.parent.chmod(0o755)
    scratch = tmp_path / "nginx"
    scratch.mkdir()
    with nginx(folder, scratch) as port:
        reply = ask(port, "/")
        assert (reply.status, reply.headers["retry-after"], reply.headers["cache-control"]) == (503, "5", "no-store")


def test_brotli_is_preferred_where_the_reader_takes_both(published: tuple[Path, str]) -> None:
    with page_process(published[0]) as port:
        reply = ask(port, "/", accept_encoding="gzip, deflate, br, zstd")
        assert (reply.headers["content-encoding"], reply.text()) == ("br", PAGE["index.html"])
        assert ask(port, "/", accept_encoding="br;q=0.1, gzip").headers["content-encoding"] == "gzip"


def test_it_starts_without_django_and_refuses_to_start_without_a_folder() -> None:
    code = (
        "import sys, statuspage.page_process, statuspage.snapshot; "
        "print([name for name in sys.modules if name.startswith(('django', 'psycopg'))])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={}, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "granian", "--interface", "rsgi", "--port", number, "statuspage.page_process:app"]
    refused = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, timeout=20, check=False)
    assert refused.returncode != 0
    assert "STATUSPAGE_DIR" in refused.stdout + refused.stderr


@pytest.mark.parametrize(
    "damage",
    ["missing file", "other bytes", "missing encoded form", "no manifest", "unreadable manifest", "no version"],
)
def test_a_version_that_is_not_whole_is_ignored_and_the_one_before_kept(tmp_path: Path, damage: str) -> None:
    snapshot.publish(tmp_path, 1, PAGE)
    watcher = Watcher(tmp_path)
    watcher.look(0.0)
    version = snapshot.publish(tmp_path, 2, {**PAGE, "index.html": b"<!doctype html>" + b"two " * 100}).path
    manifest = version / ".manifest.json"
    match damage:
        case "missing file":
            (version / "history.atom").unlink()
        case "other bytes":
            (version / "index.html").write_bytes(b"torn")
        case "missing encoded form":
            (version / "index.html.br").unlink()
        case "no manifest":
            manifest.unlink()
        case "unreadable manifest":
            manifest.write_text(json.dumps([1]))
        case "no version":
            shutil.rmtree(version)
    watcher.look(1.0)
    assert watcher.version is not None
    assert watcher.version.seq == 1
    started_now = Watcher(tmp_path)
    started_now.look(0.0)
    assert started_now.version is not None
    assert started_now.version.seq == 1, "a process started now falls back to the newest whole version"
    snapshot.publish(tmp_path, 3, PAGE)
    watcher.look(1.1)
    assert watcher.version.seq == 3


def test_a_passing_fault_of_the_disk_is_got_over(tmp_path: Path) -> None:
    version = snapshot.publish(tmp_path, 1, PAGE).path
    (version / "index.html").rename(version / "away")
    watcher = Watcher(tmp_path)
    watcher.look(0.0)
    assert watcher.version is None
    (version / "away").rename(version / "index.html")
    watcher.look(1.0)
    assert watcher.version is None, "not read again at every look"
    watcher.look(3.0)
    assert watcher.version is not None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, ("identity",)),
        ("", ("identity",)),
        ("gzip", ("gzip", "identity")),
        ("gzip, deflate, br", ("br", "gzip", "identity")),
        ("br;q=0.5, gzip;q=0.8", ("gzip", "br", "identity")),
        ("br;q=0, *", ("gzip", "identity")),
        ("*", ("br", "gzip", "identity")),
        ("*;q=0", ("identity",)),
        ("identity;q=0, gzip;q=0", ("identity",)),
        ("identity, gzip;q=0.5", ("identity", "gzip")),
        ("GZIP ; Q=1.000", ("gzip", "identity")),
        ("gzip;q=high", ("identity",)),
        ("x-gzip", ("gzip", "identity")),
        ("gzip," * 1000, ("identity",)),
    ],
)
def test_accept_encoding_is_read_with_its_weights(header: str | None, expected: tuple[str, ...]) -> None:
    assert preferred_encodings(header) == expected


def test_if_none_match_is_compared_weakly() -> None:
    assert holds('W/"a"', '"a"')
    assert holds('"b" , "a"', '"a"')
    assert holds("*", '"a"')
    assert not holds('"ab"', '"a"')


@pytest.mark.slow
def test_while_versions_are_swapped_every_answer_is_wholly_one_version(tmp_path: Path) -> None:
    def marked(seq: int) -> dict[str, bytes]:
        mark = b"%06d " % seq
        return {"index.html": mark * 3000, "api/v2/summary.json": mark * 500}

    snapshot.publish(tmp_path, 1, marked(1))
    done = threading.Event()
    replies: list[Reply] = []
    failures: list[OSError] = []

    def read(port: int) -> None:
        paths = ("/", "/api/v2/summary.json")
        while not done.is_set():
            try:
                turn = len(replies)
                replies.append(ask(port, paths[turn % 2], accept_encoding=("br", "gzip", "identity")[turn % 3]))
            except OSError as error:
                failures.append(error)

    with page_process(tmp_path) as port:
        readers = [threading.Thread(target=read, args=(port,)) for _ in range(2)]
        for reader in readers:
            reader.start()
        for seq in range(2, 62):
            snapshot.publish(tmp_path, seq, marked(seq))
            time.sleep(0.02)
        wait_until(lambda: bool(replies) and replies[-1].text().startswith(b"000061"))
        done.set()
        for reader in readers:
            reader.join()
    assert failures == []
    assert {reply.status for reply in replies} == {200}
    assert all(len(set(reply.text().split())) == 1 for reply in replies)
    assert len({reply.text()[:6] for reply in replies}) > 10, "the reader saw the versions change"
