"""An incident that is no longer restricted returns to the page only as far as its releases may go now."""

from collections.abc import Collection
from datetime import datetime, timedelta
from importlib import import_module
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.models import Release, ReleaseHold
from approvals.queries.sending import Standing, standing_of
from approvals.services import hold_incident, hold_update, lift_hold
from core.errors import StepUpRequired
from incidents.models import Incident, TimelineEntry
from incidents.services import change_incident
from statuspage.models import KeptBack, PageChange, PublicIncident, PublicUpdate
from statuspage.rules.pause import LONGEST, pause_after
from statuspage.services import restore_kept_back
from tests.statuspage.acts import later, say_publicly
from tests.statuspage.test_put_right import put_right
from tests.support.cast import Cast
from tests.support.factories import make_incident

pytestmark = pytest.mark.django_db
service = import_module("statuspage.services.restore_incident")


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return make_incident(actor=cast.actor("commander"))


def restrict(cast: Cast, incident: Incident, restricted: bool, now: datetime) -> None:
    actor = cast.actor("commander", stepped_up=True, now=now)
    change_incident(actor=actor, now=now, incident_id=incident.pk, restricted=restricted)


def again(cast: Cast, incident: Incident, *, minutes: float = 30) -> None:
    """Restricted for a minute."""
    restrict(cast, incident, True, later(minutes))
    restrict(cast, incident, False, later(minutes + 1))


def lift(cast: Cast) -> None:
    (hold,) = ReleaseHold.objects.filter(lifted_at__isnull=True)
    actor = cast.actor("commander", stepped_up=True, now=later(40))
    lift_hold(actor=actor, now=later(40), hold_id=hold.public_id, reason="Talks are over.")


def shown() -> list[str]:
    return list(PublicUpdate.objects.order_by("at").values_list("code", flat=True))


def code(release: Release) -> str:
    return release.update_of.public_id


def test_a_hold_keeps_the_whole_incident_off_the_page_until_it_is_lifted(cast: Cast, incident: Incident) -> None:
    said = [say_publicly(cast, incident), say_publicly(cast, incident, status="identified", now=later(10))]
    actor = cast.actor("commander", stepped_up=True, now=later(29))
    hold_incident(actor=actor, now=later(29), incident_id=incident.pk, reason="Talks with the regulator.")
    again(cast, incident)
    assert (shown(), restore_kept_back(now=later(32))) == ([], 0)
    assert [line.text for line in TimelineEntry.objects.filter(kind="held")] == [
        "Not shown on the public page again yet. Everything of this incident is held back: Talks with the regulator."
    ]
    lift(cast)
    PageChange.objects.all().delete()
    assert restore_kept_back(now=later(41)) == 1
    assert shown() == [code(one) for one in said]
    assert PageChange.objects.exists()
    assert not KeptBack.objects.exists()
    assert restore_kept_back(now=later(42)) == 0


def test_an_update_held_alone_returns_in_its_place_and_does_not_get_the_last_word(cast: Cast, incident: Incident) -> None:
    first = say_publicly(cast, incident)
    last = say_publicly(cast, incident, status="monitoring", title="Checkouts work again", impact="minor", now=later(10))
    before = PublicIncident.objects.values("name", "status", "impact", "updated_at", "created_at", "monitoring_at", "next_update_due").get()
    actor = cast.actor("commander", stepped_up=True, now=later(29))
    hold_update(actor=actor, now=later(29), update_id=first.update_of_id, reason="Legal looks at it.")
    again(cast, incident)
    assert shown() == [code(last)]
    number = PublicIncident.objects.get().pk
    lift(cast)
    assert restore_kept_back(now=later(41)) == 1
    assert shown() == [code(first), code(last)]
    after = PublicIncident.objects.values("name", "status", "impact", "updated_at", "created_at", "monitoring_at", "next_update_due").get()
    assert (after, PublicIncident.objects.get().pk) == (before, number)


def test_what_was_flagged_meanwhile_waits_for_legal_to_take_the_flag_off(cast: Cast, incident: Incident) -> None:
    said = say_publicly(cast, incident)
    restrict(cast, incident, True, later(30))
    change_incident(actor=cast.actor("commander"), now=later(31), incident_id=incident.pk, data_breach=True)
    restrict(cast, incident, False, later(32))
    assert (shown(), restore_kept_back(now=later(33))) == ([], 0)
    actor = cast.actor("legal", now=later(34))
    change_incident(actor=actor, now=later(34), incident_id=incident.pk, data_breach=False, reason="No personal data was read.")
    assert restore_kept_back(now=later(35)) == 1
    assert shown() == [code(said)]


