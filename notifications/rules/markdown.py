"""Markdown as people write it, to HTML that cannot harm (no raw HTML, no images, an allow-list behind it) and to plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_block", "html_inline"])
_TAGS = {"p", "br", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "a"}
_SCHEMES = {"http", "https", "mailto"}
_RULE = "* * *"


def to_html(text: str) -> str:
    """HTML of CommonMark `text`; links open http, https and mailto only."""
    return nh3.clean(
        str(_MARKDOWN.render(text)),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    )


def without_layout(html: str) -> str:
    """A letter's HTML with its words and links alone: no style, script, image or form."""
    return nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, clean_content_tags={"title", "style", "script"})


def to_text(text: str) -> str:
    """The same words without Markdown's marks: lists and quotes stay marked as people mark them in plain letters, and a link's
    address follows its words in brackets. Lines break where the writer broke them."""
    return _blocks(SyntaxTreeNode(_MARKDOWN.parse(text)))


@dataclass(frozen=True, slots=True)
class Passage:
    """A block of plain words; `quoted` where it is a quotation, whose mark the channel has to set."""

    words: str
    quoted: bool = False

    @property
    def marked(self) -> str:
        """The words, a quotation within quotation marks."""
        return f"“{self.words}”" if self.quoted else self.words


def passages(text: str) -> list[Passage]:
    """The plain words block by block, for a channel where `>` before a line means nothing to its readers."""
    found = []
    for child in SyntaxTreeNode(_MARKDOWN.parse(text)).children:
        quoted = child.type == "blockquote"
        words = _blocks(child) if quoted else _block(child)
        if words.strip():
            found.append(Passage(words, quoted))
    return found


def tokens_of(text: str) -> Sequence[Token]:
    """The text as it was understood, for a channel with marks of its own."""
    return _MARKDOWN.parse(text)


def _blocks(node: SyntaxTreeNode, between: str = "\n\n") -> str:
    return between.join(_block(child) for child in node.children)


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "bullet_list":
            return _items(node, ["- "] * len(node.children))
        case "ordered_list":
            first = int(node.attrs.get("start", 1))
            return _items(node, [f"{first + place}. " for place in range(len(node.children))])
        case "blockquote":
            return _beside("> ", _blocks(node), again="> ")
        case "code_block" | "fence":
            return _beside("    ", node.content.rstrip("\n"), again="    ")
        case "hr":
            return _RULE
        case _:
            return "".join(_inline(child) for child in node.children)


def _items(node: SyntaxTreeNode, marks: list[str]) -> str:
    """A list whose items hold a single paragraph each, hidden by the parser, is tight: one line an item."""
    tight = all(child.hidden for item in node.children for child in item.children if child.type == "paragraph")
    between = "\n" if tight else "\n\n"
    items = [_beside(mark, _blocks(item, between)) for mark, item in zip(marks, node.children, strict=True)]
    return between.join(item.rstrip() for item in items)


def _beside(mark: str, words: str, *, again: str = "") -> str:
    """`words` with `mark` before the first line, and `again`, or as much room, before the others that are not empty."""
    room = again or " " * len(mark)
    first, *others = words.split("\n")
    return "\n".join([mark + first, *((room + line if line else room.rstrip()) for line in others)])


def _inline(node: SyntaxTreeNode) -> str:
    match node.type:
        case "softbreak" | "hardbreak":
            return "\n"
        case "text" | "code_inline":
            return node.content
        case "link":
            return _link("".join(_inline(child) for child in node.children), str(node.attrs["href"]))
        case _:
            return "".join(_inline(child) for child in node.children)


def _link(words: str, address: str) -> str:
    """The address beside the words, unless they say it already or the HTML would not open it."""
    if urlsplit(address).scheme.lower() not in _SCHEMES or words in (address, address.removeprefix("mailto:")):
        return words
    return f"{words} ({address.removeprefix('mailto:')})" if words else address
