"""`run.py check` and `run.py test`: everything that is checked, in one place."""

import os
import subprocess
import time
from collections.abc import Sequence

from core.embedded.services import throw_away
from tools import debian, environment
from tools.environment import Environment
from tools.places import ROOT, say

WORKERS = "2"


def check() -> int:
    """Lint, formatting, types, import contracts and missing migrations. Returns the exit status."""
    return _verdict(_fast(environment.development()))


def test(arguments: Sequence[str], *, install_browser: bool) -> int:
    """With arguments pytest alone, else everything. Returns the exit status."""
    install = install_browser or (not arguments and bool(os.environ.get("CI")))
    made = environment.development()
    if arguments:
        if install:
            debian.provide(install=True)
        return _step(made, "tests", "-m", "pytest", *arguments)
    browser = debian.provide(install=install)
    failed = _fast(made)
    if _step(made, "tests", "-m", "pytest", "-n", WORKERS, "--dist", "worksteal", "-rs"):
        failed.append("tests")
    if install and not browser:
        failed.append("browser tests (not run)")
    return _verdict(failed)


def _fast(made: Environment) -> list[str]:
    """Names of the checks that failed."""
    steps = [
        ("lint", ("-m", "ruff", "check", "--quiet", ".")),
        ("formatting", ("-m", "ruff", "format", "--check", "--quiet", ".")),
        ("types", ("-m", "mypy")),
        ("import contracts", ("-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-logo")),
    ]
    failed = [name for name, command in steps if _step(made, name, *command)]
    # Django compares the migrations with those a database has had, so it wants one.
    with throw_away(site_packages=made.site_packages) as services:
        servers = {"DATABASE_URL": services.database_url, "REDIS_URL": services.redis_url}
        if _step(made, "missing migrations", "manage.py", "makemigrations", "--check", "--dry-run", **servers):
            failed.append("missing migrations")
    return failed


def _step(made: Environment, name: str, *command: str, **variables: str) -> int:
    say(f"── {name}")
    began = time.monotonic()
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "statuscomms.settings.test"} | variables
    status = subprocess.run([made.python, *command], cwd=ROOT, env=env, check=False).returncode
    say(f"── {name}: {'ok' if status == 0 else 'FAILED'} ({time.monotonic() - began:.1f} s)")
    return status


def _verdict(failed: Sequence[str]) -> int:
    say(f"FAILED: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0
