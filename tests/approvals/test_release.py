"""Releasing: decided again at the moment it happens."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.rules.scopes import Scope
from accounts.services.people import create_team
from approvals.models import Release
from approvals.queries import release_blockers
from approvals.queries.gate import releaser
from approvals.services import release_update, withdraw_update
from audit.models import Entry
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleRevision, StepUpRequired
from incidents.models import Incident, Update
from incidents.services import change_incident, grant_access, revise_update
from stakeholders.models import Audience
from tests.approvals.acts import approve, approved, ask, draft, edit, release, schedule, state
from tests.support.cast import NOW, Cast
from tests.support.factories import INTERNAL_WORDS, make_incident, make_update

pytestmark = pytest.mark.django_db


def test_an_approved_update_is_released_with_exactly_the_approved_words(cast: Cast) -> None:
    update = approved(cast)
    done = release(cast, update)
    update.refresh_from_db()
    assert update.current is not None
    assert (update.state, update.released_at) == ("released", NOW)
    assert done.round is not None
    assert done.content_hash == done.round.revision.content_hash == update.current.parsed().hash()
    assert (done.mode, done.released_by, done.released_at) == ("by_hand", cast.commander, NOW)
    entry = Entry.objects.get(type="update.released")
    assert (entry.subject, entry.actor) == (f"release:{done.public_id}", f"user:{cast.commander.pk}")
    out = StringIO()
    call_command("audit_verify", stdout=out)
    assert out.getvalue().startswith("ok size=")


def test_a_double_click_releases_once_and_says_so(cast: Cast) -> None:
    update = approved(cast)
    release(cast, update)
    with pytest.raises(Conflict, match="was released already; nothing was sent twice"):
        release(cast, update)
    assert Release.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "error"),
    [("outsider", NotFound), ("auditor", Forbidden), ("techlead", Forbidden), ("admin", Forbidden), ("responder", Forbidden)],
)
def test_who_may_not_release(cast: Cast, name: str, error: type[Exception]) -> None:
    update = approved(cast)
    with pytest.raises(error):
        release(cast, update, by=name)
    assert state(update) == "approved"


def test_a_token_never_releases(cast: Cast) -> None:
    update = approved(cast)
    with pytest.raises(Forbidden, match="a token is not enough"):
        release_update(actor=cast.program("commander", *Scope), now=NOW, update_id=update.pk, revision=1)


def test_the_password_counts_for_five_minutes(cast: Cast) -> None:
    update = approved(cast)
    stale = cast.actor("commander", stepped_up=True, now=NOW - timedelta(minutes=5, seconds=1))
    with pytest.raises(StepUpRequired):
        release_update(actor=stale, now=NOW, update_id=update.pk, revision=1)
    with pytest.raises(StepUpRequired):
        release_update(actor=stale, now=NOW, update_id=update.pk, revision=1, at=NOW + timedelta(hours=1))


@pytest.mark.parametrize("step", ["draft", "in review", "edited after approval", "withdrawn"])
def test_what_is_not_approved_does_not_go(cast: Cast, step: str) -> None:
    update = approved(cast) if step == "edited after approval" else draft(cast)
    if step == "in review":
        ask(cast, update)
    if step == "edited after approval":
        edit(cast, update)
    if step == "withdrawn":
        withdraw_update(actor=cast.actor("commander"), now=NOW, update_id=update.pk)
    with pytest.raises(Conflict, match="only an approved update can be released"):
        release(cast, update)


def test_releasing_words_that_changed_since_they_were_read_is_refused(cast: Cast) -> None:
    update = approved(cast)
    edit(cast, update)
    actor = cast.actor("commander", stepped_up=True)
    with pytest.raises(StaleRevision):
        release_update(actor=actor, now=NOW, update_id=update.pk, revision=1)
    with pytest.raises(StaleRevision):
        release_update(actor=actor, now=NOW, update_id=update.pk, revision=9)


def test_nothing_of_a_restricted_incident_reaches_a_public_audience(cast: Cast) -> None:
    update = approved(cast)
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=update.incident_id, restricted=True)
    assert "restricted" in release_blockers(Update.objects.get(pk=update.pk), NOW)[0]
    with pytest.raises(Conflict, match="restricted"):
        release(cast, update)


def test_the_people_of_a_restricted_incident_may_still_be_told(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"))
    update = make_update(incident=incident, actor=cast.actor("commander"), variants=[INTERNAL_WORDS])
    ask(cast, update)
    for name in ("techlead", "comms"):
        grant_access(actor=cast.actor("commander"), now=NOW, incident=incident, to=cast.user(name))
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, restricted=True)
    approve(cast, update)
    assert release(cast, update).update_of == update


def test_the_policy_publishes_nothing_of_an_incident_that_is_only_watched(cast: Cast) -> None:
    update = approved(cast)
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=update.incident_id, stage="watching")
    with pytest.raises(Conflict, match="Confirm the incident first"):
        release(cast, update)


def test_no_update_goes_out_after_the_resolution(cast: Cast) -> None:
    late = approved(cast)
    resolution = make_update(incident=late.incident, actor=cast.actor("commander"), status="resolved")
    ask(cast, resolution)
    approve(cast, resolution)
    release(cast, resolution)
    assert Incident.objects.get(pk=late.incident_id).status == "resolved"
    with pytest.raises(Conflict, match="resolved"):
        release(cast, late)


def test_an_audience_that_is_gone_is_named(cast: Cast) -> None:
    update = approved(cast)
    Audience.objects.filter(key="internal").update(key="staff")
    with pytest.raises(Conflict, match="no audience with the key internal any more"):
        release(cast, update)


def test_who_owns_every_audience_reached_may_be_in_charge(cast: Cast) -> None:
    update = approved(cast)
    assert update.current is not None
    team = create_team(actor=cast.actor("admin"), now=NOW, key="support", name="Support", members=[cast.responder])
    Audience.objects.filter(key="customers").update(owner=team)

    def owns() -> bool:
        assert update.current is not None
        return releaser(
            actor=cast.actor("responder"), user=cast.responder, incident=update.incident, revision=update.current
        ).owns_audiences

    assert not owns()
    Audience.objects.filter(key="internal").update(deputy=team)
    assert owns()


def test_a_time_that_has_passed_or_has_no_zone_is_refused(cast: Cast) -> None:
    update = approved(cast)
    for at in (NOW, datetime(2027, 1, 1, 12, 0)):  # noqa: DTZ001 - the missing zone is the point
        with pytest.raises(InvalidInput) as refused:
            schedule(cast, update, at=at)
        assert list(refused.value.fields) == ["at"]
    assert schedule(cast, update, at=datetime(2027, 1, 1, 12, 0, tzinfo=UTC)).state == "pending"


def test_released_words_stay(cast: Cast) -> None:
    update = approved(cast)
    release(cast, update)
    with pytest.raises(Conflict, match="released"):
        edit(cast, update)
    with pytest.raises(Conflict, match="cannot be withdrawn"):
        withdraw_update(actor=cast.actor("commander"), now=NOW, update_id=update.pk)
    assert update.current is not None
    same = update.current.parsed()
    assert revise_update(actor=cast.actor("commander"), now=NOW, update_id=update.pk, base_revision=1, content=same).number == 1


def test_who_may_not_withdraw(cast: Cast) -> None:
    update = approved(cast)
    for name, error in (("outsider", NotFound), ("auditor", Forbidden)):
        with pytest.raises(error):
            withdraw_update(actor=cast.actor(name), now=NOW, update_id=update.pk)
    assert state(update) == "approved"
