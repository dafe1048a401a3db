"""The whole run through real pages: an alert comes in, three people write, review and release, and readers get it."""

import http.client
import json
import re
from pathlib import Path
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect
from pytest_django.fixtures import SettingsWrapper
from pytest_django.live_server_helper import LiveServer

from accounts.actors import system
from audit.services.verify import verify_log
from core.clock import utc_now
from incidents.models import Incident
from integrations.rules.sources import Source
from integrations.services.hook_tokens import create_hook_token
from stakeholders.models import Audience
from stakeholders.services import add_members, register_stakeholder
from tests.browser.conftest import SignIn
from tests.browser.machinery import clockwork, mail_server
from tests.browser.story import update_in_review
from tests.statuspage.serving import ask, page_process, wait_until
from tests.support.cast import PASSWORD, Cast
from tests.support.factories import make_component

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ALERT: dict[str, Any] = {
    "version": "4",
    "groupKey": '{}:{alertname="CheckoutErrorRate"}',
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "statuscomms",
    "groupLabels": {"alertname": "CheckoutErrorRate"},
    "commonLabels": {"alertname": "CheckoutErrorRate", "severity": "critical", "service": "checkout"},
    "commonAnnotations": {"summary": "Checkout answers with errors"},
    "externalURL": "http://alertmanager.example",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "CheckoutErrorRate", "severity": "critical", "service": "checkout"},
            "annotations": {"summary": "Checkout answers with errors"},
            "startsAt": "2026-03-02T13:58:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example/graph",
            "fingerprint": "9f1a3c5e7b2d4f60",
        }
    ],
}
TITLE = "Paying by card fails"
READER = "reader@customer.example"


def post_alert(live_server: LiveServer, token: str) -> int:
    connection = http.client.HTTPConnection(live_server.thread.host, live_server.thread.port, timeout=10)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", "/hooks/alertmanager/", json.dumps(ALERT), headers)
    status = connection.getresponse().status
    connection.close()
    return status


def confirm_if_asked(page: Page) -> bool:
    """Types the password where the page asks for it again; whether it did."""
    if "/accounts/reauthenticate/" not in page.url:
        return False
    page.fill("[name=password]", PASSWORD)
    page.click("button:has-text('Confirm and go on')")
    return True


def approve(page: Page) -> None:
    """From the board to the verdict."""
    page.goto("/console/")
    page.click("a:has-text('Review'):not(nav a)")
    expect(page.locator("#wording")).to_be_visible()
    expect(page.get_by_text(TITLE).first).to_be_visible()
    page.click("button:has-text('Approve these words')")


def test_from_alert_to_mail_and_public_page(
    sign_in: SignIn, cast: Cast, live_server: LiveServer, settings: SettingsWrapper, tmp_path: Path
) -> None:
    settings.STATUSPAGE_DIR = tmp_path / "page"
    make_component(key="checkout", name="Checkout")
    customers = Audience.objects.get(key="customers")
    reader = register_stakeholder(
        actor=system("test"), now=utc_now(), kind="customer", name="Reader", email=READER, time_zone="America/New_York", language="en"
    )
    add_members(actor=system("test"), now=utc_now(), audience=customers, stakeholders=[reader])
    _, token = create_hook_token(actor=system("test"), now=utc_now(), source=Source.ALERTMANAGER)

    with mail_server() as (inbox, smtp), clockwork(), page_process(tmp_path / "page") as public:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp
        assert post_alert(live_server, token) == 200

        commander = sign_in("commander")
        commander.click("table a:has-text('Checkout')")
        expect(commander.get_by_text("Updates required")).to_be_visible()
        commander.click("a:has-text('Edit and ask for review')")
        commander.fill("#id_title-customers", TITLE)
        commander.fill("#id_body-customers", "We found the faulty part. **Bank transfer works.**")
        commander.click(".tab-list a[href='#for-internal']")
        commander.fill("#id_title-internal", "Checkout: card payments fail")
        commander.fill("#id_body-internal", "Deploy 41 is being rolled back.")
        expect(commander.locator("#save-state")).to_have_text(re.compile(r"Saved \d\d:\d\d"), timeout=10_000)
        commander.click("[data-ask]")
        commander.wait_for_url("**/console/incidents/*/")
        expect(commander.locator(".notice-ok").last).to_contain_text("Review asked of")

        techlead = sign_in("techlead")
        approve(techlead)
        expect(techlead.locator(".notice-ok").last).to_contain_text("You approved")
        comms = sign_in("comms")
        approve(comms)
        expect(comms.locator(".notice-ok").last).to_contain_text("You approved")

        commander.goto("/console/")
        commander.click("a:has-text('Release'):not(nav a)")
        commander.click("button:has-text('Release to 1 person')")
        if confirm_if_asked(commander):
            commander.click("button:has-text('Release to 1 person')")
        commander.wait_for_url("**/console/releases/*/")
        expect(commander.get_by_role("heading", name="Everything is settled")).to_be_visible(timeout=15_000)
        expect(commander.locator("#progress")).to_contain_text("Every delivery was accepted.")

        wait_until(lambda: TITLE.encode() in ask(public, "/").text(), seconds=5)
        page = ask(public, "/").text().decode()
        assert "<strong>Bank transfer works.</strong>" in page
        assert "Deploy 41" not in page

        incident = Incident.objects.get()
        commander.goto(f"/console/incidents/{incident.public_id}/")
        expect(commander.get_by_text("Readers were promised word by")).to_be_visible()

    (letter,) = inbox.to(READER)
    assert letter["Subject"] == TITLE
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None
    assert html is not None
    assert re.search(r"Sent .* E[SD]T \(.*UTC\)", text.get_content())
    assert "<strong>Bank transfer works.</strong>" in html.get_content()
    asked = [message["Subject"] for person in ("techlead", "comms") for message in inbox.to(f"{person}@example.com")]
    assert len(asked) == 2
    assert all(subject.startswith("Review wanted") for subject in asked)
    assert verify_log().ok


def test_a_verdict_asks_for_the_password_again_after_five_minutes_and_keeps_the_comment(sign_in: SignIn, cast: Cast) -> None:
    update = update_in_review(cast)
    techlead = sign_in("techlead")
    techlead.goto(f"/console/updates/{update.public_id}/review/")
    with time_machine.travel(utc_now().timestamp() + 301, tick=True):
        techlead.fill("[name=comment]", "Name no supplier")
        techlead.click("button:has-text('Request changes')")
        assert confirm_if_asked(techlead)
        expect(techlead.locator("[name=comment]")).to_have_value("Name no supplier")
        techlead.click("button:has-text('Request changes')")
        expect(techlead.locator(".notice-ok").last).to_contain_text("You asked for changes")
