"""A text inside Markdown, shown as it is."""


def plain(text: str) -> str:
    """The text with Markdown's own characters escaped (CommonMark §2.4)."""
    return "".join(f"\\{character}" if character in r"\`*_{}[]<>()#+-.!|~" else character for character in text)
