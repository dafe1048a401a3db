"""Every page of the console, at both widths and in both themes: axe finds nothing and nothing sticks out.

With `PICTURES_DIR` set, a picture of each is kept there for people to judge.
"""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from stakeholders.models import ContactPoint, Stakeholder
from templates.models import UpdateTemplate
from tests.browser.conftest import SignIn
from tests.browser.story import Story, tell
from tests.support.asked_for import when_asked_for
from tests.support.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("PICTURES_DIR", "")
# Each width and each theme in every run; all four together when asked for: python3 run.py test -m slow
_ASKED_FOR = when_asked_for("all four looks")
LOOKS = [
    (1280, "light"),
    (360, "dark"),
    pytest.param(1280, "dark", marks=[pytest.mark.slow, _ASKED_FOR]),
    pytest.param(360, "light", marks=[pytest.mark.slow, _ASKED_FOR]),
]


def addresses(story: Story) -> dict[str, str]:
    """Every page by name."""
    room = f"/console/incidents/{story.incident.public_id}/"
    return {
        "board": "/console/",
        "incidents": "/console/incidents/",
        "incidents-filtered": "/console/incidents/?severity=SEV1&status=open&q=checkout",
        "incidents-none": "/console/incidents/?q=zebra",
        "incident-new": "/console/incidents/new/",
        "room": room,
        "room-change": f"{room}?change=components",
        "editor": f"/console/updates/{story.draft.public_id}/edit/",
        "editor-locked": f"/console/updates/{story.in_review.public_id}/edit/",
        "review": f"/console/updates/{story.in_review.public_id}/review/",
        "reviews": "/console/reviews/",
        "release": f"/console/updates/{story.approved.public_id}/release/",
        "progress": f"/console/releases/{story.release.public_id}/",
        "stakeholders": "/console/stakeholders/",
        "stakeholders-stopped": "/console/stakeholders/?state=suppressed",
        "stakeholders-found": "/console/stakeholders/?q=ada",
        "stakeholder": f"/console/stakeholders/{Stakeholder.objects.earliest('pk').public_id}/",
        "addresses-to-look-at": "/console/stakeholders/addresses/",
        "address": f"/console/addresses/{ContactPoint.objects.earliest('pk').pk}/",
        "audiences": "/console/audiences/",
        "audience-scope": "/console/audiences/customers/scope/",
        "templates": "/console/templates/",
        "template": f"/console/templates/{UpdateTemplate.objects.earliest('pk').public_id}/",
        "template-rules": "/console/templates/rules/",
        "template-unmapped": "/console/templates/unmapped/",
        "template-tester": "/console/templates/tester/?category=network",
        "screening": "/console/screening/",
        "tokens": "/console/tokens/",
        "second-factor": "/accounts/2fa/",
        "forbidden": "/console/templates/new/",
        "policy": "/console/policy/",
        "roster": "/console/roster/",
        "roster-absence": "/console/roster/absences/new/",
        "roster-handover": "/console/roster/handovers/new/",
        "roster-shift": "/console/roster/shifts/new/",
        "mapping": "/console/mapping/",
        "search": "/console/search/?q=checkout",
        "search-empty": "/console/search/",
        "not-found": "/console/incidents/000000000000/",
        "kit": "/console/kit/",
    }


def keep_picture(page: Page, name: str) -> None:
    """Only where somebody asked for pictures: they take longer than the checks."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def flaws(page: Page, name: str, look: str) -> list[str]:
    """What axe finds (WCAG 2.2 AA and best practices), and whether the page can be scrolled sideways."""
    found = [
        f"{name} {look}: {violation['id']}: {violation['nodes'][0]['target']} {violation['nodes'][0]['failureSummary']}"
        for violation in Axe().run(page).response["violations"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{name} {look}: wider than the window")
    return found


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_every_page_is_accessible_and_fits(sign_in: SignIn, cast: Cast, width: int, theme: str) -> None:
    story = tell(cast)
    page = sign_in("commander", width=width, theme=theme)
    found: list[str] = []
    for name, address in addresses(story).items():
        page.goto(address)
        look = f"{width}-{theme}"
        keep_picture(page, f"{name}-{look}")
        found += flaws(page, name, look)
    assert found == []


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_archive_is_accessible_with_an_entry_open_and_says_all_in_a_few_lines(
    sign_in: SignIn, cast: Cast, width: int, theme: str
) -> None:
    tell(cast)
    page = sign_in("auditor", width=width, theme=theme)
    page.goto("/console/audit/")
    tall = max(page.locator(".log > li").nth(number).evaluate("row => row.offsetHeight") for number in range(5))
    assert tall <= 84, "an entry is one or two lines, and one more where its words need it"
    cut_off = "all => all.filter(s => s.scrollWidth > s.clientWidth || getComputedStyle(s).textOverflow === 'ellipsis').length"
    assert page.locator(".log summary > span").evaluate_all(cut_off) == 0
    page.locator(".log summary").first.click()
    keep_picture(page, f"archive-{width}-{theme}")
    assert flaws(page, "archive", f"{width}-{theme}") == []


@pytest.mark.parametrize("who", ["outsider", "auditor"])
def test_those_who_may_do_less_see_sound_pages_too(sign_in: SignIn, cast: Cast, who: str) -> None:
    story = tell(cast)
    page = sign_in(who, width=360)
    found: list[str] = []
    for name in ("board", "incidents", "room", "editor", "search"):
        page.goto(addresses(story)[name])
        keep_picture(page, f"{name}-{who}")
        found += flaws(page, name, who)
    assert found == []
