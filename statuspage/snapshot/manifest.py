"""The manifest: size and SHA-256 of every file of a version."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from statuspage.snapshot.errors import SnapshotDamaged

MANIFEST_NAME = ".manifest.json"


@dataclass(frozen=True)
class Stamp:
    """What a file must be when read back: its size in bytes, its SHA-256 in hex."""

    size: int
    sha256: str

    @classmethod
    def of(cls, content: bytes) -> Self:
        return cls(len(content), hashlib.sha256(content).hexdigest())


@dataclass(frozen=True)
class Manifest:
    """All files of one version, precompressed forms included, by relative path."""

    seq: int
    modified: int
    """Whole seconds since the epoch given to the files first written in this version."""
    files: dict[str, Stamp]

    def to_bytes(self) -> bytes:
        files = {name: {"size": stamp.size, "sha256": stamp.sha256} for name, stamp in sorted(self.files.items())}
        return json.dumps({"seq": self.seq, "modified": self.modified, "files": files}, indent=1).encode()


def read_manifest(version: Path) -> Manifest | None:
    """The manifest of the version in the folder `version`; None where there is none that can be read."""
    try:
        document = json.loads((version / MANIFEST_NAME).read_bytes())
        files = {name: Stamp(int(entry["size"]), str(entry["sha256"])) for name, entry in document["files"].items()}
        return Manifest(int(document["seq"]), int(document["modified"]), files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def verify(version: Path, manifest: Manifest) -> None:
    """Read every file of `version` back; raise SnapshotDamaged at the first that is not as the manifest says."""
    for name, stamp in manifest.files.items():
        try:
            content = (version / name).read_bytes()
        except OSError as error:
            raise SnapshotDamaged(f"{version / name} cannot be read back: {error.strerror}") from error
        if Stamp.of(content) != stamp:
            raise SnapshotDamaged(f"{version / name} was read back with other bytes than were written")
