"""``page``: the page process beside nginx, one worker each, on the same bytes, driven by wrk in turns."""

import http.client
import json
import os
import pwd
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.support import Round, cpu_per_1000, cpu_seconds, not_measured, peak_mb, program, report
from statuspage import snapshot

_ROOT = Path(__file__).resolve().parent.parent
_ROUNDS = 5
_SECONDS = 3
_CONNECTIONS = 32
_RATE = re.compile(r"Requests/sec:\s+([0-9.]+)")
_COUNT = re.compile(r"([0-9]+) requests in")
_FAULTS = re.compile(r"(Non-2xx or 3xx responses|Socket errors).*")


@dataclass(frozen=True)
class _Server:
    pid: int
    port: int


def main() -> bool:
    """Measure and print one line per file: ``page`` the front page in brotli, ``page.summary`` its JSON."""
    nginx, wrk = program("nginx"), program("wrk")
    if nginx is None or wrk is None:
        not_measured("page", "nginx" if nginx is None else "wrk")
        return False
    with tempfile.TemporaryDirectory(prefix="bench-page-") as scratch:
        # nginx's worker may be another user and must be able to enter.
        Path(scratch).chmod(0o755)
        folder = Path(scratch, "page")
        snapshot.publish(folder, 1, _files())
        with _page_process(folder) as ours, _nginx(nginx, folder, Path(scratch)) as theirs:
            for name, address in (("page", "/"), ("page.summary", "/api/v2/summary.json")):
                size = _assert_same_bytes(address, ours, theirs)
                rounds: tuple[list[Round], list[Round]] = ([], [])
                for _ in range(_ROUNDS):
                    for server, taken in zip((ours, theirs), rounds, strict=True):
                        taken.append(_drive(wrk, server, address))
                note = (
                    f"{size} bytes sent, brotli; {_ROUNDS} rounds of {_SECONDS} s, {_CONNECTIONS} connections; nginx "
                    f"cpu_s_per_1000={cpu_per_1000(rounds[1]):.4f} peak_mb={peak_mb(theirs.pid):.1f}"
                )
                report(name, *rounds, peak_mb=peak_mb(ours.pid), note=note)
    return True


def _files() -> dict[str, bytes]:
    # Forty components and twenty updates of made-up words: about what a busy page weighs once compressed.
    chance = random.Random(1)
    words = ["".join(chance.choices("aeiorstnlmdpcu", k=chance.randint(3, 9))) for _ in range(600)]
    components = [
        {"id": "".join(chance.choices("0123456789abcdef", k=12)), "name": " ".join(chance.choices(words, k=2))} for _ in range(40)
    ]
    updates = [{"status": "identified", "body": " ".join(chance.choices(words, k=60))} for _ in range(20)]
    rows = "".join(f"<li id='{item['id']}'><b>{item['name']}</b> Operational</li>" for item in components)
    told = "".join(f"<article><h3>Identified</h3><p>{update['body']}</p></article>" for update in updates)
    page = f"<!doctype html><html lang='en'><title>Acme status</title>{told}<ul>{rows}</ul></html>"
    summary = {"status": {"indicator": "none"}, "components": components, "incidents": updates}
    return {"index.html": page.encode(), "404.html": b"no", "api/v2/summary.json": json.dumps(summary).encode()}


def _assert_same_bytes(address: str, *servers: _Server) -> int:
    bodies = []
    for server in servers:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        connection.request("GET", address, headers={"Accept-Encoding": "br"})
        reply = connection.getresponse()
        bodies.append((reply.status, reply.headers["Content-Encoding"], reply.read()))
        connection.close()
    if bodies[0] != bodies[1] or bodies[0][:2] != (200, "br"):
        raise RuntimeError(f"the two servers do not send the same bytes for {address}: {[body[:2] for body in bodies]}")
    return len(bodies[0][2])


def _drive(wrk: str, server: _Server, address: str) -> Round:
    before = cpu_seconds(server.pid)
    command = [wrk, "-t1", f"-c{_CONNECTIONS}", f"-d{_SECONDS}s", "-H", "Accept-Encoding: br"]
    url = f"http://127.0.0.1:{server.port}{address}"
    output = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    rate, count, faults = _RATE.search(output), _COUNT.search(output), _FAULTS.search(output)
    if faults or rate is None or count is None:
        raise RuntimeError(f"wrk reports faults: {output}")
    return Round(float(rate[1]), int(count[1]), cpu_seconds(server.pid) - before)


@contextmanager
def _page_process(folder: Path) -> Iterator[_Server]:
    port = _free_port()
    command = [sys.executable, "-m", "granian", "--interface", "rsgi", "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "STATUSPAGE_DIR": str(folder)}
    with _running([*command, "--no-ws", "--no-log", "statuspage.page_process:app"], environment, port) as server:
        yield server


@contextmanager
def _nginx(binary: str, folder: Path, scratch: Path) -> Iterator[_Server]:
    port = _free_port()
    user = f"user {pwd.getpwuid(os.geteuid()).pw_name};" if os.geteuid() == 0 else ""
    temporary = "".join(f"{kind}_temp_path {scratch};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    # Debian's nginx has no brotli module: the precompressed file is named outright, so that both send the same bytes.
    places = "".join(
        f"location = {address} {{ try_files /{name}.br =404; default_type '{kind}; charset=utf-8'; types {{}}"
        " add_header Content-Encoding br; add_header Vary Accept-Encoding; }\n"
        for address, name, kind in (
            ("/", "index.html", "text/html"),
            ("/api/v2/summary.json", "api/v2/summary.json", "application/json"),
        )
    )
    Path(scratch, "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {scratch}/nginx.pid; error_log {scratch}/error.log;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ {temporary} access_log off; sendfile on; tcp_nopush on; etag on; gzip_static on;\n"
        "keepalive_requests 1000000; open_file_cache max=1000 inactive=60s; open_file_cache_valid 30s;\n"
        f"server {{ listen 127.0.0.1:{port}; root {folder}/current;\n{places}}} }}\n"
    )
    with _running([binary, "-c", f"{scratch}/nginx.conf"], dict(os.environ), port) as server:
        yield server


@contextmanager
def _running(command: list[str], environment: dict[str, str], port: int) -> Iterator[_Server]:
    process = subprocess.Popen(command, cwd=_ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        _wait_for(process, port)
        yield _Server(process.pid, port)
    finally:
        process.terminate()
        process.wait(timeout=15)


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not answer on port {port}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
