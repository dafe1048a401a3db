"""Where settings come from: the environment, and for each `NAME` also a file that `NAME_FILE` names (as container secrets are given)."""

import environ
from environ.fileaware_mapping import FileAwareMapping


class _LinesOff(FileAwareMapping):
    """Editors and `echo` end a file with a newline, which is no part of a password; django-environ leaves it in."""

    def __getitem__(self, key: str) -> str:
        value = str(super().__getitem__(key))
        return value.rstrip("\r\n") if self.env.get(f"{key}_FILE") else value


class Env(environ.FileAwareEnv):
    """Reads settings. A file named wins over a value given beside it; one that is missing stops the start."""

    ENVIRON = _LinesOff()
