"""Setting up and using a second factor in a real browser: an app's codes, and a passkey by Chromium's virtual authenticator."""

import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.support.cast import PASSWORD, Cast
from tests.support.second_factor import code_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# The page itself, and not the address that only names it as the next one.
THERE = re.compile(r"^[^?]*/console/reviews/$")


@pytest.fixture(autouse=True)
def _no_code_was_used(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def confirm_password(page: Page) -> None:
    page.fill("[name=password]", PASSWORD)
    page.click("button:has-text('Confirm and go on')")


def second_factor_until(page: Page) -> str | None:
    until: str | None = page.request.get("/api/v1/me/").json()["second_factor_until"]
    return until


def test_an_app_is_set_up_and_confirms_with_a_code(sign_in: SignIn, cast: Cast) -> None:
    page = sign_in("override", width=360)
    page.goto("/accounts/2fa/")
    page.click("text=Set up an app")
    confirm_password(page)
    secret = page.locator(".secret").inner_text()
    expect(page.get_by_role("img", name="The secret below as a picture to scan")).to_be_visible()
    page.fill("[name=code]", code_of(secret))
    page.click("button:has-text('Set up the app')")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert page.locator(".codes li").count() == 10
    page.click("text=I have put them away")
    assert second_factor_until(page) is None

    page.goto("/accounts/2fa/reauthenticate/?next=/console/reviews/")
    page.fill("[name=code]", "000000")
    page.click("button:has-text('Confirm and go on')")
    expect(page.get_by_role("alert").first).to_contain_text("Not confirmed")
    cache.clear()  # A code works once, and the next one comes in half a minute: this one counts as not used yet.
    page.fill("[name=code]", code_of(secret))
    page.click("button:has-text('Confirm and go on')")
    page.wait_for_url(THERE)
    assert second_factor_until(page) is not None


def test_a_passkey_is_added_and_confirms(sign_in: SignIn, cast: Cast) -> None:
    page = sign_in("override")
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    authenticator = devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                "isUserVerified": True, "automaticPresenceSimulation": True,
            }
        },
    )["authenticatorId"]  # fmt: skip
    page.goto("/accounts/2fa/")
    page.click("text=Add a passkey")
    confirm_password(page)
    page.fill("[name=name]", "Laptop")
    page.click("button:has-text('Add this passkey')")
    page.click("text=I have put them away")
    expect(page.get_by_text("1 set up: Laptop")).to_be_visible()
    assert second_factor_until(page) is None

    page.goto("/accounts/2fa/reauthenticate/?next=/console/reviews/")
    page.click("button:has-text('Confirm with your passkey')")
    page.wait_for_url(THERE)
    assert second_factor_until(page) is not None

    # Another device's answer is not taken, and the page says so and stays.
    devices.send("WebAuthn.clearCredentials", {"authenticatorId": authenticator})
    page.goto("/accounts/2fa/reauthenticate/?next=/console/reviews/")
    page.click("button:has-text('Confirm with your passkey')")
    expect(page.locator("[data-passkey-error]")).to_contain_text("Nothing was chosen", timeout=20_000)


def test_without_scripts_the_passkey_is_not_offered_and_the_code_is(sign_in: SignIn, cast: Cast) -> None:
    page = sign_in("override", scripts=False)
    page.goto("/accounts/2fa/webauthn/add/")
    confirm_password(page)
    expect(page.get_by_text("A passkey needs JavaScript")).to_be_visible()
    expect(page.locator("[data-passkey]")).to_be_hidden()
