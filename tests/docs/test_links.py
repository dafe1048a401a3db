"""What the documents point at is there."""

from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.docs.reading import DOCUMENTS, anchors, name_of, spans, targets
from tools.places import ROOT

FILE_ENDINGS = (".py", ".md", ".conf", ".toml", ".yml", ".html", ".css", ".js", ".lock")


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_leads_to_a_file_and_every_fragment_to_a_heading(document: Path) -> None:
    broken = []
    for target in targets(document):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, fragment = target.partition("#")
        aim = (document.parent / unquote(path)).resolve() if path else document
        if not aim.exists() or ROOT not in aim.parents or (fragment and fragment not in anchors(aim)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_file_named_in_code_type_exists(document: Path) -> None:
    """A path is read from the top of the repository; one with a placeholder in capitals names no file."""
    named = [span for span in spans(document) if span.endswith(FILE_ENDINGS) and " " not in span and "*" not in span and "/" in span]
    missing = [span for span in named if not (ROOT / span).exists() and not any(part.isupper() for part in Path(span).parts)]
    assert missing == []


def test_every_guide_and_decision_is_listed_where_people_look() -> None:
    for folder in ("guide", "decisions"):
        index = ROOT / "docs" / folder / "README.md"
        listed = {unquote(target) for target in targets(index)}
        there = {path.name for path in index.parent.glob("*.md")} - {"README.md"}
        assert there <= listed
