"""Changes that name the version they were made against (RFC 9110 §13.1.1). A version is a whole number, its entity tag `"N"`."""

import re

from rest_framework.request import Request

from core.errors import PreconditionRequired, StaleRevision

_TAG = re.compile(r'"(\d{1,9})"')


def etag(version: int) -> str:
    """The strong entity tag of a version, for the `ETag` header."""
    return f'"{version}"'


def required_version(request: Request) -> int:
    """The version that `If-Match` names.

    Raises `PreconditionRequired` without one (`*` names none either), and `StaleRevision` for a tag that no version
    of ours ever had.
    """
    given = request.headers.get("If-Match", "").strip()
    if given in {"", "*"}:
        raise PreconditionRequired(
            'Send the version you read as If-Match, for instance If-Match: "3". It is the ETag of the answer to GET.'
        )
    found = _TAG.fullmatch(given)
    if found is None:
        raise StaleRevision(f'If-Match {given[:40]} is no version here. Read it again and send its ETag, for instance "3".')
    return int(found[1])
