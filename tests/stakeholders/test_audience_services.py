"""Filters and owners of audiences: who may set them, what is kept of it, and that nobody overwrites another's change unseen."""

from typing import Any

import pytest
from django.contrib.auth.models import Group

from accounts.models import Team
from core.errors import Conflict, Forbidden, InvalidInput
from stakeholders.models import Audience
from stakeholders.services import create_audience, set_filter, set_owners
from tests.support.cast import NOW, Cast
from tests.support.log import logged

pytestmark = pytest.mark.django_db
KEY_ACCOUNTS: dict[str, Any] = {"fact": "tier", "op": "in", "value": ["strategic", "key"]}
COLLEAGUES = {"fact": "kind", "op": "in", "value": ["person", "team"]}


def customers() -> Audience:
    return Audience.objects.get(key="customers")


def team(key: str) -> Team:
    return Team.objects.create(key=key, name=key.capitalize(), group=Group.objects.create(name=f"team:{key}"))


def test_a_filter_is_set_logged_and_taken_away(cast: Cast) -> None:
    changed = set_filter(actor=cast.actor("comms"), now=NOW, audience=customers(), written=KEY_ACCOUNTS, version=1)
    assert (changed.kind, changed.filter, changed.version) == ("filter", KEY_ACCOUNTS, 2)
    set_filter(actor=cast.actor("comms"), now=NOW, audience=changed, written=KEY_ACCOUNTS, version=2)
    assert logged("audience.filter_changed") == {"before": None, "after": KEY_ACCOUNTS}
    assert set_filter(actor=cast.actor("comms"), now=NOW, audience=changed, written=None, version=2).kind == "fixed"


def test_of_an_internal_audience_the_stored_filter_says_colleagues(cast: Cast) -> None:
    internal = Audience.objects.get(key="internal")
    changed = set_filter(actor=cast.actor("comms"), now=NOW, audience=internal, written=KEY_ACCOUNTS, version=1)
    assert changed.filter == {"all": [COLLEAGUES, KEY_ACCOUNTS]}
    made = create_audience(actor=cast.actor("comms"), now=NOW, key="ops", name="Ops", is_internal=True, written={"any": [KEY_ACCOUNTS]})
    assert made.filter == {"all": [COLLEAGUES, {"any": [KEY_ACCOUNTS]}]}


def test_every_problem_of_a_filter_is_named_under_its_place(cast: Cast) -> None:
    with pytest.raises(InvalidInput) as refusal:
        set_filter(actor=cast.actor("comms"), now=NOW, audience=customers(), written={"all": [{}, {"any": []}]}, version=1)
    assert set(refusal.value.fields) == {"filter.0", "filter.1"}
    assert customers().filter is None


def test_who_saw_an_older_filter_overwrites_nothing(cast: Cast) -> None:
    set_filter(actor=cast.actor("comms"), now=NOW, audience=customers(), written=KEY_ACCOUNTS, version=1)
    with pytest.raises(Conflict):
        set_filter(actor=cast.actor("comms2"), now=NOW, audience=customers(), written=COLLEAGUES, version=1)
    assert customers().filter == KEY_ACCOUNTS


def test_owner_and_deputy_are_two_teams(cast: Cast) -> None:
    support, press = team("support"), team("press")
    changed = set_owners(actor=cast.actor("comms"), now=NOW, audience=customers(), owner=support, deputy=press)
    assert (changed.owner, changed.deputy) == (support, press)
    assert logged("audience.owners_changed")["after"] == {"owner": "support", "deputy": "press"}
    for owner, deputy in ((support, support), (None, press)):
        with pytest.raises(InvalidInput) as refusal:
            set_owners(actor=cast.actor("comms"), now=NOW, audience=customers(), owner=owner, deputy=deputy)
        assert "deputy" in refusal.value.fields


@pytest.mark.parametrize("name", ["outsider", "responder", "commander", "legal"])
def test_nobody_else_changes_who_belongs_or_who_owns(cast: Cast, name: str) -> None:
    with pytest.raises(Forbidden):
        set_filter(actor=cast.actor(name), now=NOW, audience=customers(), written=KEY_ACCOUNTS, version=1)
    with pytest.raises(Forbidden):
        set_owners(actor=cast.actor(name), now=NOW, audience=customers(), owner=None, deputy=None)
