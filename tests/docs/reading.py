"""The documents of the repository, read as Markdown."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tools.places import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))]
_PARSER = MarkdownIt("commonmark").enable("table")


def name_of(document: Path) -> str:
    """The document's path below the repository, for a test's name."""
    return str(document.relative_to(ROOT))


def tokens(document: Path) -> Iterator[Token]:
    """Every token, those inside a line too."""
    for token in _PARSER.parse(document.read_text()):
        yield token
        yield from token.children or []


def targets(document: Path) -> list[str]:
    """Where links lead and images lie, as written."""
    found = []
    for token in tokens(document):
        target = token.attrGet("href") or token.attrGet("src")
        if target is not None:
            found.append(str(target))
    return found


def anchors(document: Path) -> set[str]:
    """The fragments that headings answer to, by GitHub's rule: lower case, no punctuation, hyphens for spaces."""
    listed = list(tokens(document))
    heads = [after.content for before, after in pairwise(listed) if before.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", head.replace("`", "").lower()).replace(" ", "-") for head in heads}


def spans(document: Path) -> list[str]:
    """Code inside a line."""
    return [token.content for token in tokens(document) if token.type == "code_inline"]


def command_lines(document: Path) -> list[str]:
    """The lines of shell blocks, a line that ends in a backslash joined with the next; and code inside lines."""
    blocks = [token.content for token in tokens(document) if token.type == "fence" and token.info.strip() == "sh"]
    return [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()] + spans(document)


def table_rows(document: Path, header: str) -> list[list[str]]:
    """The cells of the table whose first heading is `header`, row by row. Raises `ValueError` where there is none."""
    lines = iter(document.read_text().splitlines())
    for line in lines:
        if line.startswith(f"| {header} |"):
            next(lines)
            return list(_rows(lines))
    raise ValueError(f"{document.name} has no table with the heading {header}.")


def _rows(lines: Iterator[str]) -> Iterator[list[str]]:
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]
