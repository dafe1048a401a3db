"""The release page: nothing is chosen for the person, and what they chose survives the password and a refusal."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from approvals.models import Release, ReleaseSchedule
from incidents.models import Update
from incidents.rules.content import ScheduleMode
from incidents.rules.content_edit import ContentEdit, Schedule
from tests.approvals.acts import approve, ask
from tests.support.cast import PASSWORD, Cast
from tests.support.factories import make_incident, make_update
from tests.support.sessions import password_was_typed_long_ago

pytestmark = pytest.mark.django_db


def ready(cast: Cast, mode: ScheduleMode = ScheduleMode.BY_HAND) -> Update:
    """Approved just now, as the pages read the clock."""
    now = timezone.now()
    incident = make_incident(actor=cast.actor("commander"), now=now)
    update = make_update(incident=incident, actor=cast.actor("commander"), now=now, edit=ContentEdit(schedule=Schedule(mode, None)))
    ask(cast, update, now=now)
    approve(cast, update, now=now)
    return update


def chosen(page: str) -> list[str]:
    """The values of the radio buttons that are checked."""
    boxes = re.findall(r'<input type="radio" name="when"[^>]*>', page)
    assert len(boxes) == 2
    return [re.findall(r'value="([^"]*)"', box)[0] for box in boxes if "checked" in box]


def at_field(page: str) -> str:
    found = re.search(r'<input id="f-at"[^>]*value="([^"]*)"', page)
    return found[1] if found else ""


def address(update: Update) -> str:
    return f"/console/updates/{update.public_id}/release/"


def local(client: Client, **later: int) -> str:
    """A time as the field holds it; the cast lives in UTC."""
    return f"{timezone.now() + timedelta(**later):%Y-%m-%dT%H:%M}"


def test_neither_now_nor_a_time_is_chosen_before_somebody_chooses(cast: Cast) -> None:
    update = ready(cast)
    client = cast.client("commander")
    assert chosen(client.get(address(update)).content.decode()) == []
    refused = client.post(address(update), {"revision": "1"})
    assert refused.status_code == 422
    assert "Choose now or a time." in refused.content.decode()
    assert not Release.objects.exists()


def test_a_time_chosen_is_still_chosen_after_the_password(cast: Cast) -> None:
    update = ready(cast)
    client, at = cast.client("commander"), local(cast.client("commander"), hours=3)
    password_was_typed_long_ago(client)
    answer = client.post(address(update), {"revision": "1", "when": "at", "at": at})
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
    back = client.post(answer["Location"], {"password": PASSWORD}, follow=True).content.decode()
    assert (chosen(back), at_field(back)) == (["at"], at)
    client.post(address(update), {"revision": "1", "when": "at", "at": at})
    assert not Release.objects.exists()
    assert ReleaseSchedule.objects.get(update_of=update, state="pending").due_at.isoformat().startswith(at)
    assert chosen(client.get(address(update)).content.decode()) == []


@pytest.mark.parametrize(("hours", "said"), [(-3, ""), (None, "Give the day and the time")])
def test_after_a_refusal_the_choice_is_still_there_and_the_reason_stands_beside_it(cast: Cast, hours: int | None, said: str) -> None:
    update = ready(cast)
    client = cast.client("commander")
    at = local(client, hours=hours) if hours is not None else ""
    refused = client.post(address(update), {"revision": "1", "when": "at", "at": at})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert (chosen(page), at_field(page)) == (["at"], at)
    assert re.search(r'id="f-at-error"><li>[^<]+' if not said else rf'id="f-at-error"><li>{said}', page)
    assert not Release.objects.exists()


def test_what_goes_as_soon_as_approved_has_one_way_only(cast: Cast) -> None:
    update = ready(cast, ScheduleMode.AS_SOON_AS_APPROVED)
    page = cast.client("commander").get(address(update)).content.decode()
    assert 'type="radio"' not in page
    assert '<input type="hidden" name="when" value="now">' in page


def button(page: str) -> str:
    found = re.search(r'<button class="button button-primary"[^>]*form="release-form"[^>]*>([^<]*)<', page)
    return found[1] if found else ""


def test_the_button_says_what_is_true_of_either_choice_until_a_script_knows_better(cast: Cast) -> None:
    update = ready(cast)
    client = cast.client("commander")
    page = client.get(address(update)).content.decode()
    assert button(page) == "Release as chosen to 0 people and the public page"
    assert 'data-now="Release to 0 people and the public page"' in page
    refused = client.post(address(update), {"revision": "1", "when": "at", "at": ""}).content.decode()
    assert button(refused) == "Release as chosen to 0 people and the public page"
    only_now = ready(cast, ScheduleMode.AS_SOON_AS_APPROVED)
    assert button(client.get(address(only_now)).content.decode()) == "Release to 0 people and the public page"
