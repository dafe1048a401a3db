"""The incident room in a browser: milestones, held-back reminders and facts, with and without JavaScript."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import utc_now
from incidents.models import Incident, Milestone, Snooze
from incidents.services import assess_etr, change_incident, claim_due_steps
from tests.browser.conftest import SignIn
from tests.support.cast import Cast
from tests.support.factories import make_component, make_incident

pytestmark = pytest.mark.django_db(transaction=True)


def lived_in(cast: Cast) -> Incident:
    """An incident of twelve minutes ago, with an expected time, tags and its first reminder told."""
    opened = utc_now() - timedelta(minutes=12)
    incident = make_incident(actor=cast.actor("commander"), now=opened, components=[make_component(name="Checkout")])
    actor = cast.actor("commander")
    change_incident(actor=actor, now=opened + timedelta(minutes=4), incident_id=incident.pk, severity="SEV1", tags=["payments", "eu"])
    assess_etr(actor=actor, now=utc_now(), incident=incident, expected_at=utc_now() + timedelta(minutes=90), note_text="Rollback runs.")
    claim_due_steps(now=utc_now())
    return incident


@pytest.mark.parametrize("scripts", [True, False])
def test_a_milestone_starts_the_draft_it_calls_for_and_publishes_nothing(sign_in: SignIn, cast: Cast, scripts: bool) -> None:
    incident = lived_in(cast)
    page = sign_in("commander", scripts=scripts)
    page.goto(f"/console/incidents/{incident.public_id}/")
    page.click("button[value=cause_found]")
    page.get_by_text("Recorded, and a draft stands ready. Nothing is published.").wait_for()
    milestone = Milestone.objects.get()
    assert (milestone.kind, milestone.source, milestone.draft is not None) == ("cause_found", "person", True)
    incident.refresh_from_db()
    assert incident.status == "investigating"


def test_reminders_are_held_back_with_a_reason(sign_in: SignIn, cast: Cast) -> None:
    incident = lived_in(cast)
    page = sign_in("commander")
    page.goto(f"/console/incidents/{incident.public_id}/")
    page.click("summary:has-text('Hold the reminders back')")
    page.click("button:has-text('Hold them back')")
    assert page.locator("#id_reason_error").is_visible()
    page.fill("#id_reason", "The words are being translated.")
    page.click("button:has-text('Hold them back')")
    page.get_by_text("Reminders held back").first.wait_for()
    assert Snooze.objects.get().reason == "The words are being translated."


def test_the_room_as_a_picture(sign_in: SignIn, cast: Cast) -> None:
    incident = lived_in(cast)
    target = os.environ.get("ROOM_PICTURES")
    for width in (1280, 360):
        for theme in ("light", "dark"):
            page = sign_in("commander", width=width, theme=theme)
            page.goto(f"/console/incidents/{incident.public_id}/")
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"the room is {wide} px wide at {width}"
            if target:
                page.screenshot(path=Path(target) / f"room-{width}-{theme}.png", full_page=True)
                if theme == "light":
                    for summary in page.locator("main summary").all():
                        summary.click()
                    page.screenshot(path=Path(target) / f"room-open-{width}.png", full_page=True)
                    page.goto(f"/console/incidents/{incident.public_id}/?change=outage_scope")
                    page.locator("#fact-outage_scope").screenshot(path=Path(target) / f"scope-{width}.png")
