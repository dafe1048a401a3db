"""Real servers on a snapshot folder, and a client that shows exactly what came over the wire."""

import gzip
import http.client
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import brotli

ROOT = Path(__file__).resolve().parents[2]
NGINX_CONF = ROOT / "deploy" / "nginx" / "statuspage.conf"
PAGE = {
    "index.html": b"<!doctype html><title>Acme status</title>" + b"<p>All systems operational</p>" * 20,
    "404.html": b"<!doctype html><title>Not here</title><p>There is no such page.</p>" + b"<p>.</p>" * 40,
    "history/index.html": b"<!doctype html><title>History</title>",
    "incidents/abc123def456.html": b"<!doctype html><title>Checkout errors</title>",
    "api/v2/summary.json": b'{"status": {"indicator": "none"}, "padding": "' + b"x" * 400 + b'"}',
    "history.atom": b"<?xml version='1.0'?><feed/>",
    "history.rss": b"<?xml version='1.0'?><rss/>",
    "logo.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "favicon.ico": b"\0\0\1\0",
    "robots.txt": b"User-agent: *\n",
}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    def text(self) -> bytes:
        """The body with its content encoding undone."""
        match self.headers.get("content-encoding"):
            case "gzip":
                return gzip.decompress(self.body)
            case "br":
                return bytes(brotli.decompress(self.body))
            case None:
                return self.body
            case other:
                raise AssertionError(f"unknown content encoding {other!r}")


def ask(port: int, path: str, *, method: str = "GET", **headers: str) -> Reply:
    """One request, with nothing added and the path sent as given; header names are written with underscores."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        response = connection.getresponse()
        return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def page_process(folder: Path) -> Iterator[int]:
    """The page process on `folder`; yields its port. Its environment holds nothing that names a database or Django."""
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "STATUSPAGE_DIR": str(folder)}
    command = [sys.executable, "-m", "granian", "--interface", "rsgi", "--host", "127.0.0.1", "--port", str(port)]
    with _running([*command, "--no-ws", "statuspage.page_process:app"], environment, port):
        yield port


@contextmanager
def nginx(folder: Path, scratch: Path) -> Iterator[int]:
    """nginx with the production configuration on `folder`; yields its port."""
    port = free_port()
    conf = NGINX_CONF.read_text().replace("listen 8001;", f"listen 127.0.0.1:{port};")
    conf = re.sub(r"root /srv/statuspage;", f"root {folder};", conf)
    # The workers must reach a folder that belongs to whoever runs the tests.
    user = f"user {_user_name()};" if os.geteuid() == 0 else ""
    temporary = " ".join(f"{kind}_temp_path {scratch};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    main = scratch / "nginx.conf"
    main.write_text(
        f"{user} daemon off; worker_processes 1; pid {scratch}/nginx.pid; error_log {scratch}/error.log;\n"
        f"events {{}}\nhttp {{ {temporary}\n{conf}\n}}\n"
    )
    binary = nginx_binary()
    assert binary is not None
    checked = subprocess.run([binary, "-t", "-q", "-c", str(main)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    with _running([binary, "-c", str(main)], dict(os.environ), port):
        yield port


def nginx_binary() -> str | None:
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


def wait_until(condition: Callable[[], bool], *, seconds: float = 5.0) -> float:
    """Call `condition` until it is true; the seconds it took. Fails the test when it never is."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if condition():
            return time.monotonic() - started
        time.sleep(0.01)
    raise AssertionError(f"not true within {seconds} s")


@contextmanager
def _running(command: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        wait_until(lambda: process.poll() is not None or _answers(port), seconds=15)
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _answers(port: int) -> bool:
    try:
        return ask(port, "/healthz").status == 200
    except OSError:
        return False


def _user_name() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name
