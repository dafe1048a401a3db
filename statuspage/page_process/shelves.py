"""Files that are not kept in memory, read from the disk when asked for: ``static/`` and the archive."""

import hashlib
import re
from collections import OrderedDict
from pathlib import Path

from statuspage.page_process.answers import ENCODING_SUFFIXES, Answer, ready_answer

# What the writer allows in a path segment: with it there is no "..", no hidden file and no absolute path.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}(?:/[A-Za-z0-9_][A-Za-z0-9._-]{0,199}){0,7}")
_KEPT_BYTES = 32 * 1024 * 1024
_Fingerprint = tuple[tuple[int, int, int], ...]


class Shelf:
    """Keeps what was read lately, up to 32 MB, and checks the disk before using it again."""

    def __init__(self, *, cache: str) -> None:
        self._cache = cache
        self._kept: OrderedDict[str, tuple[_Fingerprint, Answer, int]] = OrderedDict()
        self._kept_bytes = 0

    def find(self, folder: Path, name: str) -> Answer | None:
        """The answer for the file `name` in `folder`; None where there is no such file or the name is not one we write.

        The same name in another folder is taken for a newer form of the same file.
        """
        if not _NAME.fullmatch(name) or name.endswith((".gz", ".br")):
            return None
        try:
            fingerprint = _fingerprint(folder / name)
            kept = self._kept.get(name)
            if kept and kept[0] == fingerprint:
                self._kept.move_to_end(name)
                return kept[1]
            answer = self._read(folder, name)
        except OSError:
            return None
        self._keep(name, fingerprint, answer)
        return answer

    def _read(self, folder: Path, name: str) -> Answer:
        bodies = {}
        for encoding, suffix in ENCODING_SUFFIXES.items():
            try:
                body = (folder / f"{name}{suffix}").read_bytes()
            except FileNotFoundError:
                if not suffix:
                    raise
                continue
            bodies[encoding] = (body, hashlib.sha256(body).hexdigest())
        return ready_answer(name, bodies, cache=self._cache)

    def _keep(self, name: str, fingerprint: _Fingerprint, answer: Answer) -> None:
        size = sum(len(form.body) for form in answer.forms.values())
        replaced = self._kept.pop(name, None)
        if replaced:
            self._kept_bytes -= replaced[2]
        self._kept[name] = (fingerprint, answer, size)
        self._kept_bytes += size
        while self._kept_bytes > _KEPT_BYTES and self._kept:
            self._kept_bytes -= self._kept.popitem(last=False)[1][2]


def _fingerprint(path: Path) -> _Fingerprint:
    if not path.is_file():
        raise FileNotFoundError(path.name)
    found = []
    for suffix in ENCODING_SUFFIXES.values():
        try:
            status = Path(f"{path}{suffix}").stat()
            found.append((status.st_ino, status.st_mtime_ns, status.st_size))
        except FileNotFoundError:
            found.append((0, 0, 0))
    return tuple(found)