def test_wrong_words_do_not_return_without_their_correction(cast: Cast, incident: Incident) -> None:
    wrong = say_publicly(cast, incident)
    correction = put_right(cast, wrong, "correction")
    actor = cast.actor("commander", stepped_up=True, now=later(29))
    hold_update(actor=actor, now=later(29), update_id=correction.pk, reason="Legal looks at it.")
    again(cast, incident)
    assert shown() == []
    lift(cast)
    restore_kept_back(now=later(41))
    assert shown() == [code(wrong), correction.public_id]


def test_wrong_words_that_return_after_their_correction_are_marked(cast: Cast, incident: Incident) -> None:
    wrong = say_publicly(cast, incident)
    correction = put_right(cast, wrong, "correction")
    actor = cast.actor("commander", stepped_up=True, now=later(29))
    hold_update(actor=actor, now=later(29), update_id=wrong.update_of_id, reason="Legal looks at it.")
    again(cast, incident)
    assert shown() == [correction.public_id]
    lift(cast)
    restore_kept_back(now=later(41))
    marked_by = PublicUpdate.objects.get(code=code(wrong)).put_right_by
    assert marked_by is not None
    assert marked_by.code == correction.public_id


def test_what_is_kept_back_does_not_return_once_it_is_restricted_again(cast: Cast, incident: Incident) -> None:
    say_publicly(cast, incident)
    actor = cast.actor("commander", stepped_up=True, now=later(29))
    hold_incident(actor=actor, now=later(29), incident_id=incident.pk, reason="Talks.")
    again(cast, incident)
    restrict(cast, incident, True, later(35))
    lift(cast)
    assert restore_kept_back(now=later(41)) == 0
    assert shown() == []


def test_lifting_a_restriction_asks_who_is_there(cast: Cast, incident: Incident) -> None:
    change_incident(actor=cast.actor("commander"), now=later(30), incident_id=incident.pk, restricted=True)
    with pytest.raises(StepUpRequired):
        change_incident(actor=cast.actor("commander"), now=later(31), incident_id=incident.pk, restricted=False)
    assert Incident.objects.get(pk=incident.pk).restricted


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """When releases were decided again for the page."""
    seen: list[datetime] = []

    def counted(release_ids: Collection[int], now: datetime) -> dict[int, Standing]:
        seen.append(now)
        return standing_of(release_ids, now)

    monkeypatch.setattr(service, "standing_of", counted)
    return seen


def kept_back(cast: Cast, incident: Incident) -> None:
    """Held, and looked at for the first time at minute 31."""
    say_publicly(cast, incident)
    actor = cast.actor("commander", stepped_up=True, now=later(29))
    hold_incident(actor=actor, now=later(29), incident_id=incident.pk, reason="Talks.")
    again(cast, incident)


def test_what_stays_is_looked_at_with_growing_pauses_up_to_a_minute(cast: Cast, incident: Incident, looks: list[datetime]) -> None:
    kept_back(cast, incident)
    start = later(31)
    for second in range(0, 600, 2):
        restore_kept_back(now=start + timedelta(seconds=second))
    waits = [(after - before).total_seconds() for before, after in pairwise(looks)]
    assert waits[:4] == [6, 10, 20, 40]
    assert set(waits[4:]) == {60}
    assert len(looks) < 15


def test_a_hold_that_is_lifted_ends_the_pause(cast: Cast, incident: Incident, looks: list[datetime]) -> None:
    kept_back(cast, incident)
    KeptBack.objects.update(looks=9, look_at=later(600))
    assert restore_kept_back(now=later(40)) == 0
    lift(cast)
    assert restore_kept_back(now=later(40)) == 1
    assert looks == [later(31), later(40)]


def test_so_does_a_change_of_the_incident(cast: Cast, incident: Incident, looks: list[datetime]) -> None:
    kept_back(cast, incident)
    KeptBack.objects.update(looks=9, look_at=later(600))
    change_incident(actor=cast.actor("commander"), now=later(40), incident_id=incident.pk, tags=["payments"])
    assert restore_kept_back(now=later(40)) == 0
    assert looks == [later(31), later(40)]
    assert KeptBack.objects.get().look_at == later(40) + timedelta(seconds=5)


def test_what_cannot_be_looked_at_is_tried_again_a_minute_later(cast: Cast, incident: Incident, monkeypatch: pytest.MonkeyPatch) -> None:
    kept_back(cast, incident)

    def broken(release_ids: Collection[int], now: datetime) -> dict[int, Standing]:
        raise RuntimeError

    monkeypatch.setattr(service, "standing_of", broken)
    assert restore_kept_back(now=later(40)) == 0
    assert KeptBack.objects.get().look_at == later(41)


@given(st.integers(min_value=0, max_value=10_000))
def test_a_pause_never_shrinks_and_is_never_longer_than_the_longest(looks: int) -> None:
    assert timedelta() < pause_after(looks) <= pause_after(looks + 1) <= LONGEST
