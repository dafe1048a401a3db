"""The link in a letter: looking changes nothing, posting acts, twice is as good as once."""

import pytest
from django.test import Client

from notifications.transports.unsubscribe_links import link_for
from stakeholders.models import Audience, OptOut
from tests.support.cast import Cast
from tests.support.log import audit_types
from tests.support.releases import subscribers

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(cast: Cast) -> str:
    (anna,) = subscribers("anna@example.com")
    return link_for(anna.pk, Audience.objects.get(key="customers").pk).removeprefix("http://localhost:8000")


def test_looking_asks_and_changes_nothing(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 200
    assert b'method="post"' in answer.content
    assert b"anna@example.com" not in answer.content
    assert "no-store" in answer["Cache-Control"]
    assert not OptOut.objects.exists()


def test_one_click_by_a_mail_program_acts_once(path: str) -> None:
    program = Client(enforce_csrf_checks=True)
    for _ in range(2):
        assert program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert OptOut.objects.get().source == "one_click"
    assert audit_types().count("contact_point.opted_out") == 1


def test_the_button_of_the_page_acts(path: str) -> None:
    answer = Client().post(path)
    assert b"You are unsubscribed" in answer.content
    assert OptOut.objects.get().source == "page"


@pytest.mark.parametrize("token", ["x", "1-1:forged", "9999-9999"])
def test_a_link_that_is_not_ours_leads_nowhere(token: str, cast: Cast) -> None:
    for answer in (Client().get(f"/unsubscribe/{token}/"), Client().post(f"/unsubscribe/{token}/")):
        assert answer.status_code == 404
    assert not OptOut.objects.exists()


def test_other_methods_are_refused(path: str) -> None:
    assert Client().delete(path).status_code == 405
