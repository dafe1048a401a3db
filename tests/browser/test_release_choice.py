"""The release page's button says what is chosen, and the time is asked for only where one is wanted."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from incidents.models import Update
from tests.approvals.acts import approve, ask, edit
from tests.browser.conftest import SignIn
from tests.support.cast import Cast
from tests.support.factories import make_incident, make_update

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def ready(cast: Cast) -> Update:
    """Approved just now, with a list in its words."""
    now = timezone.now()
    update = make_update(incident=make_incident(actor=cast.actor("commander"), now=now), actor=cast.actor("commander"), now=now)
    edit(cast, update, body="What fails:\n\n- payments by card\n- refunds", now=now)
    ask(cast, update, now=now)
    approve(cast, update, now=now)
    return update


def test_the_button_follows_the_choice(sign_in: SignIn, cast: Cast) -> None:
    update = ready(cast)
    cast.commander.time_zone = "Europe/Berlin"
    cast.commander.save()
    page = sign_in("commander")
    page.goto(f"/console/updates/{update.public_id}/release/")
    button, time = page.locator("button[form=release-form]"), page.get_by_label("Date and time")
    expect(button).to_have_text("Release as chosen to 0 people and the public page")
    expect(time).to_be_hidden()
    page.get_by_label("At a time, in Europe/Berlin").check()
    expect(button).to_have_text("Plan for a time: 0 people and the public page")
    winter = f"{timezone.now().year + 1}-01-24T18:00"
    time.fill(winter)
    expect(button).to_have_text(f"Plan for 24 Jan {winter[:4]} 18:00 CET: 0 people and the public page")
    page.get_by_label("Now", exact=True).check()
    expect(button).to_have_text("Release to 0 people and the public page")
    expect(time).to_be_hidden()


def test_lists_stay_inside_their_card_and_without_scripts_everything_is_there(sign_in: SignIn, cast: Cast) -> None:
    page = sign_in("commander", scripts=False)
    page.goto(f"/console/updates/{ready(cast).public_id}/release/")
    expect(page.get_by_label("Date and time")).to_be_visible()
    expect(page.locator("button[form=release-form]")).to_have_text(re.compile("^Release as chosen to"))
    words, item = page.locator(".prose > p").first.bounding_box(), page.locator(".prose li").first.bounding_box()
    assert words is not None
    assert item is not None
    assert item["x"] - words["x"] >= 16
