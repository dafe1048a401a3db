"""One's own API tokens: made on a page, shown once, revoked."""

import pytest
from django.test import Client

from accounts.models import ApiToken
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db
WANTED = {"name": "deploy bot", "scopes": ["incidents:write"], "days": "30"}


def text_on(page: str) -> str:
    """The token's text, between its marks."""
    return page.partition('<code class="code secret">')[2].partition("</code>")[0]


def test_a_token_is_shown_once_and_opens_what_its_maker_may(cast: Cast) -> None:
    client = cast.client("commander")
    made = client.post("/console/tokens/", WANTED)
    text = text_on(made.content.decode())
    assert "no-store" in made["Cache-Control"]
    me = Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {text}"}).json()
    assert (me["username"], me["scopes"]) == ("commander", ["incidents:write"])
    later = client.get("/console/tokens/").content.decode()
    assert '<th scope="row">deploy bot' in later
    assert text not in later


def test_a_token_without_a_scope_is_refused_beside_the_field_and_keeps_the_name(cast: Cast) -> None:
    answer = cast.client("commander").post("/console/tokens/", WANTED | {"scopes": []})
    assert answer.status_code == 422
    assert "Tick at least one." in answer.content.decode()
    assert 'value="deploy bot"' in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_a_revoked_token_opens_nothing(cast: Cast) -> None:
    client = cast.client("commander")
    text = text_on(client.post("/console/tokens/", WANTED).content.decode())
    assert Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {text}"}).status_code == 200
    answer = client.post(f"/console/tokens/{ApiToken.objects.get().token_key}/revoke/", follow=True)
    assert "opens nothing from now on" in answer.content.decode()
    assert Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {text}"}).status_code == 401


def test_somebody_elses_token_is_as_one_that_is_not_there(cast: Cast) -> None:
    cast.client("commander").post("/console/tokens/", WANTED)
    key = ApiToken.objects.get().token_key
    for name in ("outsider", "admin"):
        assert cast.client(name).post(f"/console/tokens/{key}/revoke/").status_code == 404, name
        assert '<th scope="row">' not in cast.client(name).get("/console/tokens/").content.decode()
    assert ApiToken.objects.exists()
