"""One's own API tokens: made on a page, shown once, revoked."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, IdempotencyRecord
from console.forms.once import new_mark
from tests.support.cast import PASSWORD, Cast
from tests.support.sessions import password_was_typed_long_ago

pytestmark = pytest.mark.django_db
WANTED = {"name": "deploy bot", "scopes": ["incidents:write"], "days": "30"}


def filled(client: Client, **changes: object) -> dict[str, object]:
    """The form as the page shows it, filled in."""
    mark = client.get("/console/tokens/").content.decode().partition('name="mark" value="')[2].partition('"')[0]
    return WANTED | {"mark": mark} | changes


def text_on(page: str) -> str:
    """The token's text, between its marks."""
    return page.partition('<code class="code secret">')[2].partition("</code>")[0]


def test_a_token_is_shown_once_and_opens_what_its_maker_may(cast: Cast) -> None:
    client = cast.client("commander")
    made = client.post("/console/tokens/", filled(client))
    text = text_on(made.content.decode())
    assert "no-store" in made["Cache-Control"]
    me = Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {text}"}).json()
    assert (me["username"], me["scopes"]) == ("commander", ["incidents:write"])
    later = client.get("/console/tokens/").content.decode()
    assert '<th scope="row">deploy bot' in later
    assert text not in later


def test_a_token_without_a_scope_is_refused_beside_the_field_and_keeps_the_name(cast: Cast) -> None:
    client = cast.client("commander")
    answer = client.post("/console/tokens/", filled(client, scopes=[]))
    assert answer.status_code == 422
    assert "Tick at least one." in answer.content.decode()
    assert 'value="deploy bot"' in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_a_revoked_token_opens_nothing(cast: Cast) -> None:
    client = cast.client("commander")
    text = text_on(client.post("/console/tokens/", filled(client)).content.decode())
    assert Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {text}"}).status_code == 200
    answer = client.post(f"/console/tokens/{ApiToken.objects.get().token_key}/revoke/", follow=True)
    assert "opens nothing from now on" in answer.content.decode()
    assert Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {text}"}).status_code == 401


def test_somebody_elses_token_is_as_one_that_is_not_there(cast: Cast) -> None:
    client = cast.client("commander")
    client.post("/console/tokens/", filled(client))
    key = ApiToken.objects.get().token_key
    for name in ("outsider", "admin"):
        assert cast.client(name).post(f"/console/tokens/{key}/revoke/").status_code == 404, name
        assert '<th scope="row">' not in cast.client(name).get("/console/tokens/").content.decode()
    assert ApiToken.objects.exists()


def test_loading_the_answer_again_makes_no_second_token_and_shows_no_text(cast: Cast) -> None:
    client = cast.client("commander")
    form = filled(client)
    text = text_on(client.post("/console/tokens/", form).content.decode())
    again = client.post("/console/tokens/", form)
    assert (again.status_code, ApiToken.objects.count()) == (409, 1)
    assert "No second token was made" in again.content.decode()
    assert text not in again.content.decode()


def test_nor_once_its_token_is_revoked(cast: Cast) -> None:
    client = cast.client("commander")
    form = filled(client)
    client.post("/console/tokens/", form)
    client.post(f"/console/tokens/{ApiToken.objects.get().token_key}/revoke/")
    assert client.post("/console/tokens/", form).status_code == 409
    assert not ApiToken.objects.exists()


def test_the_next_form_makes_the_next_token(cast: Cast) -> None:
    client = cast.client("commander")
    for _ in range(2):
        assert text_on(client.post("/console/tokens/", filled(client)).content.decode())
    assert ApiToken.objects.count() == 2


def test_a_form_of_somebody_else_or_from_long_ago_makes_none(cast: Cast) -> None:
    client, now = cast.client("commander"), timezone.now()
    old, others = new_mark(cast.commander, now - timedelta(hours=13)), new_mark(cast.comms, now)
    for mark in (old, others, "forged", ""):
        answer = client.post("/console/tokens/", WANTED | {"mark": mark})
        assert (answer.status_code, "Nothing was made" in answer.content.decode()) == (422, True)
    assert not ApiToken.objects.exists()


def test_the_text_is_kept_nowhere(cast: Cast) -> None:
    client = cast.client("commander")
    text = text_on(client.post("/console/tokens/", filled(client)).content.decode())
    kept = list(IdempotencyRecord.objects.values_list("key", "body", "headers"))
    assert len(kept) == 1
    assert text not in str(kept) + str(dict(client.session))


def test_the_password_in_between_loses_nothing_of_the_form(cast: Cast) -> None:
    client = cast.client("commander")
    form = filled(client, scopes=["incidents:write", "updates:write"], days="365")
    password_was_typed_long_ago(client)
    assert client.post("/console/tokens/", form)["Location"].startswith("/accounts/reauthenticate/?next=")
    assert not ApiToken.objects.exists()
    page = client.get("/console/tokens/").content.decode()
    assert 'value="deploy bot"' in page
    assert re.search(r'<option value="365"[^>]*selected', page)
    ticked = re.findall(r'<input type="checkbox" name="scopes"[^>]*>', page)
    assert {re.findall(r'value="([^"]*)"', box)[0] for box in ticked if "checked" in box} == {"incidents:write", "updates:write"}
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.post("/console/tokens/", filled(client, days="365")).status_code == 200
    assert 'value="deploy bot"' not in client.get("/console/tokens/").content.decode()
