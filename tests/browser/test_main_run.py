"""The whole run through real pages: an alert comes in, three people write, review and release, and readers get it."""

import http.client
import json
import re
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.actors import system
from audit.services.verify import verify_log
from core.clock import utc_now
from incidents.models import Incident
from integrations.rules.sources import Source
from integrations.services.hook_tokens import create_hook_token
from stakeholders.models import Audience
from stakeholders.services import add_members, register_stakeholder
from tests.browser.acts import confirm_if_asked
from tests.browser.conftest import SignIn
from tests.browser.machinery import clockwork, mail_server
from tests.browser.story import update_in_review
from tests.statuspage.serving import ask, page_process, wait_until
from tests.support.cast import Cast
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


def approve(page: Page) -> None:
    """From the board to the verdict."""
    page.goto("/console/")
    page.click("main a:has-text('Review')")
    expect(page.locator("#wording")).to_be_visible()
    expect(page.get_by_text(TITLE).first).to_be_visible()
    page.click("button:has-text('Approve these words')")


def write_and_ask(page: Page) -> None:
    """The commander: from the board to the editor, words for both audiences, then review."""
    page.click("table a:has-text('Checkout')")
    expect(page.get_by_text("Updates required")).to_be_visible()
    page.click(".action-bar a:has-text('Edit the draft')")
    page.fill("#id_title-customers", TITLE)
    page.fill("#id_body-customers", "We found the faulty part. **Bank transfer works.**")
    page.click(".tab-list a[href='#for-internal']")
    page.fill("#id_title-internal", "Checkout: card payments fail")
    page.fill("#id_body-internal", "Deploy 41 is being rolled back.")
    expect(page.locator("#save-state")).to_have_text(re.compile(r"Saved \d\d:\d\d"), timeout=10_000)
    page.click("[data-ask]")
    page.wait_for_url("**/console/incidents/**")
    expect(page.locator(".notice-ok").last).to_contain_text("Review asked of")


def release(page: Page) -> None:
    """The commander again: from the board to the release, and until every delivery is settled."""
    page.goto("/console/")
    page.click("main a:has-text('Release')")
    page.get_by_label("Now", exact=True).check()
    page.click("button:has-text('Release to 1 person')")
    if confirm_if_asked(page):
        page.click("button:has-text('Release to 1 person')")
    page.wait_for_url("**/console/releases/*/")
    expect(page.get_by_role("heading", name="Everything is settled")).to_be_visible(timeout=15_000)
    expect(page.locator("#progress")).to_contain_text("Every delivery was accepted.")


def check_letter(letter: EmailMessage) -> None:
    """Both parts, the reader's own zone beside UTC, and the one-click way out."""
    assert letter["Subject"] == TITLE
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None
    assert html is not None
    assert re.search(r"Sent .* E[SD]T \(.*UTC\)", text.get_content())
    assert "<strong>Bank transfer works.</strong>" in html.get_content()


@pytest.fixture
def page_folder(settings: Any, tmp_path: Path) -> Path:
    """Where the public page is written."""
    settings.STATUSPAGE_DIR = tmp_path / "page"
    return tmp_path / "page"


def test_from_alert_to_mail_and_public_page(sign_in: SignIn, cast: Cast, live_server: LiveServer, settings: Any, page_folder: Path) -> None:
    by, now = system("test"), utc_now()
    make_component(key="checkout", name="Checkout")
    zone = "America/New_York"
    reader = register_stakeholder(actor=by, now=now, kind="customer", name="Reader", email=READER, time_zone=zone, language="en")
    add_members(actor=by, now=now, audience=Audience.objects.get(key="customers"), stakeholders=[reader])
    _, token = create_hook_token(actor=by, now=now, source=Source.ALERTMANAGER)

    with mail_server() as (inbox, smtp), clockwork(), page_process(page_folder) as public:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp
        assert post_alert(live_server, token) == 200
        commander = sign_in("commander")
        write_and_ask(commander)
        for name in ("techlead", "comms"):
            reviewer = sign_in(name)
            approve(reviewer)
            expect(reviewer.locator(".notice-ok").last).to_contain_text("You approved")
        release(commander)

        wait_until(lambda: TITLE.encode() in ask(public, "/").text(), seconds=5)
        shown = ask(public, "/").text().decode()
        assert "<strong>Bank transfer works.</strong>" in shown
        assert "Deploy 41" not in shown
        commander.goto(f"/console/incidents/{Incident.objects.get().public_id}/")
        expect(commander.get_by_text("were promised word by")).to_be_visible()
        wait_until(lambda: all(inbox.to(f"{name}@example.com") for name in ("techlead", "comms")), seconds=5)

    (letter,) = inbox.to(READER)
    check_letter(letter)
    for name in ("techlead", "comms"):
        assert [str(message["Subject"]).partition(":")[0] for message in inbox.to(f"{name}@example.com")] == ["Review wanted"]
    assert verify_log().bad_index is None


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
