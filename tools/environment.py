"""The Python environment with exactly the packages of a lock file, made by uv and kept until the lock changes."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.places import ROOT, TOOLS, SetupError, say


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def site_packages(self) -> list[Path]:
        return sorted((self.folder / "lib").glob("python3.*/site-packages"))

    def in_sync_with(self, lock: Path) -> bool:
        """Whether it was last made from this very lock. A Python since removed leaves a link to nothing."""
        try:
            return self._stamp.read_text() == _digest(lock) and self.python.exists()
        except OSError:
            return False

    @property
    def _stamp(self) -> Path:
        return self.folder / ".made-from"

    def make(self, lock: Path) -> None:
        """Bring it in line with the lock. Raises SetupError."""
        uv, env = _uv(), _uv_environment()
        say(f"Installing {lock.relative_to(ROOT)} into {self.folder.name} …")
        self._stamp.unlink(missing_ok=True)
        if not self.python.exists():
            shutil.rmtree(self.folder, ignore_errors=True)
            _run([*uv, "venv", "--quiet", "--python", sys.executable, str(self.folder)], env)
        _run([*uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(self.python), str(lock)], env)
        self._stamp.write_text(_digest(lock))


DEVELOPMENT = Environment(ROOT / ".venv")
DEMO = Environment(ROOT / ".venv-demo")


def development() -> Environment:
    """Everything, the tests' and linters' packages included."""
    return _ready(DEVELOPMENT, ROOT / "requirements" / "development.lock")


def demo() -> Environment:
    """What the demo needs. The environment for development holds all of that too and is used where it is up to date."""
    if DEVELOPMENT.in_sync_with(ROOT / "requirements" / "development.lock"):
        return DEVELOPMENT
    return _ready(DEMO, ROOT / "requirements" / "demo.lock")


def _ready(environment: Environment, lock: Path) -> Environment:
    if not environment.in_sync_with(lock):
        with _alone():
            if not environment.in_sync_with(lock):
                environment.make(lock)
    return environment


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Two commands in one checkout install one after the other."""
    try:
        TOOLS.mkdir(exist_ok=True)
        handle = (TOOLS / "lock").open("w")
    except OSError as error:
        raise SetupError(f"{ROOT} cannot be written to ({error.strerror}): run this in a checkout of your own.") from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _uv() -> list[str]:
    """How to call uv: the machine's own, or one installed below .tools."""
    own = (TOOLS / "venv" / "bin" / "uv", TOOLS / "uv" / "bin" / "uv")
    for candidate in (shutil.which("uv"), *map(str, own)):
        if candidate and _works([candidate, "--version"]):
            return [candidate]
    say("Fetching uv, which installs the packages …")
    for attempt in (_uv_by_venv, _uv_by_pip):
        program = attempt()
        if program and _works([str(program), "--version"]):
            return [str(program)]
    raise SetupError(
        "uv could not be fetched: this Python has neither a working venv nor pip, or the package index cannot be reached."
        " Install one of them (Debian: apt-get install python3-venv) or put uv on PATH, and run this again."
    )


def _uv_by_venv() -> Path | None:
    folder = TOOLS / "venv"
    shutil.rmtree(folder, ignore_errors=True)
    if _works([sys.executable, "-m", "venv", str(folder)]) and _works([str(folder / "bin" / "pip"), "install", "--quiet", "uv"]):
        return folder / "bin" / "uv"
    shutil.rmtree(folder, ignore_errors=True)
    return None


def _uv_by_pip() -> Path | None:
    """Into a folder of our own: Debian's Python refuses a bare `pip install`."""
    folder = TOOLS / "uv"
    return folder / "bin" / "uv" if _works([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), "uv"]) else None


def _uv_environment() -> dict[str, str]:
    env = dict(os.environ)
    # No warning where cache and checkout are on different file systems.
    env.setdefault("UV_LINK_MODE", "copy")
    env.setdefault("UV_PYTHON_DOWNLOADS", "never")
    if not os.access(Path.home(), os.W_OK):
        env.setdefault("UV_CACHE_DIR", str(TOOLS / "cache"))
    # A machine that names its package index for pip means it for uv too.
    for ours, pips in (("UV_DEFAULT_INDEX", "PIP_INDEX_URL"), ("UV_INDEX", "PIP_EXTRA_INDEX_URL"), ("UV_FIND_LINKS", "PIP_FIND_LINKS")):
        if pips in env:
            env.setdefault(ours, ",".join(env[pips].split()) if ours == "UV_FIND_LINKS" else env[pips])
    env.pop("VIRTUAL_ENV", None)
    return env


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _run(command: list[str], env: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupError(f"The packages could not be installed:\n{(done.stderr or done.stdout).strip()}")
