"""Bearer tokens: made, used, refused."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import ApiToken
from accounts.rules.roles import Permission
from accounts.rules.scopes import Scope
from accounts.services.tokens import create_token, revoke_token
from core.errors import Forbidden, InvalidInput, StepUpRequired
from tests.support.cast import NOW, Cast

DAY = timedelta(days=1)


@pytest.fixture
def token(cast: Cast) -> str:
    return create_token(actor=cast.system(), now=NOW, user=cast.commander, name="deploy bot", scopes=[Scope.INCIDENTS_WRITE], lifetime=DAY)[
        1
    ]


def get_me(token: str, at: datetime = NOW) -> tuple[int, dict[str, object], str]:
    with time_machine.travel(at, tick=False):
        answer = Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.json(), answer.headers.get("WWW-Authenticate", "")


def test_a_token_acts_for_its_person_within_its_scopes(token: str) -> None:
    status, me, _ = get_me(token)
    assert (status, me["username"], me["signed_in_by"], me["scopes"]) == (200, "commander", "token", ["incidents:write"])
    assert me["permissions"] == [
        "catalogue.read",
        "incident.read",
        "incident.write",
        "policy.read",
        "roster.read",
        "stakeholder.read",
        "template.read",
    ]
    assert me["stepped_up_until"] is None


def test_only_a_digest_of_the_token_is_kept(token: str) -> None:
    kept = ApiToken.objects.values().get()
    assert token not in str(kept)
    assert kept["digest"] != token


@pytest.mark.parametrize("wrong", ["x", "", "ü", "a b", "0" * 64, "\x00", "9" * 5000])
def test_an_unknown_token_is_answered_with_401_and_how_to_sign_in(token: str, wrong: str) -> None:
    answer = Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {wrong}"})
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'


def test_a_changed_token_is_unknown(token: str) -> None:
    assert get_me(token[:-1] + ("0" if token[-1] != "0" else "1"))[0] == 401


def test_an_expired_token_says_so(token: str) -> None:
    assert get_me(token, NOW + DAY - timedelta(seconds=1))[0] == 200
    status, body, challenge = get_me(token, NOW + DAY)
    assert status == 401
    assert "expired" in str(body["detail"])
    assert challenge.startswith("Bearer")


def test_the_token_of_a_deactivated_person_opens_nothing(cast: Cast, token: str) -> None:
    cast.commander.is_active = False
    cast.commander.save()
    assert get_me(token)[0] == 401


def test_the_last_use_is_noted_at_most_once_a_minute(token: str) -> None:
    def last_used() -> datetime | None:
        return ApiToken.objects.get().last_used

    get_me(token, NOW)
    assert last_used() == NOW
    get_me(token, NOW + timedelta(seconds=59))
    assert last_used() == NOW
    get_me(token, NOW + timedelta(seconds=60))
    assert last_used() == NOW + timedelta(seconds=60)


def test_a_token_is_never_a_person_in_a_session(cast: Cast) -> None:
    actor = cast.program("commander", *Scope)
    assert not {Permission.UPDATE_RELEASE, Permission.REVIEW_TECHNICAL, Permission.REVIEW_COMMUNICATIONS} & actor.permissions
    with pytest.raises(Forbidden):
        actor.require_step_up(NOW)


def test_people_make_tokens_for_themselves_and_administrators_for_anyone(cast: Cast) -> None:
    for maker in ("outsider", "admin"):
        create_token(actor=cast.actor(maker, stepped_up=True), now=NOW, user=cast.outsider, name="mine", scopes=[Scope.READ], lifetime=DAY)
    with pytest.raises(Forbidden):
        create_token(actor=cast.actor("outsider"), now=NOW, user=cast.admin, name="theirs", scopes=[Scope.READ], lifetime=DAY)


def test_a_person_in_a_session_confirms_the_password_first(cast: Cast) -> None:
    with pytest.raises(StepUpRequired):
        create_token(actor=cast.actor("commander"), now=NOW, user=cast.commander, name="mine", scopes=[Scope.READ], lifetime=DAY)


def test_a_token_makes_no_tokens(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        create_token(actor=cast.program("admin", *Scope), now=NOW, user=cast.admin, name="child", scopes=[Scope.READ], lifetime=DAY)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["admin"]}, "scopes"),
        ({"lifetime": DAY * 0}, "lifetime"),
        ({"lifetime": DAY * 999}, "lifetime"),
    ],
)
def test_a_token_without_scope_or_end_is_not_made(cast: Cast, wrong: dict[str, object], field: str) -> None:
    given = {"scopes": [Scope.READ], "lifetime": DAY} | wrong
    with pytest.raises(InvalidInput) as refused:
        create_token(actor=cast.system(), now=NOW, user=cast.admin, name="x", **given)  # type: ignore[arg-type]  # given by name
    assert list(refused.value.fields) == [field]


def test_a_revoked_token_opens_nothing(cast: Cast, token: str) -> None:
    found = ApiToken.objects.get()
    with pytest.raises(Forbidden):
        revoke_token(actor=cast.actor("outsider"), now=NOW, token=found)
    assert get_me(token)[0] == 200
    revoke_token(actor=cast.actor("commander"), now=NOW, token=found)
    assert get_me(token)[0] == 401


def test_the_command_prints_the_token_alone(cast: Cast) -> None:
    out = StringIO()
    call_command("api_token", "--user", "comms", "--scope", "read", "--scope", "updates:write", stdout=out)
    text = out.getvalue().removesuffix("\n")
    assert text.isalnum()
    status, me, _ = get_me(text, datetime.now(UTC))
    assert (status, me["username"], me["scopes"]) == (200, "comms", ["read", "updates:write"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--user", "nobody", "--scope", "read"], "no user called nobody"),
        (["--user", "comms", "--scope", "read", "--days", "0"], "lifetime"),
    ],
)
def test_the_command_says_what_is_wrong(cast: Cast, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("api_token", *arguments)
    assert not ApiToken.objects.exists()


def test_people_see_and_revoke_their_own_tokens_and_no_others(cast: Cast, token: str) -> None:
    def browser(name: str) -> Client:
        client = Client()
        client.force_login(cast.user(name), backend="django.contrib.auth.backends.ModelBackend")
        return client

    [listed] = browser("commander").get("/api/v1/me/tokens/").json()["results"]
    assert (listed["name"], listed["scopes"]) == ("deploy bot", ["incidents:write"])
    assert token not in str(listed)
    address = f"/api/v1/me/tokens/{listed['id']}/"
    for name in ("outsider", "comms"):
        assert browser(name).get("/api/v1/me/tokens/").json()["results"] == []
        assert browser(name).delete(address).status_code == 404
    assert get_me(token)[0] == 200
    assert browser("commander").delete(address).status_code == 204
    assert get_me(token)[0] == 401


def test_a_token_revokes_no_tokens(cast: Cast, token: str) -> None:
    with time_machine.travel(NOW, tick=False):
        answer = Client().delete(f"/api/v1/me/tokens/{token[:15]}/", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    assert get_me(token)[0] == 200
