"""Every wording of a content, for pages that show what would go out."""

from django.utils.safestring import mark_safe

from incidents.rules.content import Content
from notifications.rules.markdown import to_html


def wordings_of(content: Content) -> list[dict[str, str]]:
    """Each with whom it is for, in the same order on every page; `body` as its readers see it."""
    return [
        # Markdown without HTML, then nh3: what the renderer let through is safe.
        {"audience": audience, "language": language, "title": wording.title, "body": mark_safe(to_html(wording.body))}  # noqa: S308
        for audience, by_language in sorted(content.wording.items())
        for language, wording in sorted(by_language.items())
    ]
