"""Sign-in, step-up and sign-out, through the real forms."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import NoReverseMatch, reverse

from accounts.actors import STEP_UP_LASTS
from tests.support.cast import NOW, PASSWORD, Cast

LOGIN = "/accounts/login/"
CONFIRM = "/accounts/reauthenticate/"


def stepped_up_until(client: Client) -> str | None:
    until: str | None = client.get("/api/v1/me/").json()["stepped_up_until"]
    return until


@pytest.mark.parametrize("name", ["commander", "commander@example.com"])
def test_a_person_signs_in_by_name_or_address(cast: Cast, name: str) -> None:
    client = Client()
    answer = client.post(LOGIN, {"login": name, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/console/")
    assert client.get("/api/v1/me/").json()["username"] == "commander"


@pytest.mark.parametrize(("name", "password"), [("commander", "wrong"), ("nobody", PASSWORD), ("nobody@example.com", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_read_alike_and_keep_the_name_typed(cast: Cast, name: str, password: str) -> None:
    answer = Client().post(LOGIN, {"login": name, "password": password})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "do not belong together" in page
    assert f'value="{name}"' in page
    assert password not in page


def test_signing_in_needs_the_forms_token(cast: Cast) -> None:
    assert Client(enforce_csrf_checks=True).post(LOGIN, {"login": "commander", "password": PASSWORD}).status_code == 403


def test_a_deactivated_person_cannot_sign_in(cast: Cast) -> None:
    cast.commander.is_active = False
    cast.commander.save()
    client = Client()
    client.post(LOGIN, {"login": "commander", "password": PASSWORD})
    assert client.get("/api/v1/me/").status_code == 401


def test_the_password_of_the_sign_in_counts_as_step_up_for_five_minutes(cast: Cast) -> None:
    with time_machine.travel(NOW, tick=False):
        client = cast.client("techlead")
        assert stepped_up_until(client) == (NOW + STEP_UP_LASTS).isoformat().replace("+00:00", "Z")


def test_confirming_the_password_steps_up_anew_and_leads_back(cast: Cast) -> None:
    later = NOW + timedelta(hours=1)
    with time_machine.travel(NOW, tick=False):
        client = cast.client("techlead")
    with time_machine.travel(later, tick=False):
        assert stepped_up_until(client) == (NOW + STEP_UP_LASTS).isoformat().replace("+00:00", "Z")
        refused = client.post(f"{CONFIRM}?next=/console/reviews/", {"password": "wrong"})
        assert refused.status_code == 200
        answer = client.post(f"{CONFIRM}?next=/console/reviews/", {"password": PASSWORD})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/console/reviews/")
        assert stepped_up_until(client) == (later + STEP_UP_LASTS).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("page", [LOGIN, CONFIRM])
def test_nobody_is_led_to_another_site(cast: Cast, page: str) -> None:
    client = cast.client("techlead") if page == CONFIRM else Client()
    answer = client.post(f"{page}?next=https://evil.example/", {"login": "techlead", "password": PASSWORD})
    assert answer.status_code == 302
    assert "evil" not in answer.headers["Location"]


def test_a_session_made_without_a_password_is_not_stepped_up(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.techlead, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/me/").status_code == 200
    assert stepped_up_until(client) is None


def test_signing_out_takes_a_click_and_ends_the_session(cast: Cast) -> None:
    client = cast.client("comms")
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/api/v1/me/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/api/v1/me/").status_code == 401


def test_there_is_no_sign_up_and_no_reset_page(cast: Cast) -> None:
    for path in ("signup/", "password/reset/", "email/", "social/connections/"):
        assert Client().get(f"/accounts/{path}").status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")


@override_settings(ACCOUNT_RATE_LIMITS={"login_failed": "3/m/key"}, REDIS_URL="redis://127.0.0.1:1/0")
def test_failed_attempts_are_throttled_even_while_redis_is_down(cast: Cast) -> None:
    cache.clear()
    client = Client()
    for _ in range(3):
        client.post(LOGIN, {"login": "commander", "password": "wrong"})
    answer = client.post(LOGIN, {"login": "commander", "password": PASSWORD})
    assert answer.status_code == 200
    assert "Too many attempts. Wait a few minutes" in answer.content.decode()
    assert client.get("/api/v1/me/").status_code == 401
    assert client.post(LOGIN, {"login": "comms", "password": PASSWORD}).status_code == 302
