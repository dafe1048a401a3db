"""Trying a version of the policy, in a browser."""

import os
from pathlib import Path

import pytest

from core.clock import utc_now
from incidents.services import work_off_dry_runs
from policies.models import PolicyVersion
from policies.queries import active_policy
from tests.browser.conftest import SignIn
from tests.support.factories import make_incident

pytestmark = pytest.mark.django_db(transaction=True)


def milder() -> PolicyVersion:
    """A draft that lets SEV1 wait longer."""
    rules = active_policy().rules
    changed = [
        rule | {"then": rule["then"] | {"outcome": "optional", "cadence": {"investigating": 45}}}
        if rule["key"] == "customer-sev1"
        else rule
        for rule in rules
    ]
    return PolicyVersion.objects.create(number=99, state="draft", rules=changed, note="Milder", created_at=utc_now())


def test_a_trial_shows_what_would_have_been_otherwise(sign_in: SignIn) -> None:
    for severity in ("SEV1", "SEV2", "SEV1", "SEV3"):
        make_incident(severity=severity, title=f"Checkout fails, {severity}")
    version = milder()
    page = sign_in("admin")
    page.goto(f"/console/policy/{version.number}/dry-run/")
    page.click("button:has-text('Try it on all past incidents')")
    page.locator("#dry-run").wait_for()
    work_off_dry_runs(now=utc_now())
    page.get_by_text("2 of 4 incidents").wait_for()
    page.locator("main summary").first.click()
    assert page.get_by_text("investigating 45").first.is_visible()
    if target := os.environ.get("ROOM_PICTURES"):
        page.screenshot(path=Path(target) / "dry-run-1280.png", full_page=True)
        page.set_viewport_size({"width": 360, "height": 900})
        page.screenshot(path=Path(target) / "dry-run-360.png", full_page=True)
