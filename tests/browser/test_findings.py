"""Findings stand under the words while somebody types, and lead to their passage."""

import re

import pytest
from playwright.sync_api import Page, expect

from core.clock import utc_now
from incidents.models import Update
from tests.browser.conftest import SignIn
from tests.support.cast import Cast
from tests.support.factories import make_incident, make_update

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BODY = "#id_body-customers"
MARKS = ".marked-field:has(#id_body-customers) .marks mark"


@pytest.fixture
def update(cast: Cast) -> Update:
    incident = make_incident(actor=cast.actor("commander"), now=utc_now())
    return make_update(incident=incident, actor=cast.actor("commander"), now=utc_now())


def open_editor(page: Page, update: Update) -> Page:
    page.goto(f"/console/updates/{update.public_id}/edit/")
    return page


def same_place(page: Page) -> float:
    """How far, in pixels, the mark's box is from where the same words stand in a copy of the field's own type."""
    measured: float = page.evaluate(
        """() => {
          const area = document.querySelector("#id_body-customers"), marks = area.nextElementSibling;
          const one = getComputedStyle(area), other = getComputedStyle(marks);
          const same = ["fontFamily", "fontSize", "lineHeight", "letterSpacing", "paddingTop", "paddingLeft", "borderTopWidth"];
          const unlike = same.filter((name) => one[name] !== other[name]);
          if (unlike.length) throw new Error(unlike.map((name) => `${name}: ${one[name]} ${other[name]}`).join("; "));
          const a = area.getBoundingClientRect(), b = marks.getBoundingClientRect();
          return Math.max(Math.abs(a.top - b.top), Math.abs(a.left - b.left), Math.abs(a.width - b.width));
        }"""
    )
    return measured


def test_a_passage_is_marked_while_typing_and_selected_from_the_list(sign_in: SignIn, update: Update) -> None:
    page = open_editor(sign_in("commander"), update)
    page.fill(BODY, "🙂 Failover of db-prod-3 done,\nprobably due to rain.")
    expect(page.locator(MARKS)).to_have_text(["db-prod-3", "probably", "due to"])
    expect(page.locator("#findings-customers")).to_contain_text("1 passage must change before review can be asked for.")
    expect(page.locator("#live")).to_have_text("1 passage must change before review can be asked for.")
    assert same_place(page) < 1
    page.click("#findings-customers .findings a:has-text('db-prod-3')")
    selected = "(area) => area.value.slice(area.selectionStart, area.selectionEnd)"
    assert page.locator(BODY).evaluate(selected) == "db-prod-3"
    page.keyboard.type("one of our servers")
    expect(page.locator(MARKS)).to_have_text(["probably", "due to"])
    expect(page.locator("#findings-customers")).to_contain_text("Nothing here stands in the way.")


def test_marks_behind_an_edit_move_along_before_the_server_answers(sign_in: SignIn, update: Update) -> None:
    page = open_editor(sign_in("commander"), update)
    page.fill(BODY, "Failover of db-prod-3 done.")
    expect(page.locator(MARKS)).to_have_text(["db-prod-3"])
    page.route("**/preview/", lambda route: route.abort())
    page.locator(BODY).press("Control+Home")
    page.keyboard.type("Today: ")
    expect(page.locator(MARKS)).to_have_text(["db-prod-3"])
    page.locator(BODY).press("Control+End")
    for _ in range(8):
        page.keyboard.press("Backspace")
    expect(page.locator(MARKS)).to_have_count(0)


def test_without_scripts_the_list_stands_beside_the_field_after_a_save(sign_in: SignIn, update: Update) -> None:
    page = open_editor(sign_in("commander", scripts=False), update)
    page.fill(BODY, "Failover of db-prod-3 done")
    page.click("button:has-text('Save draft')")
    expect(page.locator("#findings-customers")).to_contain_text("This looks like the name of a machine.")
    page.click("[data-ask]")
    expect(page.locator(".field-error")).to_contain_text("Write “one of our servers” instead.")
    expect(page.locator(BODY)).to_have_value(re.compile("db-prod-3"))
