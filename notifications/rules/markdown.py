"""Markdown as people write it, to HTML that cannot harm: no raw HTML, no images, and an allow-list behind it."""

import nh3
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_block", "html_inline"])
_TAGS = {"p", "br", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "a"}


def to_html(text: str) -> str:
    """HTML of CommonMark `text`; links open http, https and mailto only."""
    return nh3.clean(
        str(_MARKDOWN.render(text)),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
