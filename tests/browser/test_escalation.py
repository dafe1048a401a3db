"""The pages about escalation in a real browser, at both widths and in both themes, and the editor by keyboard alone and without scripts."""

import pytest
from playwright.sync_api import expect

from notifications.models import Delivery
from notifications.transports.personal_links import answer_link
from stakeholders.models import EscalationTree
from tests.browser.conftest import SignIn
from tests.browser.test_every_page import LOOKS, flaws, keep_picture
from tests.support.cast import Cast
from tests.support.escalation import colleague, escalation_things

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_every_page_of_escalation_is_accessible_and_fits(sign_in: SignIn, cast: Cast, width: int, theme: str) -> None:
    tree, run, drill = escalation_things(cast)
    trees = f"/console/escalation/trees/{tree.key}/"
    pages = {
        "escalation": "/console/escalation/",
        "tree": trees,
        "tree-clock-change": f"{trees}?week=2026-10-25",
        "tree-edit": f"{trees}edit/",
        "tree-new": "/console/escalation/new/",
        "start": f"{trees}start/",
        "run": f"/console/escalation/runs/{run.public_id}/",
        "drill": f"/console/escalation/drills/{drill.public_id}/",
        "drill-new": "/console/escalation/drills/new/",
        "answer": answer_link(Delivery.objects.filter(message__kind="drill").earliest("pk").key).partition("/answer/")[2],
    }
    pages["answer"] = f"/answer/{pages['answer']}"
    page = sign_in("comms", width=width, theme=theme)
    found: list[str] = []
    for name, address in pages.items():
        page.goto(address)
        for details in page.locator("main details").all():
            details.evaluate("one => { one.open = true }")
        keep_picture(page, f"{name}-{width}-{theme}")
        found += flaws(page, name, f"{width}-{theme}")
    assert found == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_tree_is_made_by_keyboard(sign_in: SignIn, cast: Cast, scripts: bool) -> None:
    colleague(cast, "techlead")
    page = sign_in("comms", scripts=scripts)
    page.goto("/console/escalation/new/")
    page.get_by_label("Name", exact=True).fill("Night calls")
    page.get_by_label("Somebody of the register").fill("tech")
    # Enter looks for what was typed; it neither saves nor takes anything out.
    page.keyboard.press("Enter")
    add = page.get_by_role("button", name="Add Techlead to step 1")
    add.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Take out Techlead of step 1")).to_be_visible()
    assert not EscalationTree.objects.exists()
    save = page.get_by_role("button", name="Make this tree")
    save.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Night calls")
    assert EscalationTree.objects.get().steps.get().targets.get().stakeholder is not None
