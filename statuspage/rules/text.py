"""Text that every format of the page can hold."""

import re

# XML 1.0 (section 2.2) has no place for these, not even escaped, and one of them would stop the feeds.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """The text without control characters; lines and tabs stay."""
    return _UNPRINTABLE.sub("", text)
