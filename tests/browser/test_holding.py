"""Holding statements and template rules in the browser: two steps from the room to the release, and sound pages at every width."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from accounts.actors import system
from core.clock import utc_now
from incidents.models import Incident
from stakeholders.models import Audience
from stakeholders.services import add_members, register_stakeholder
from templates.models import HoldingStatementVersion
from templates.services import save_rules
from templates.services.save_rules import RuleInput
from tests.browser.conftest import SignIn
from tests.browser.test_every_page import LOOKS, flaws, keep_picture
from tests.support.cast import Cast
from tests.support.factories import make_component, make_incident
from tests.support.holding import approved_statement, ask_for_review, write_statement

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def tell(cast: Cast) -> tuple[Incident, HoldingStatementVersion, HoldingStatementVersion]:
    """One statement in force, one expired, one in review, one draft; an incident; two rules, one of which hides the other."""
    now = utc_now()
    readers = [
        register_stakeholder(
            actor=system("test"), now=now, kind="customer", name=f"Customer {n}", email=f"c{n}@x.example", time_zone="UTC", language="en"
        )
        for n in range(3)
    ]
    add_members(actor=system("test"), now=now, audience=Audience.objects.get(key="customers"), stakeholders=readers)
    valid = approved_statement(cast, now=now, valid_for=timedelta(days=10))
    approved_statement(
        cast,
        now=now - timedelta(days=30),
        valid_for=timedelta(days=20),
        key="slow-customers-en",
        name="Slow, for customers",
        scenario="slow",
    )
    in_review = write_statement(cast, now=now, key="breach-customers-en", name="Personal data, for customers", scenario="data_breach")
    ask_for_review(cast, in_review, now=now)
    rules = [
        RuleInput("", ("payments",), "network-monitoring-customers"),
        RuleInput("network", ("payments",), "network-monitoring-customers"),
    ]
    save_rules(actor=cast.actor("comms"), now=now, rules=rules)
    incident = make_incident(actor=cast.actor("commander"), now=now - timedelta(minutes=4), components=[make_component(name="Checkout")])
    return incident, valid, in_review


@pytest.mark.parametrize("scripts", [True, False])
def test_from_the_room_to_the_release_in_two_steps(sign_in: SignIn, cast: Cast, scripts: bool) -> None:
    incident, valid, _ = tell(cast)
    page = sign_in("commander", scripts=scripts)
    page.goto(f"/console/incidents/{incident.public_id}/")
    page.click("text=Release a holding statement")
    expect(page.get_by_text("Its approval ran out on")).to_be_visible()
    page.check(f"input[name=statement][value='{valid.statement.public_id}']")
    page.click("text=Read what goes out")
    expect(page.get_by_role("heading", name="We are looking into a problem with Checkout")).to_be_visible()
    page.click("text=Release to 3 people and the public page")
    page.wait_for_url("**/console/releases/*/")
    incident.refresh_from_db()
    assert incident.status == "investigating"


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_pages_are_accessible_and_fit(sign_in: SignIn, cast: Cast, width: int, theme: str) -> None:
    incident, valid, in_review = tell(cast)
    room = f"/console/incidents/{incident.public_id}"
    pages = {
        "commander": {
            "holding": "/console/holding/",
            "holding-none": "/console/holding/?scenario=regulated_system",
            "holding-new": "/console/holding/new/",
            "holding-statement": f"/console/holding/{valid.statement.public_id}/",
            "holding-choose": f"{room}/holding/",
            "holding-confirm": f"{room}/holding/release/?statement={valid.statement.public_id}",
            "room-with-holding": f"{room}/",
        },
        "comms": {
            "template-rules": "/console/templates/rules/",
            "template-unmapped": "/console/templates/unmapped/",
            "template-tester": "/console/templates/tester/?category=network&tags=payments",
            "template-tester-labels": "/console/templates/tester/?labels=severity%3Dcritical",
            "template-new": "/console/templates/new/",
            "templates": "/console/templates/",
            "statement-in-review": f"/console/holding/{in_review.statement.public_id}/",
        },
        "legal": {
            "holding-review": f"/console/holding/{in_review.statement.public_id}/review/",
            "reviews-with-statements": "/console/reviews/",
        },
    }
    found: list[str] = []
    for who, addresses in pages.items():
        page = sign_in(who, width=width, theme=theme)
        for name, address in addresses.items():
            page.goto(address)
            keep_picture(page, f"{name}-{width}-{theme}")
            found += flaws(page, name, f"{width}-{theme}")
    assert found == []
