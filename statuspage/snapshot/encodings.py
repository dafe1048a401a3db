"""The precompressed forms of a file."""

import gzip
from collections.abc import Iterator
from pathlib import PurePosixPath

import brotli

# Formats that are compressed already; a second pass only costs the reader time.
_COMPRESSED_FORMATS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".woff2", ".ico"})
# Brotli's slowest setting costs about a second per megabyte: kept for what is small enough not to delay a release.
_BROTLI_BEST_UP_TO_BYTES = 24 * 1024


def encoded_forms(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (suffix, bytes) for each encoding of `content` that is smaller than it; suffixes ``.gz`` and ``.br``."""
    if PurePosixPath(name).suffix in _COMPRESSED_FORMATS:
        return
    # mtime=0: equal content gives equal bytes, and so an equal entity tag.
    zipped = gzip.compress(content, compresslevel=9, mtime=0)
    if len(zipped) < len(content):
        yield ".gz", zipped
    quality = 11 if len(content) <= _BROTLI_BEST_UP_TO_BYTES else 7
    squeezed = brotli.compress(content, mode=brotli.MODE_TEXT, quality=quality)
    if len(squeezed) < len(content):
        yield ".br", squeezed
