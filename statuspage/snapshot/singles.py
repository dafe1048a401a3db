"""Files outside the versions: assets that never change, and closed incidents, too many to be in every version."""

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


def put_archive(target: Path, name: str, content: bytes) -> None:
    """Write or replace ``archive/NAME``, served at the address ``/NAME`` whenever the live version has no such file.

    Each file is swapped by rename and so seen whole, but several are not swapped together: use it for what stands
    alone, such as a closed incident's page. Raises BadName, OSError.
    """
    _put(target / "archive" / check_name(name), content)


def _put(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    forms = {"": content, **dict(encoded_forms(path.name, content))}
    # First the old encoded forms go, last the new ones come: whichever a reader gets is whole and never older than
    # the plain file it was sent with.
    for suffix in (".gz", ".br"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    for suffix, form in forms.items():
        fresh = path.with_name(f".{uuid.uuid4().hex}")
        try:
            write_durably(fresh, form)
            fresh.replace(path.with_name(path.name + suffix))
        finally:
            fresh.unlink(missing_ok=True)
    flush_folder(path.parent)
