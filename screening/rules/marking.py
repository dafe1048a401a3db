"""Marks passages in text that is rendered afterwards.

`with_marks` puts a private character at each end of a passage before rendering, `marked` makes `<mark>` of them in the HTML
after it. A passage that runs across tags gets one `<mark>` per stretch of text, so that the tags stay properly nested.
"""

import re
from collections.abc import Iterator, Sequence

from screening.rules.findings import Finding, Severity
from screening.rules.passages import pieces

_OPENS = {Severity.BLOCK: "\ue000", Severity.WARN: "\ue001", Severity.HINT: "\ue002"}
_CLOSE = "\ue003"
_OURS = re.compile("[\ue000-\ue003]")
# In a link's address the renderer writes them in percent-encoded UTF-8; no mark stands there.
_ENCODED = re.compile("%EE%80%8[0-3]", re.IGNORECASE)
_STRETCH = re.compile("(<[^>]*>|[\ue000-\ue003])")
_CLASSES = {"\ue000": "passage", "\ue001": "passage passage-warn", "\ue002": "passage passage-hint"}


def with_marks(text: str, findings: Sequence[Finding]) -> str:
    """The text with a private character at both ends of each passage. Such characters of its own become U+FFFD."""
    clean = _OURS.sub("\ufffd", text)
    return "".join(
        f"{_OPENS[Severity(piece.severity)]}{piece.text}{_CLOSE}" if piece.severity else piece.text for piece in pieces(clean, findings)
    )


def marked(html: str) -> str:
    """HTML with `<mark>` in place of the private characters. Nothing else is added to it."""
    return "".join(_stretches(_ENCODED.sub("", html)))


def _stretches(html: str) -> Iterator[str]:
    opened = ""
    for part in _STRETCH.split(html):
        if part in _CLASSES:
            opened = _CLASSES[part]
        elif part == _CLOSE:
            opened = ""
        elif part.startswith("<"):
            yield _OURS.sub("", part)
        elif part.strip() and opened:
            yield f'<mark class="{opened}">{part}</mark>'
        else:
            yield part
