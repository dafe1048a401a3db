"""Typing in the editor loses nothing: not on reload, not in a second tab, not when the server is away."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from core.clock import utc_now
from incidents.models import Update
from incidents.services import revise_update
from tests.approvals import acts
from tests.browser.conftest import SignIn
from tests.support.cast import Cast
from tests.support.factories import make_component, make_incident, make_update

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BODY = "#id_body-customers"


@pytest.fixture
def update(cast: Cast) -> Update:
    incident = make_incident(actor=cast.actor("commander"), now=utc_now(), components=[make_component(name="Checkout")])
    return make_update(incident=incident, actor=cast.actor("commander"), now=utc_now())


def open_editor(page: Page, update: Update) -> Page:
    page.goto(f"/console/updates/{update.public_id}/edit/")
    return page


def body_of(update: Update) -> str:
    update.refresh_from_db()
    assert update.current is not None
    return update.current.parsed().wording["customers"]["en"].body


def test_what_is_typed_is_saved_by_itself_and_previewed_while_typing(sign_in: SignIn, update: Update) -> None:
    page = open_editor(sign_in("commander"), update)
    page.fill(BODY, "Cards fail. **Bank transfer works.**")
    expect(page.locator(".preview-page strong", has_text="Bank transfer works.")).to_be_visible()
    expect(page.locator("#save-state")).to_have_text(re.compile(r"Saved \d\d:\d\d"), timeout=5000)
    assert body_of(update) == "Cards fail. **Bank transfer works.**"
    page.reload()
    expect(page.locator(BODY)).to_have_value("Cards fail. **Bank transfer works.**")
    expect(page.locator("[data-revision-shown]")).to_have_text("2")


def test_steady_typing_is_saved_all_the_same(sign_in: SignIn, update: Update) -> None:
    page = sign_in("commander")
    page.clock.install()
    open_editor(page, update)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/save/") else None)
    page.locator(BODY).focus()
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    for letter in "one word after the other without a pause " * 3:
        page.keyboard.type(letter)
        page.clock.run_for(95)
    assert sent


def test_a_reload_before_the_save_loses_nothing(sign_in: SignIn, update: Update) -> None:
    page = open_editor(sign_in("commander"), update)
    page.route("**/save/", lambda route: route.abort())
    page.fill(BODY, "Typed while the server was away")
    expect(page.locator("#save-state")).to_contain_text("does not answer", timeout=5000)
    page.unroute("**/save/")
    page.reload()
    expect(page.locator(BODY)).to_have_value("Typed while the server was away")
    expect(page.locator("#save-state")).to_have_text(re.compile(r"Saved \d\d:\d\d"), timeout=5000)
    assert body_of(update) == "Typed while the server was away"


def test_the_older_tab_is_told_at_once_keeps_its_text_and_stops_saving(sign_in: SignIn, update: Update) -> None:
    older = open_editor(sign_in("commander"), update)
    newer = open_editor(older.context.new_page(), update)
    newer.fill(BODY, "From the newer tab")
    expect(newer.locator("#save-state")).to_have_text(re.compile(r"Saved \d\d:\d\d"), timeout=5000)
    expect(older.locator("#conflict")).to_be_visible(timeout=1000)
    expect(older.locator("#conflict")).to_contain_text("Saved by you, in another tab or window")
    expect(older.locator("#conflict")).not_to_contain_text("their")
    older.fill(BODY, "From the older tab")
    older.wait_for_timeout(2500)
    assert body_of(update) == "From the newer tab"
    older.click("[data-keep-mine]")
    expect(older.locator(BODY)).to_have_value("From the older tab")
    assert body_of(update) == "From the older tab"


def test_a_colleagues_newer_version_is_not_overwritten_and_theirs_can_be_taken(sign_in: SignIn, update: Update, cast: Cast) -> None:
    page = open_editor(sign_in("commander"), update)
    assert update.current is not None
    content = update.current.parsed()
    content.wording["customers"]["en"] = type(content.wording["customers"]["en"])("Theirs", "Words of the technical lead")
    revise_update(actor=cast.actor("techlead"), now=utc_now(), update_id=update.pk, base_revision=1, content=content)
    page.fill(BODY, "Mine")
    expect(page.locator("#conflict")).to_be_visible(timeout=5000)
    expect(page.locator("#conflict")).to_contain_text("Saved by Techlead")
    expect(page.locator("[data-take-theirs]")).to_have_text("Drop my text, take theirs")
    expect(page.locator(BODY)).to_have_value("Mine")
    page.reload()
    expect(page.locator(BODY)).to_have_value("Mine")
    expect(page.locator("#conflict")).to_be_visible()
    page.click("[data-take-theirs]")
    expect(page.locator(BODY)).to_have_value("Words of the technical lead")
    expect(page.locator("#conflict")).to_be_hidden()


def test_asking_for_review_waits_for_the_save_under_way(sign_in: SignIn, update: Update) -> None:
    page = open_editor(sign_in("commander"), update)

    def slowly(route: Route) -> None:
        page.wait_for_timeout(600)
        route.continue_()

    page.route("**/save/", slowly)
    page.fill(BODY, "The last words")
    with page.expect_request("**/save/"):
        pass
    page.click("[data-ask]")
    page.wait_for_url("**/console/incidents/**")
    expect(page.locator(".notice-ok")).to_contain_text("Review asked of")
    update.refresh_from_db()
    assert (update.state, body_of(update)) == ("in_review", "The last words")


def test_a_gap_in_the_list_leads_to_its_place(sign_in: SignIn, update: Update) -> None:
    page = open_editor(sign_in("commander"), update)
    page.click(".tab-list a[href='#for-internal']")
    page.fill("#id_body-internal", "It is [[fill in: cause]].")
    page.click(".tab-list a:first-child")
    page.click(".gaps a")
    chosen = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
    expect(page.locator("#id_body-internal")).to_be_focused()
    assert page.locator("#id_body-internal").evaluate(chosen) == "[[fill in: cause]]"


def test_the_editor_works_without_a_script(sign_in: SignIn, update: Update) -> None:
    page = open_editor(sign_in("commander", scripts=False), update)
    page.fill(BODY, "Saved by hand")
    page.click("button:has-text('Save draft')")
    expect(page.locator(".notice-ok").last).to_contain_text("Saved as revision 2")
    assert body_of(update) == "Saved by hand"


def test_a_paste_that_is_too_long_is_kept_whole_said_and_not_sent(sign_in: SignIn, update: Update) -> None:
    page = open_editor(sign_in("commander"), update)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/save/") else None)
    words = "Cards fail. " * 2_000
    page.locator(BODY).focus()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(words)
    expect(page.locator("#save-state")).to_have_text("Not saved: a text is too long. Kept in this browser", timeout=5000)
    expect(page.locator(".field-error", has_text="At most 20,000 characters; these are 24,000.")).to_be_visible()
    assert page.input_value(BODY) == words
    expect(page.locator("#preview-still")).to_be_visible()
    expect(page.locator("#preview")).not_to_contain_text("Cards fail. Cards fail.")
    page.reload()
    expect(page.locator(BODY)).to_have_value(words)
    page.fill(BODY, "Cards fail.")
    expect(page.locator("#save-state")).to_have_text(re.compile(r"Saved \d\d:\d\d UTC"), timeout=5000)
    expect(page.locator("#preview-still")).to_be_hidden()
    expect(page.locator(".preview-page")).to_contain_text("Cards fail.")
    assert body_of(update) == "Cards fail."
    assert len(sent) == 1


def test_a_paste_beyond_what_the_browser_keeps_says_so(sign_in: SignIn, update: Update) -> None:
    page = open_editor(sign_in("commander"), update)
    page.fill(BODY, "x" * 5_500_000)
    expect(page.locator("#save-state")).to_contain_text("do not close this page", timeout=15_000)
    assert page.evaluate(f"document.querySelector('{BODY}').value.length") == 5_500_000


def test_an_edit_that_voids_approvals_shows_a_draft_at_once(sign_in: SignIn, update: Update, cast: Cast) -> None:
    now = utc_now()
    acts.ask(cast, update, now=now)
    acts.approve(cast, update, now=now)
    page = sign_in("commander")
    page.goto(f"/console/updates/{update.public_id}/edit/?unlock=1")
    expect(page.locator("[data-state-shown]")).to_have_text("Approved")
    page.fill(BODY, "Other words.")
    expect(page.locator("[data-state-shown]")).to_have_text("Draft", timeout=5000)
    page.goto(f"/console/incidents/{update.incident.public_id}/")
    expect(page.get_by_text("The words were changed: 2 approvals no longer count")).to_be_visible()
