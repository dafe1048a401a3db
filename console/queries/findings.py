"""What the screening found, as pages show it: beside the field it stands in, and marked in the wording."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.safestring import SafeString, mark_safe

from approvals.queries.gate import screened
from console.languages import language_in
from incidents.rules.content import Content
from notifications.rules.markdown import to_html
from screening.rules.findings import Finding, Found
from screening.rules.marking import marked, with_marks


@dataclass(frozen=True)
class Shown:
    """A finding with the id of the editor's field it stands in; empty for a language that the editor does not show."""

    field_id: str
    audience: str
    language: str
    finding: Finding


@dataclass(frozen=True)
class AudienceFindings:
    """Everything found in one audience's wording."""

    audience: str
    findings: tuple[Shown, ...]

    @property
    def blocking(self) -> int:
        """How many stand in the way of a review."""
        return sum(shown.finding.blocks for shown in self.findings)


def findings_by_audience(content: Content) -> dict[str, AudienceFindings]:
    """Per audience of the content, in order of their place; an audience without findings has an empty entry."""
    found = {key: AudienceFindings(key, ()) for key in content.wording}
    for key, group in groupby(screened(content), key=lambda one: one.audience):
        found[key] = AudienceFindings(key, tuple(_shown(group, language_in(content.wording[key]))))
    return found


def _shown(found: Iterable[Found], edited: str) -> Iterable[Shown]:
    for one in found:
        field_id = f"id_{one.finding.field}-{one.audience}" if one.language == edited else ""
        yield Shown(field_id, one.audience, one.language, one.finding)


def marked_html(body: str, findings: Sequence[Finding]) -> SafeString:
    """The body as its readers get it, with the passages that were found marked."""
    # What the renderer let through is safe: Markdown without HTML, then nh3; marks are the only thing added after it.
    return mark_safe(marked(to_html(with_marks(body, findings))))  # noqa: S308
