"""What people do on the pages when words are governed: select, dispute, enrol a device, override, decide. Reads like what they click."""

import re
from email.message import EmailMessage
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.support.cast import PASSWORD
from tests.support.second_factor import code_of

LINK = re.compile(r"https?://\S+?(/r/[0-9a-f]{64}/)")


def confirm_if_asked(page: Page) -> bool:
    """Types the password where the page asks for it again; whether it did."""
    if urlsplit(page.url).path != "/accounts/reauthenticate/":
        return False
    page.fill("[name=password]", PASSWORD)
    page.click("button:has-text('Confirm and go on')")
    return True


def press(page: Page, key: str, then: str) -> None:
    """A key that a page offers, until the page `then` is there; again after the password where that is asked for."""
    page.keyboard.press(key)
    page.wait_for_url(re.compile(rf"{then}|/accounts/reauthenticate/"))
    if confirm_if_asked(page):
        page.wait_for_url("**/review/**")
        page.keyboard.press(key)
        page.wait_for_url(re.compile(then))


def click(page: Page, button: str, then: str) -> None:
    """A button by its words, until the page `then` is there; again after the password where that is asked for."""
    asked_at = page.url
    page.get_by_role("button", name=button).click()
    page.wait_for_url(re.compile(rf"{then}|/accounts/reauthenticate/"))
    if confirm_if_asked(page):
        page.wait_for_url(asked_at)
        page.get_by_role("button", name=button).click()
        page.wait_for_url(re.compile(then))


def link_in(letter: EmailMessage) -> str:
    """The path of the review link in the plain part of a letter."""
    plain = letter.get_body(("plain",))
    assert plain is not None
    found = LINK.search(plain.get_content())
    assert found is not None, plain.get_content()
    return found[1]


def select(page: Page, words: str, place: str = "customers|en|body") -> None:
    """Drags over these words of the wording, as with a mouse."""
    box = page.locator(f"[data-place='{place}']")
    box.scroll_into_view_if_needed()
    edges = box.evaluate(
        """(box, words) => {
            const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
            let text;
            while ((text = walker.nextNode()) && !text.data.includes(words));
            const range = document.createRange(), start = text.data.indexOf(words);
            range.setStart(text, start);
            range.setEnd(text, start + words.length);
            const {left, right, top, bottom} = range.getBoundingClientRect();
            return [left, right, (top + bottom) / 2];
        }""",
        words,
    )
    left, right, middle = edges
    page.mouse.move(left, middle)
    page.mouse.down()
    page.mouse.move((left + right) / 2, middle)
    page.mouse.move(right, middle)
    page.mouse.up()


def enrol_an_app(page: Page) -> str:
    """Sets up an authenticator app on its page; returns the secret that the page shows."""
    page.goto("/accounts/2fa/")
    page.click("text=Set up an app")
    if confirm_if_asked(page):
        page.wait_for_url("**/accounts/2fa/**")
    secret: str = page.locator(".secret").inner_text()
    page.fill("[name=code]", code_of(secret))
    page.click("button:has-text('Set up the app')")
    page.click("text=I have put them away")
    return secret


def enrol_a_passkey(page: Page) -> None:
    """Adds a passkey of Chromium's virtual authenticator, over its debugging protocol."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto("/accounts/2fa/")
    page.click("text=Add a passkey")
    if confirm_if_asked(page):
        page.wait_for_url("**/accounts/2fa/**")
    page.fill("[name=name]", "Laptop")
    page.click("button:has-text('Add this passkey')")
    page.click("text=I have put them away")


def said(page: Page, words: str) -> None:
    """The page says that it is done."""
    expect(page.locator(".notice-ok").last).to_contain_text(words)
