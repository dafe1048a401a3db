"""Drafts for an audience wait on the board of the team that owns it and of its deputy, and of nobody else."""

import pytest
from django.contrib.auth.models import Group

from accounts.models import Team, TeamMembership, User
from approvals.models import Release
from console.queries.team_drafts import TeamDraft, team_drafts
from incidents.models import Update
from stakeholders.models import Audience
from tests.approvals.acts import draft
from tests.support.cast import Cast
from tests.support.releases import reviewed

pytestmark = pytest.mark.django_db


def team(key: str, *members: User) -> Team:
    made = Team.objects.create(key=key, name=key.capitalize(), group=Group.objects.create(name=f"team:{key}"))
    TeamMembership.objects.bulk_create(TeamMembership(team=made, user=user) for user in members)
    return made


def mine(cast: Cast, name: str, update: Update) -> list[TeamDraft]:
    """Of the person's queue, what is about the update: the incident has a first draft besides."""
    return [one for one in team_drafts(cast.actor(name)) if one.update.pk == update.pk]


def board(cast: Cast, name: str) -> str:
    return cast.client(name).get("/console/").content.decode()


def test_a_draft_stands_on_the_board_of_the_owners_and_of_the_deputy_alone(cast: Cast) -> None:
    draft(cast)
    Audience.objects.filter(key="customers").update(owner=team("support", cast.comms), deputy=team("press", cast.pr))
    for name in ("comms", "pr"):
        assert "Drafts of your team" in board(cast, name)
    assert "being written" in board(cast, "comms")
    for name in ("comms2", "commander", "auditor"):
        assert "Drafts of your team" not in board(cast, name)
    assert team_drafts(cast.actor("outsider")) == []


def test_what_a_person_may_not_see_is_in_no_queue_of_theirs(cast: Cast) -> None:
    update = draft(cast)
    Audience.objects.filter(key="customers").update(owner=team("support", cast.comms, cast.outsider))
    assert len(mine(cast, "comms", update)) == 1
    assert team_drafts(cast.actor("outsider")) == []
    update.incident.__class__.objects.filter(pk=update.incident_id).update(restricted=True)
    assert team_drafts(cast.actor("comms")) == []


def test_owners_release_what_goes_to_their_audiences_alone(cast: Cast) -> None:
    update = reviewed(cast, draft(cast))
    owners = team("support", cast.comms, cast.commander)
    Audience.objects.filter(key="customers").update(owner=owners)
    (partly,) = mine(cast, "commander", update)
    assert (partly.read_by, partly.may_release) == (("Customers",), False)
    Audience.objects.filter(key="internal").update(deputy=owners)
    (wholly,) = mine(cast, "commander", update)
    assert (wholly.stands, wholly.may_release, wholly.act[1]) == ("approved, not released", True, "Release")
    # Without the permission to release, owning an audience is not enough.
    (other,) = mine(cast, "comms", update)
    assert not other.may_release
    for name in ("comms", "outsider"):
        answer = cast.client(name).post(f"/console/updates/{update.public_id}/release/", {"revision": "1", "when": "now"})
        assert answer.status_code in {302, 403, 404}
    assert not Release.objects.exists()


def test_updates_are_listed_by_team_and_by_audience(cast: Cast) -> None:
    update = draft(cast)
    Audience.objects.filter(key="customers").update(owner=team("support", cast.comms))
    team("press", cast.pr)
    client = cast.client("commander")
    ids = {query: [one["id"] for one in client.get(f"/api/v1/updates/?{query}").json()["results"]] for query in QUERIES}
    assert update.public_id in ids["team=support"]
    assert update.public_id in ids["audience=customers"]
    assert ids["team=press"] == ids["audience=other"] == []
    assert client.get("/api/v1/updates/?team=nobody").json()["results"] == []
    assert cast.client("outsider").get("/api/v1/updates/?team=support").json().get("results", []) == []


QUERIES = ("team=support", "team=press", "audience=customers", "audience=other")
