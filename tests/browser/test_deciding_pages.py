"""Disputes, overrides, ratifications, holds and corrections in a real browser, at both widths and in both themes."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from approvals.models import Dispute, Override
from approvals.services import decide_ratification, dispute_passage, hold_incident, override_release, request_review, rule_dispute
from core.clock import utc_now
from incidents.models import Incident, Update
from tests.browser.conftest import SignIn
from tests.browser.story import update_in_review
from tests.browser.test_every_page import LOOKS, flaws, keep_picture
from tests.support.cast import Cast
from tests.support.factories import make_incident, make_update

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
REASON = "Nobody has looked at the payments yet. What is known: about one card payment in five fails since 13:05 UTC."


def asked_an_hour_ago(cast: Cast, incident: Incident | None = None) -> Update:
    """Its windows have run out."""
    then, commander = utc_now() - timedelta(hours=1), cast.actor("commander")
    update = make_update(incident=incident or make_incident(actor=commander, now=then), actor=commander, now=then)
    request_review(actor=commander, now=then, update_id=update.pk, revision=1)
    return update


def disputed(cast: Cast, quote: str = "We are on it.", update: Update | None = None) -> Dispute:
    now = utc_now()
    return dispute_passage(
        actor=cast.actor("comms", stepped_up=True, now=now),
        now=now,
        update_id=(update or update_in_review(cast)).pk,
        kind="communications",
        revision=1,
        audience="customers",
        language="en",
        field="body",
        quote=quote,
        reason=REASON,
    )


def overridden(cast: Cast, update: Update) -> Override:
    now = utc_now()
    reason = "Customers call in, both reviewers are asleep, and the words say only what the dashboards show."
    override_release(actor=cast.actor("override", second_factor=True, now=now), now=now, update_id=update.pk, revision=1, reason=reason)
    return Override.objects.get(update_of=update)


def look_at(page: Page, found: list[str], name: str, address: str, look: str) -> None:
    page.goto(address)
    keep_picture(page, f"{name}-{look}")
    found += flaws(page, name, look)


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_each_page_is_accessible_and_fits(sign_in: SignIn, cast: Cast, width: int, theme: str) -> None:
    now, look = utc_now(), f"{width}-{theme}"
    waiting, settled = disputed(cast), disputed(cast)
    rule_dispute(
        actor=cast.actor("arbiter", stepped_up=True, now=now),
        now=now,
        dispute_id=settled.pk,
        ruling="strike",
        revision=1,
        reason="It is not known yet.",
    )
    expired, marked = asked_an_hour_ago(cast), overridden(cast, asked_an_hour_ago(cast))
    refused = overridden(cast, asked_an_hour_ago(cast))
    decide_ratification(
        actor=cast.actor("legal", stepped_up=True, now=now), now=now, override_id=refused.pk, ratify=False, reason="The cause is wrong."
    )
    commander = cast.actor("commander", stepped_up=True, now=now)
    hold_incident(actor=commander, now=now, incident_id=marked.update_of.incident_id, reason="Legal looks at it.")
    found: list[str] = []
    page = sign_in("comms", width=width, theme=theme)
    query = "?kind=communications&audience=customers&language=en&field=body&quote=We+are+on+it."
    look_at(page, found, "dispute-new", f"/console/updates/{update_in_review(cast).public_id}/dispute/{query}", look)
    page = sign_in("arbiter", width=width, theme=theme)
    for name, address in {
        "disputes": "/console/disputes/",
        "dispute": f"/console/disputes/{waiting.public_id}/",
        "dispute-settled": f"/console/disputes/{settled.public_id}/",
    }.items():
        look_at(page, found, name, address, look)
    page = sign_in("override", width=width, theme=theme)
    for name, update in (("override-open", expired), ("override-closed", waiting.update_of)):
        look_at(page, found, name, f"/console/updates/{update.public_id}/override/", look)
    page = sign_in("legal", width=width, theme=theme)
    look_at(page, found, "ratifications", "/console/ratifications/", look)
    look_at(page, found, "override-record", f"/console/overrides/{marked.public_id}/", look)
    look_at(page, found, "override-refused", f"/console/overrides/{refused.public_id}/", look)
    page = sign_in("commander", width=width, theme=theme)
    look_at(page, found, "room-held", f"/console/incidents/{marked.update_of.incident.public_id}/", look)
    look_at(page, found, "progress-overridden", f"/console/releases/{marked.release.public_id}/", look)
    look_at(page, found, "release-disputed", f"/console/updates/{waiting.update_of.public_id}/release/", look)
    assert found == []


def test_words_selected_on_the_review_page_are_disputed_with_one_key(sign_in: SignIn, cast: Cast) -> None:
    update = update_in_review(cast)
    page = sign_in("comms")
    page.goto(f"/console/updates/{update.public_id}/review/")
    page.evaluate(
        """() => {
            const place = document.querySelector('[data-place="customers|en|body"]');
            const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
            let text;
            while ((text = walker.nextNode()) && !text.data.includes('We are on it.'));
            const range = document.createRange();
            range.setStart(text, text.data.indexOf('We are on it.'));
            range.setEnd(text, text.data.indexOf('We are on it.') + 13);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }"""
    )
    page.wait_for_timeout(100)
    page.keyboard.press("d")
    page.wait_for_url("**/dispute/**")
    expect(page.get_by_label("The passage")).to_have_value("We are on it.")
    expect(page.get_by_label("Where it stands")).to_have_value("customers|en|body")
    page.get_by_label("What is wrong with it").fill("Nobody is on it yet.")
    page.get_by_role("button", name="Dispute this passage").click()
    page.wait_for_url("**/console/disputes/**")
    expect(page.locator("mark.passage")).to_contain_text("We are on it.")
    assert Dispute.objects.get().reason == "Nobody is on it yet."


def test_without_scripts_too_a_dispute_is_ruled_on(sign_in: SignIn, cast: Cast) -> None:
    found = disputed(cast)
    page = sign_in("arbiter", scripts=False)
    page.goto(f"/console/disputes/{found.public_id}/")
    page.get_by_role("button", name="Give this ruling").click()
    expect(page.locator(".field-error").first).to_be_visible()
    page.get_by_label("Strike the passage").check()
    page.get_by_label("Why you rule so").fill("It is not known yet.")
    page.get_by_role("button", name="Give this ruling").click()
    expect(page.get_by_role("heading", name="The ruling")).to_be_visible()
    assert Dispute.objects.get().state == "struck"
