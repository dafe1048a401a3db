"""As whom the servers run. PostgreSQL refuses to run as root, so root's servers run as *nobody*."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Account:
    """A user and group to run as; `None` means: as ourselves."""

    uid: int | None = None
    gid: int | None = None

    @property
    def popen(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make a child run as this account, with no further groups."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, folder: Path) -> Path:
        """Make `folder` if need be, give it to the account and close it to everyone else."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)
        return folder

    def succeeds(self, *command: str) -> bool:
        """Whether a command ends well when this account runs it, from the root folder and in a bare environment."""
        try:
            done = subprocess.run(command, cwd="/", env=bare_environment(), capture_output=True, timeout=30, check=False, **self.popen)
        except (OSError, subprocess.SubprocessError):
            return False
        return done.returncode == 0

    def may_write(self, folder: Path) -> bool:
        """Whether the account reaches `folder` through all its parents and may write there."""
        return self.succeeds("/bin/sh", "-c", 'test -w "$1" && test -x "$1"', "sh", str(folder))


def default_account() -> Account:
    """Ourselves, or *nobody* where we are root."""
    return Account(NOBODY, NOBODY) if os.geteuid() == 0 else Account()


def owner_of(folder: Path) -> Account:
    """The account that owns an existing folder: its servers go on as who made it."""
    status = folder.stat()
    if os.geteuid() != 0 or status.st_uid == 0:
        return default_account()
    return Account(status.st_uid, status.st_gid)


def bare_environment() -> dict[str, str]:
    """An environment without PGDATA, PGPORT and the like, which would steer a server elsewhere."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", **kept}


def copy_for(account: Account, source: Path, target: Path) -> Path:
    """Copy a file or folder to where the account can read it, e.g. out of a private home. Returns `target`."""
    account.own(target.parent)
    if source.is_dir():
        # Static libraries, headers and build files are never needed to run.
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "include"))
        target.chmod(0o755)
    else:
        shutil.copy2(source, target)
    if account.uid is not None and account.gid is not None:
        os.chown(target.parent, account.uid, account.gid)
        for found in (target, *target.rglob("*")):
            os.chown(found, account.uid, account.gid, follow_symlinks=False)
    return target
