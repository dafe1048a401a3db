"""The second factor through the real forms: set up, at sign-in, fresh for an override, and in the log."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client, RequestFactory, override_settings
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.actors import CONFIRM_SECOND_FACTOR, SET_UP_SECOND_FACTOR, STEP_UP_LASTS
from accounts.requests import actor_of
from accounts.second_factor import SecondFactorAdapter
from audit.queries import entries
from core.errors import SecondFactorRequired
from tests.support.cast import NOW, PASSWORD, Cast
from tests.support.second_factor import code_of, give_app, recovery_codes_of

ACTIVATE = "/accounts/2fa/totp/activate/"
PASSWORD_AGAIN = "/accounts/reauthenticate/"
HOUR = timedelta(hours=1)


def me(client: Client) -> dict[str, object]:
    found: dict[str, object] = client.get("/api/v1/me/").json()
    return found


def fresh_until(client: Client) -> object:
    return me(client)["second_factor_until"]


def confirm(client: Client, code: str, then: str = "/console/reviews/") -> str:
    answer = client.post(f"{CONFIRM_SECOND_FACTOR}?next={then}", {"code": code})
    return answer.headers.get("Location", "")


def sign_in_with(name: str, code: str) -> Client:
    client = Client()
    answer = client.post("/accounts/login/", {"login": name, "password": PASSWORD})
    assert answer.headers["Location"] == "/accounts/2fa/authenticate/"
    client.post("/accounts/2fa/authenticate/", {"code": code})
    return client


@pytest.fixture(autouse=True)
def _no_code_was_used(db: None) -> None:
    cache.clear()


def test_the_codes_are_those_of_the_standard() -> None:
    # RFC 6238, appendix B, SHA-1; the last six of its eight digits.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert [code_of(secret, at) for at in (59, 1111111109, 20000000000)] == ["287082", "081804", "353130"]


def test_an_app_is_set_up_after_the_password_and_the_log_says_so_without_the_secret(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    client = cast.client("override")
    assert client.get(ACTIVATE).headers["Location"].startswith(PASSWORD_AGAIN)
    client.post(f"{PASSWORD_AGAIN}?next={ACTIVATE}", {"password": PASSWORD})
    client.get(ACTIVATE)
    secret = client.session["mfa.totp.secret"]
    assert client.post(ACTIVATE, {"code": "000000"}).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(ACTIVATE, {"code": code_of(secret)})
    assert answer.headers["Location"] == "/accounts/2fa/recovery-codes/"
    page = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert all(code in page for code in recovery_codes_of(cast.override))
    stored = Authenticator.objects.get(user=cast.override, type="totp").data["secret"]
    assert secret not in stored
    entry = entries().latest("index")
    assert (entry.type, entry.subject) == ("user.second_factor_changed", f"user:{cast.override.pk}")
    assert secret not in bytes(entry.body).decode()


def test_a_passkey_is_called_one_until_it_is_named(cast: Cast) -> None:
    adapter, kind = SecondFactorAdapter(), Authenticator.Type.WEBAUTHN
    assert adapter.generate_authenticator_name(cast.commander, kind) == "Passkey"
    Authenticator.objects.create(user=cast.commander, type=kind, data={})
    assert adapter.generate_authenticator_name(cast.commander, kind) == "Passkey 2"


def test_who_has_none_is_sent_to_set_one_up_and_who_has_one_to_confirm(cast: Cast) -> None:
    for where in (SET_UP_SECOND_FACTOR, CONFIRM_SECOND_FACTOR):
        with pytest.raises(SecondFactorRequired) as refused:
            cast.actor("override", stepped_up=True).require_second_factor(NOW)
        assert refused.value.where == where
        if where == SET_UP_SECOND_FACTOR:
            give_app(cast.override)


def test_a_code_is_asked_for_at_sign_in_and_counts_for_five_minutes(cast: Cast) -> None:
    secret = give_app(cast.override)
    with time_machine.travel(NOW, tick=False):
        client = Client()
        client.post("/accounts/login/", {"login": "override", "password": PASSWORD})
        assert client.get("/api/v1/me/").status_code == 401
        assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
        assert client.get("/api/v1/me/").status_code == 401
        client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
        assert fresh_until(client) == (NOW + STEP_UP_LASTS).isoformat().replace("+00:00", "Z")


def test_confirming_makes_it_fresh_and_leads_back(cast: Cast) -> None:
    secret = give_app(cast.override)
    with time_machine.travel(NOW, tick=False):
        client = sign_in_with("override", code_of(secret))
    with time_machine.travel(NOW + HOUR, tick=False):
        assert confirm(client, "000000") == ""
        assert confirm(client, code_of(secret)) == "/console/reviews/"
        assert fresh_until(client) == (NOW + HOUR + STEP_UP_LASTS).isoformat().replace("+00:00", "Z")


def test_a_code_works_once(cast: Cast) -> None:
    secret = give_app(cast.override)
    with time_machine.travel(NOW, tick=False):
        client = sign_in_with("override", code_of(secret))
        assert confirm(client, code_of(secret)) == ""


def test_the_password_makes_no_second_factor_fresh(cast: Cast) -> None:
    client = cast.client("override")
    assert fresh_until(client) is None
    assert me(client)["stepped_up_until"] is not None


def test_a_recovery_code_lets_in_once_but_proves_no_device(cast: Cast) -> None:
    give_app(cast.override)
    first, second, *_ = recovery_codes_of(cast.override)
    client = sign_in_with("override", first)
    assert me(client)["username"] == "override"
    assert fresh_until(client) is None
    assert confirm(client, first) == ""
    assert confirm(client, second) == "/accounts/2fa/"
    assert fresh_until(client) is None


@pytest.mark.parametrize(
    "page", [ACTIVATE, "/accounts/2fa/totp/deactivate/", "/accounts/2fa/webauthn/add/", "/accounts/2fa/recovery-codes/generate/"]
)
def test_who_has_a_second_factor_uses_it_before_changing_it(cast: Cast, page: str) -> None:
    secret = give_app(cast.override)
    with time_machine.travel(NOW, tick=False):
        client = sign_in_with("override", code_of(secret))
    with time_machine.travel(NOW + HOUR, tick=False):
        client.post(PASSWORD_AGAIN, {"password": PASSWORD})
        for answer in (client.get(page), client.post(page)):
            assert answer.headers["Location"].startswith(CONFIRM_SECOND_FACTOR)
        assert Authenticator.objects.filter(user=cast.override).count() == 2


def test_an_app_is_removed_with_its_recovery_codes(cast: Cast) -> None:
    secret = give_app(cast.override)
    with time_machine.travel(NOW, tick=False):
        client = sign_in_with("override", code_of(secret))
    with time_machine.travel(NOW + HOUR, tick=False):
        confirm(client, code_of(secret))
        client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=cast.override).exists()
    assert entries().latest("index").type == "user.second_factor_changed"


def test_nobody_is_led_to_another_site(cast: Cast) -> None:
    secret = give_app(cast.override)
    with time_machine.travel(NOW, tick=False):
        client = sign_in_with("override", code_of(secret))
    with time_machine.travel(NOW + HOUR, tick=False):
        assert "evil" not in confirm(client, code_of(secret), then="https://evil.example/")


def test_one_persons_passkey_is_not_another_persons_to_remove(cast: Cast) -> None:
    key = Authenticator.objects.create(user=cast.override, type="webauthn", data={"name": "Laptop", "credential": {}})
    client = cast.client("commander")
    client.post(PASSWORD_AGAIN, {"password": PASSWORD})
    assert client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


@override_settings(SECOND_FACTOR_AT_SIGN_IN=False)
def test_where_the_demo_leaves_it_out_at_sign_in_the_act_still_asks(cast: Cast) -> None:
    secret = give_app(cast.override)
    client = cast.client("override")
    assert fresh_until(client) is None
    assert confirm(client, code_of(secret)) == "/console/reviews/"
    assert fresh_until(client) is not None


@override_settings(ACCOUNT_RATE_LIMITS={"login_failed": "3/m/key"})
def test_guessing_codes_is_throttled(cast: Cast) -> None:
    secret = give_app(cast.override)
    with time_machine.travel(NOW, tick=False):
        client = sign_in_with("override", code_of(secret))
    with time_machine.travel(NOW + HOUR, tick=False):
        for _ in range(3):
            confirm(client, "000000")
        assert confirm(client, code_of(secret)) == ""


def test_a_session_knows_how_old_the_authenticator_is_and_forgets_one_that_is_gone(cast: Cast, rf: RequestFactory) -> None:
    secret = give_app(cast.override)
    Authenticator.objects.filter(user=cast.override).update(created_at=NOW - HOUR)
    with time_machine.travel(NOW, tick=False):
        client = sign_in_with("override", code_of(secret))
        request = rf.get("/")
        request.user, request.session = cast.override, client.session
        assert (actor_of(request).second_factor_at, actor_of(request).second_factor_since) == (NOW, NOW - HOUR)
        Authenticator.objects.filter(user=cast.override).delete()
        assert actor_of(request).second_factor_since is None
