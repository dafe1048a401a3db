"""The README's walk names links and buttons exactly as the pages do."""

import re
from html import unescape

import pytest
from django.test import Client
from markdown_it import MarkdownIt

from incidents.models import Update
from tests.approvals import acts
from tests.support.cast import Cast
from tests.support.factories import make_component, make_incident, make_update
from tests.support.releases import let_go, reviewed, subscribers
from tools.places import ROOT

# Whom and how many depends on the story; the rest of a name does not.
VARIES = {r"Toni\\ Techlead\\ and\\ Kim\\ Comms": r"[\\w ]+", r"\d+": r"[\\d,]+", "people": "(people|person)"}


def named() -> list[str]:
    """What the walk's steps put in italics."""
    walk = (ROOT / "README.md").read_text().partition("To walk through the main run:")[2].partition("Ctrl-C stops everything")[0]
    inline = [token.children or [] for token in MarkdownIt().parse(walk) if token.type == "inline"]
    found = []
    for children in inline:
        for place, token in enumerate(children):
            if token.type == "em_open":
                end = next(later for later in range(place, len(children)) if children[later].type == "em_close")
                found.append(" ".join(child.content or " " for child in children[place + 1 : end]))
    return [" ".join(name.split()) for name in found]


def pattern(name: str) -> re.Pattern[str]:
    """The name, as a whole label of a link or button."""
    said = re.escape(name)
    for varying, any_ in VARIES.items():
        said = re.sub(varying, any_, said)
    return re.compile(rf"(?m)^{said}$")


def labels(client: Client, address: str) -> str:
    """The words of every link and button of a page, one a line; also those that a choice on the page gives its button."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    page = re.sub(r"<kbd.*?</kbd>|<span class=\"(?:count|vh).*?</span>", "", answer.content.decode(), flags=re.DOTALL)
    found = re.findall(r"<(a|button)\b[^>]*>(.*?)</\1>", page, flags=re.DOTALL)
    chosen = re.findall(r' data-now="([^"]*)"', page)
    return "\n".join(" ".join(unescape(re.sub(r"<[^>]+>", " ", words)).split()) for words in [*(words for _, words in found), *chosen])


@pytest.mark.django_db
def test_every_name_in_the_walk_is_the_name_on_the_page(cast: Cast) -> None:
    subscribers("anna@example.com")
    incident = make_incident(actor=cast.actor("commander"), components=[make_component(name="Checkout")])
    room = f"/console/incidents/{incident.public_id}/"
    commander, seen = cast.client("commander"), []
    let_go(cast, reviewed(cast, Update.objects.get(incident=incident)))
    seen.append(labels(commander, room))
    update = make_update(incident=incident, actor=cast.actor("commander"))
    seen.append(labels(commander, f"/console/updates/{update.public_id}/edit/"))
    acts.ask(cast, update)
    seen.append(labels(cast.client("comms"), "/console/reviews/"))
    seen.append(labels(cast.client("comms"), f"/console/updates/{update.public_id}/review/"))
    acts.approve(cast, update)
    after = (room, f"/console/updates/{update.public_id}/edit/", f"/console/updates/{update.public_id}/release/")
    seen += [labels(commander, address) for address in after]
    seen.append(labels(cast.client("auditor"), "/console/"))
    names = named()
    assert len(names) >= 9
    assert [name for name in names if not pattern(name).search("\n".join(seen))] == []


def test_a_name_that_no_page_has_is_found_out() -> None:
    assert pattern("Release to 211 people and the public page").search("Back\nRelease to 1 person and the public page\n")
    assert pattern("Ask Toni Techlead and Kim Comms for review").search("Ask Techlead and Comms for review")
    assert not pattern("Approve").search("Approve these words")
