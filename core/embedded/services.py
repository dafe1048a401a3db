"""PostgreSQL and Valkey together, for the life of one program."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.embedded.account import Account, default_account, owner_of
from core.embedded.binaries import find_postgres, find_valkey
from core.embedded.errors import EmbeddedError
from core.embedded.postgres import PostgreSQL
from core.embedded.process import alive
from core.embedded.valkey import Valkey

PREFIX = "statuscomms-"
# A socket's path ends at 108 bytes on Linux and 104 on macOS; its file name takes some of them.
LONGEST_FOLDER = 70
# Where root keeps the servers' data when *nobody* cannot reach the folder that was asked for.
ELSEWHERE = Path("/var/lib/statuscomms-demo")


@dataclass(frozen=True, slots=True)
class Services:
    """Addresses of both servers. `postgres` or `valkey` is None where the address came from outside."""

    database_url: str
    redis_url: str
    postgres: PostgreSQL | None = None
    valkey: Valkey | None = None


@contextlib.contextmanager
def throw_away(*, environ: Mapping[str, str] = os.environ, site_packages: Sequence[Path] | None = None) -> Iterator[Services]:
    """Servers whose data nobody misses: quick, in a folder that goes when the block ends. Raises EmbeddedError."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(short_folder())
        yield _start(stack, environ, site_packages, default_account(), home=folder, logs=folder, sockets=folder, durable=False)


@contextlib.contextmanager
def persistent(
    data: Path, *, environ: Mapping[str, str] = os.environ, site_packages: Sequence[Path] | None = None, logs: Path | None = None
) -> Iterator[Services]:
    """Servers over the data kept in (or for) the folder `data`, with full durability. Raises EmbeddedError."""
    with contextlib.ExitStack() as stack:
        home, account = data_home(data)
        sockets = stack.enter_context(short_folder(account))
        yield _start(stack, environ, site_packages, account, home=home, logs=logs or home, sockets=sockets, durable=True)


def _start(
    stack: contextlib.ExitStack,
    environ: Mapping[str, str],
    site_packages: Sequence[Path] | None,
    account: Account,
    *,
    home: Path,
    logs: Path,
    sockets: Path,
    durable: bool,
) -> Services:
    database_url, redis_url = environ.get("DATABASE_URL", ""), environ.get("REDIS_URL", "")
    postgres, valkey = None, None
    if not database_url:
        major = _written_by(home / "postgres")
        programs = find_postgres(account, copies=home / "programs", site_packages=site_packages, major=major)
        postgres = PostgreSQL(programs, account, home / "postgres", sockets, logs / "postgres.log", durable)
        stack.callback(postgres.stop)
        postgres.start()
        database_url = postgres.url
    if not redis_url:
        program = find_valkey(account, copies=home / "programs", site_packages=site_packages)
        valkey = Valkey(program, account, home / "valkey", sockets, logs / "valkey.log", durable)
        stack.callback(valkey.stop)
        valkey.start()
        redis_url = valkey.url
    return Services(database_url, redis_url, postgres, valkey)


@contextlib.contextmanager
def short_folder(account: Account | None = None) -> Iterator[Path]:
    """A temporary folder of the account's with a path short enough for sockets; folders of programs now dead are swept."""
    parent = Path(tempfile.gettempdir())
    if len(str(parent)) > LONGEST_FOLDER - 20:
        parent = Path("/tmp")  # noqa: S108 - mkdtemp makes a private folder of unguessable name in it
    _sweep(parent)
    account = account or default_account()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    try:
        (folder / "owner.pid").write_text(str(os.getpid()))
        account.own(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    for marker in parent.glob(f"{PREFIX}*/owner.pid"):
        with contextlib.suppress(OSError, ValueError):
            if not alive(int(marker.read_text())):
                shutil.rmtree(marker.parent, ignore_errors=True)


def data_home(data: Path) -> tuple[Path, Account]:
    """The folder for the servers' data that belongs to `data`, and who runs them.

    It is `data`/servers; or, where root's servers run as *nobody* who cannot reach that, a folder under
    /var/lib/statuscomms-demo that the file `data`/servers.location names from then on.
    Raises EmbeddedError where neither can be used.
    """
    pointer, inside = data / "servers.location", data / "servers"
    if pointer.is_file() and (elsewhere := Path(pointer.read_text().strip())).is_dir():
        return elsewhere, owner_of(elsewhere)
    if inside.is_dir():
        account = owner_of(inside)
        if not account.may_write(inside):
            raise EmbeddedError(f"{inside} belongs to another user: start as that user, or name another folder with --data.")
        return inside, account
    account = default_account()
    try:
        account.own(inside)
        if account.may_write(inside):
            return inside, account
        inside.rmdir()
        ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
        _forget_earlier(data)
        elsewhere = Path(tempfile.mkdtemp(dir=ELSEWHERE))
        (elsewhere / "belongs-to").write_text(str(data.resolve()))
        account.own(elsewhere)
        if not account.may_write(elsewhere):
            raise EmbeddedError(f"The servers cannot run as user {account.uid} below {data} or {ELSEWHERE}: start as an ordinary user.")
        pointer.write_text(f"{elsewhere}\n")
    except OSError as error:
        raise EmbeddedError(f"{data} cannot be used for the servers' data ({error}): name another folder with --data.") from error
    return elsewhere, account


def _forget_earlier(data: Path) -> None:
    """Remove data kept elsewhere for a folder of this name that has since been deleted."""
    for marker in ELSEWHERE.glob("*/belongs-to"):
        with contextlib.suppress(OSError):
            if marker.read_text() == str(data.resolve()):
                shutil.rmtree(marker.parent, ignore_errors=True)


def _written_by(data: Path) -> int | None:
    """The major version of PostgreSQL that wrote this data folder, None where there is none yet."""
    try:
        return int((data / "PG_VERSION").read_text())
    except (OSError, ValueError):
        return None
