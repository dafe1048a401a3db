"""`run.py demo`: the whole product on this machine, with a story in it, until it is told to stop."""

import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import FrameType
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

from core.embedded.services import persistent
from tools import environment, ports, state
from tools.places import ROOT, SetupError, say
from tools.supervisor import Child, Supervisor

# What is left of a demo that was killed needs this long to let go of its ports.
AFTERMATH = 15.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Ctrl-C or SIGTERM. Not an Exception: nothing on the way may take it for a failure of its own."""


def demo(port: int, page_port: int, data: Path) -> int:
    """Set up, start, print how to get in, keep running. Raises SetupError or EmbeddedError."""
    data = data.resolve()
    if port == page_port:
        raise SetupError(f"Console and public page cannot share port {port}: choose another with --page-port.")
    for number in SIGNALS:
        # `nohup` has the hang-up ignored, and means it.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stop_once)
    try:
        with state.claimed(data) as ours:
            if not ours:
                raise SetupError(f"A demo runs on {data} already: stop it, or name another folder with --data.")
            _require_free(port, page_port, aftermath=state.load(data) is not None)
            _run(port, page_port, data)
    except Stopped:
        say("Stopped.")
    return 0


def _stop_once(number: int, _frame: FrameType | None) -> None:
    # A second signal must not cut the ending short: children would be left.
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(number)


def _require_free(port: int, page_port: int, *, aftermath: bool) -> None:
    for number, option in ((port, "--port"), (page_port, "--page-port")):
        if not ports.becomes_free(number, AFTERMATH if aftermath else 0.0):
            raise SetupError(f"Port {number} is in use: stop what uses it, or choose another with {option}.")


def _run(port: int, page_port: int, data: Path) -> None:
    made = environment.demo()
    with ExitStack() as stack:
        services = stack.enter_context(persistent(data, site_packages=made.site_packages, logs=data / "logs"))
        before = state.load(data)
        mail_port = before.mail_port if before and ports.is_free(before.mail_port) else ports.any_free()
        kept = before.providers_port if before else 0
        providers_port = kept if kept and ports.is_free(kept) else ports.any_free()
        now = state.State(port, page_port, mail_port, services.database_url, services.redis_url, providers_port)
        now.save(data)
        stack.callback(lambda: replace(now, database_url="", redis_url="").save(data))
        supervisor = Supervisor([server for server in (services.postgres, services.valkey) if server])
        stack.callback(supervisor.stop)
        env = state.environment(data, now)
        mail, providers, *others = _children(made.python, now, data, env)
        # The story sends real mail while it is told; what checks the providers' signatures is written when they start.
        supervisor.start(mail)
        supervisor.start(providers)
        supervisor.wait_until_all_answer()
        _manage(made.python, env, "migrate", "--no-input")
        _manage(made.python, env, "createcachetable")
        doors = _manage(made.python, env, "demo_seed")
        for child in others:
            supervisor.start(child)
        supervisor.wait_until_all_answer()
        print(f"ready http://127.0.0.1:{port}")
        print(f"page http://127.0.0.1:{page_port}")
        for line in doors.splitlines():
            if line.startswith(("login ", "totp ", "hook ")):
                print(line)
        sys.stdout.flush()
        supervisor.run()


def _children(python: Path, now: state.State, data: Path, env: dict[str, str]) -> list[Child]:
    logs = data / "logs"
    web_binds = [f"127.0.0.1:{now.port}", *([f"[::1]:{now.port}"] if ports.has_ipv6() else [])]

    def child(name: str, *command: str | Path, answers: Callable[[], bool]) -> Child:
        return Child(name, [python, "-m", *command], env, logs / f"{name}.log", answers)

    return [
        child(
            "mail", "demo.mailserver", "--port", str(now.mail_port), "--dir", data / "mail",
            answers=lambda: ports.answers(now.mail_port),
        ),
        child(
            "providers", "demo.fakes", "--port", str(now.providers_port), "--dir", data / "providers",
            "--console", f"http://127.0.0.1:{now.port}",
            answers=lambda: ports.answers(now.providers_port),
        ),
        child(
            "web", "gunicorn", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--no-control-socket",
            "--access-logfile", "-", *[part for bind in web_binds for part in ("--bind", bind)], "statuscomms.wsgi",
            answers=lambda: _fetches(f"http://127.0.0.1:{now.port}/readyz"),
        ),
        child(
            "worker", "celery", "-A", "statuscomms", "worker", "--concurrency", "2", "--loglevel", "INFO",
            "--hostname", f"demo-{now.port}@%h", "--without-mingle", "--without-gossip",
            answers=_says(logs / "worker.log", b" ready."),
        ),
        child(
            "beat", "celery", "-A", "statuscomms", "beat", "--loglevel", "INFO", "--schedule", data / "beat-schedule", "--pidfile", "",
            answers=_says(logs / "beat.log", b"beat: Starting"),
        ),
        child(
            "page", "granian", "--interface", "rsgi", "--host", "127.0.0.1", "--port", str(now.page_port), "--no-ws",
            "statuspage.page_process:app",
            answers=lambda: _fetches(f"http://127.0.0.1:{now.page_port}/"),
        ),
    ]  # fmt: skip


def _manage(python: Path, env: dict[str, str], *command: str) -> str:
    """Run a management command and return what it printed. Raises SetupError."""
    done = subprocess.run([python, ROOT / "manage.py", *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupError(f"manage.py {' '.join(command)} failed:\n{(done.stderr or done.stdout).strip()}")
    return done.stdout


# A proxy named in the environment has no business with this machine's own addresses.
_OPENER = build_opener(ProxyHandler({}))


def _fetches(address: str) -> bool:
    """Whether the address answers with a success."""
    try:
        with _OPENER.open(address, timeout=5) as answer:
            return bool(answer.status < 400)
    except (HTTPError, URLError, OSError):
        return False


def _says(log: Path, words: bytes) -> Callable[[], bool]:
    """Whether the log has come to say these words since now."""
    start = log.stat().st_size if log.exists() else 0

    def said() -> bool:
        try:
            with log.open("rb") as lines:
                lines.seek(start)
                return words in lines.read()
        except OSError:
            return False

    return said
