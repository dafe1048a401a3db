"""Files outside the versions: assets that never change."""

import hashlib
import uuid
from pathlib import Path

from statuspage.snapshot.disk import flush_folder, write_durably
from statuspage.snapshot.encodings import encoded_forms
from statuspage.snapshot.names import check_name

_DIGEST_CHARACTERS = 16


def put_static(target: Path, name: str, content: bytes) -> str:
    """Write an asset under a name made of its content; return its address, such as ``/static/page.HASH.css``.

    Written once; equal content gives the equal address. Write assets before the version that refers to them. Never
    removed here: pages in a reader's cache may refer to old ones. Raises BadName, OSError.
    """
    check_name(name)
    stem, dot, suffix = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:_DIGEST_CHARACTERS]
    addressed = f"{stem}.{digest}.{suffix}" if dot else f"{name}.{digest}"
    _put(target / "static" / addressed, content)
    return f"/static/{addressed}"


def _put(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # The plain form comes last: where it stands, the others do.
    for suffix, form in (*encoded_forms(path.name, content), ("", content)):
        fresh = path.with_name(f".{uuid.uuid4().hex}")
        try:
            write_durably(fresh, form)
            fresh.replace(path.with_name(path.name + suffix))
        finally:
            fresh.unlink(missing_ok=True)
    flush_folder(path.parent)
