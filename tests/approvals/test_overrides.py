"""Releasing without every review: when it is open, what it stands in for, who is told, and how it is put right afterwards."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.models import RoleAssignment
from accounts.rules.roles import Role
from approvals.events import OverrideUsed, RatificationDecided, RatificationDue
from approvals.models import Override, RatificationStep, Release
from approvals.queries.gate import release_blockers
from approvals.services import claim_ratification_steps, decide_ratification, hold_update, override_release, run_due_schedules
from catalogue.services import set_component_status
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, SecondFactorRequired, StaleRevision, StepUpRequired
from incidents.models import Incident, PolicyDecision, Update
from tests.approvals.acts import approved, ask, draft, edit, state
from tests.approvals.disputing import LATER, decide, dispute, half_reviewed, overridden, override, withdraw
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component
from tests.support.heard import failing, heard
from tests.support.log import logged

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(minutes=5)


def nobody_reviews_communications() -> None:
    RoleAssignment.objects.filter(role=Role.COMMS_REVIEWER).delete()


def test_after_the_window_an_override_releases_the_exact_words(cast: Cast) -> None:
    update = half_reviewed(cast)
    with heard(OverrideUsed) as events:
        release = override(cast, update)
    found = Override.objects.get()
    assert (release.overridden, release.revision, state(update)) == (True, update.current, "released")
    assert [one["kind"] for one in found.fills] == ["communications"]
    assert found.fills[0]["ground"] == "window_expired"
    assert (found.round.state, found.state, found.fills_legal) == ("overridden", "awaiting", False)
    assert found.ratify_by - found.at == timedelta(hours=24)
    assert [(event.override_id, event.release_id) for event in events] == [(found.pk, release.pk)]
    assert logged("override.used")["fills"] == [{"kind": "communications", "ground": "window_expired"}]
    assert logged("update.released")["override"] == found.public_id


def test_an_override_moves_the_components_that_its_words_name(cast: Cast) -> None:
    """Whoever overrides may not change components by themselves; the release says what was written, and so does the catalogue."""
    component = make_component()
    with pytest.raises(Forbidden):
        set_component_status(actor=cast.actor("override"), now=NOW, component=component, status="major_outage")
    update = half_reviewed(cast, components=[component])
    assert update.current is not None
    said = update.current.parsed().components[0].status
    assert said != component.status
    override(cast, update)
    component.refresh_from_db()
    assert component.status == said


def test_within_the_window_somebody_can_still_review(cast: Cast) -> None:
    update = half_reviewed(cast)
    with pytest.raises(Conflict) as refusal:
        override(cast, update, now=SOON)
    assert refusal.value.code == "window_open"
    assert "2 people can give it" in refusal.value.message
    assert not Release.objects.exists()


def test_with_nobody_who_could_review_it_is_open_at_once(cast: Cast) -> None:
    nobody_reviews_communications()
    update = half_reviewed(cast)
    override(cast, update, now=SOON)
    assert Override.objects.get().fills[0]["ground"] == "nobody_eligible"


def test_who_reviewed_the_other_half_counts_as_nobody(cast: Cast) -> None:
    """One person with both roles, who gave one review, cannot give the other."""
    RoleAssignment.objects.create(user=cast.techlead, role=Role.COMMS_REVIEWER)
    RoleAssignment.objects.filter(role=Role.COMMS_REVIEWER).exclude(user=cast.techlead).delete()
    update = half_reviewed(cast)
    override(cast, update, now=SOON)
    assert state(update) == "released"


def test_both_reviews_missing_are_both_stood_in_for(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    override(cast, update)
    assert {one["kind"] for one in Override.objects.get().fills} == {"technical", "communications"}


def test_only_an_override_holder_overrides(cast: Cast) -> None:
    update = half_reviewed(cast)
    for name in ("outsider", "commander", "comms", "legal", "admin", "arbiter", "manager"):
        with pytest.raises((Forbidden, NotFound)):
            override(cast, update, by=name)


def test_it_takes_a_second_factor_not_a_password(cast: Cast) -> None:
    update = half_reviewed(cast)
    with pytest.raises(SecondFactorRequired):
        override_release(
            actor=cast.actor("override", stepped_up=True, now=LATER), now=LATER, update_id=update.pk, revision=1, reason="Nobody answers."
        )
    assert state(update) == "in_review"


def test_a_second_factor_set_up_since_the_request_is_none(cast: Cast) -> None:
    """Whoever has the password alone could set one up within a minute."""
    update = half_reviewed(cast)
    for since in (NOW + timedelta(seconds=1), None):
        fresh = replace(cast.actor("override", second_factor=True, now=LATER), second_factor_since=since)
        with pytest.raises(Conflict, match="set up before") as refusal:
            override_release(actor=fresh, now=LATER, update_id=update.pk, revision=1, reason="Nobody answers.")
        assert refusal.value.code == "second_factor_new"
    known = replace(cast.actor("override", second_factor=True, now=LATER), second_factor_since=NOW)
    override_release(actor=known, now=LATER, update_id=update.pk, revision=1, reason="Nobody answers.")
    assert state(update) == "released"


def test_it_takes_a_reason(cast: Cast) -> None:
    with pytest.raises(InvalidInput) as refusal:
        override(cast, half_reviewed(cast), reason="  ")
    assert list(refusal.value.fields) == ["reason"]


def test_who_wrote_or_reviewed_does_not_override(cast: Cast) -> None:
    for name in ("commander", "techlead"):
        RoleAssignment.objects.create(user=cast.user(name), role=Role.OVERRIDE_HOLDER)
    update = half_reviewed(cast)
    for name, code in (("commander", "contributor"), ("techlead", "gave_review")):
        with pytest.raises(Forbidden) as refusal:
            override(cast, update, by=name)
        assert refusal.value.code == code


def test_a_draft_and_an_approved_update_are_not_overridden(cast: Cast) -> None:
    for update, code in ((draft(cast), "not_in_review"), (approved(cast), "approved")):
        with pytest.raises(Conflict) as refusal:
            override(cast, update)
        assert refusal.value.code == code


def test_an_override_settles_no_dispute_hold_or_other_gate(cast: Cast) -> None:
    update = half_reviewed(cast)
    found = dispute(cast, update)
    with pytest.raises(Conflict) as refusal:
        override(cast, update)
    assert refusal.value.code == "disputed"
    withdraw(cast, found)
    hold_update(actor=cast.actor("commander", stepped_up=True), now=NOW, update_id=update.pk, reason="Wait for legal.")
    with pytest.raises(Conflict) as refusal:
        override(cast, update)
    assert refusal.value.code == "held"


def test_a_restricted_incident_reaches_no_public_by_override(cast: Cast) -> None:
    update = half_reviewed(cast)
    Incident.objects.update(restricted=True)
    with pytest.raises(NotFound):
        override(cast, update)


def test_words_changed_meanwhile_are_out_of_date(cast: Cast) -> None:
    update = half_reviewed(cast)
    edit(cast, update)
    with pytest.raises(Conflict):
        override(cast, update)
    ask(cast, update)
    with pytest.raises(StaleRevision):
        override_release(
            actor=cast.actor("override", second_factor=True, now=LATER), now=LATER, update_id=update.pk, revision=1, reason="Nobody."
        )


def asks_legal(update: Update, *, override_fills_legal: bool) -> None:
    """The decision in force asks for legal's review, and says whether an override may stand in for it."""
    row = PolicyDecision.objects.filter(incident=update.incident).first()
    assert row is not None
    kinds = ("technical", "communications", "legal")
    reviews = [{"kind": kind, "window_minutes": 30} for kind in kinds]
    # Another decision, made after it: what was decided stays.
    row.pk, row.reviews = None, reviews
    row.consequences |= {"reviews": reviews, "override_fills_legal": override_fills_legal}
    row.save(force_insert=True)


def test_legal_is_never_stood_in_for_as_shipped(cast: Cast) -> None:
    RoleAssignment.objects.create(user=cast.override, role=Role.LEGAL)
    update = draft(cast)
    asks_legal(update, override_fills_legal=False)
    ask(cast, update)
    with pytest.raises(Conflict) as refusal:
        override(cast, update)
    assert refusal.value.code == "legal"


def test_legal_is_stood_in_for_by_policy_and_by_a_lawyer_alone(cast: Cast) -> None:
    update = draft(cast)
    asks_legal(update, override_fills_legal=True)
    ask(cast, update)
    with pytest.raises(Conflict) as refusal:
        override(cast, update)
    assert refusal.value.code == "legal"
    RoleAssignment.objects.create(user=cast.override, role=Role.LEGAL)
    override(cast, update)
    assert Override.objects.get().fills_legal


def test_everyone_responsible_is_told_and_the_list_stays(cast: Cast) -> None:
    found = overridden(cast)
    told = {one["name"]: one["as"] for one in found.told}
    assert "author" in told["Commander"]
    assert "gave the technical review" in told["Techlead"]
    assert "asked for the communications review" in told["Comms"]
    assert "manager on duty" in told["Manager"]
    assert "may ratify" in told["Legal"]
    assert "may ratify" not in told["Commander"], "nobody ratifies what they wrote"
    assert "Override" not in told
    assert "Outsider" not in told


def test_the_record_says_overridden_and_nothing_is_released_twice(cast: Cast) -> None:
    found = overridden(cast)
    assert "released already" in release_blockers(found.update_of, LATER)[0]
    with pytest.raises(Conflict):
        override(cast, found.update_of)
    assert run_due_schedules(now=LATER) == 0


def test_ratified_by_somebody_else_once(cast: Cast) -> None:
    found = overridden(cast)
    with heard(RatificationDecided) as events:
        decide(cast, found)
    found.refresh_from_db()
    assert (found.state, found.decided_by, found.correction) == ("ratified", cast.legal, None)
    assert [event.ratified for event in events] == [True]
    with pytest.raises(Conflict):
        decide(cast, found, ratify=False)


def test_neither_who_overrode_nor_who_wrote_ratifies(cast: Cast) -> None:
    found = overridden(cast)
    for name, code in (("override", "own_override"), ("commander", "contributor")):
        with pytest.raises(Forbidden) as refusal:
            decide(cast, found, by=name)
        assert refusal.value.code == code
    for name in ("outsider", "comms", "techlead", "admin"):
        with pytest.raises((Forbidden, NotFound)):
            decide(cast, found, by=name)


def test_ratifying_takes_a_fresh_password(cast: Cast) -> None:
    found = overridden(cast)
    with pytest.raises(StepUpRequired):
        decide_ratification(actor=cast.actor("legal"), now=LATER, override_id=found.pk, ratify=True, reason="")


def test_a_refusal_opens_a_correction_that_no_author_of_the_refused_words_reviews(cast: Cast) -> None:
    found = overridden(cast)
    with pytest.raises(InvalidInput):
        decide(cast, found, ratify=False, reason=" ")
    decide(cast, found, ratify=False, reason="The cause is wrong.")
    found.refresh_from_db()
    correction = found.correction
    assert correction is not None
    assert (correction.kind, correction.corrects, correction.state) == ("correction", found.update_of, "draft")
    assert set(correction.contributors.values_list("user", flat=True)) >= set(found.update_of.contributors.values_list("user", flat=True))
    assert correction.contributors.exists()
    assert logged("override.refused")["correction"] == correction.public_id


def test_reminders_at_half_at_four_fifths_at_the_end_and_then_daily(cast: Cast) -> None:
    found = overridden(cast)
    hour = timedelta(hours=1)
    with heard(RatificationDue) as events:
        for hours in (11, 12, 12, 19, 20, 24, 47, 48, 72):
            claim_ratification_steps(now=found.at + hours * hour)
    assert [(event.step, event.late) for event in events] == [
        ("50", False),
        ("80", True),
        ("100", False),
        ("overdue 1", False),
        ("overdue 2", False),
    ]


def test_after_an_outage_one_reminder_is_told_late(cast: Cast) -> None:
    found = overridden(cast)
    with heard(RatificationDue) as events:
        assert claim_ratification_steps(now=found.ratify_by + timedelta(days=3, hours=2)) == 1
        assert claim_ratification_steps(now=found.ratify_by + timedelta(days=3, hours=3)) == 0
    assert [(event.step, event.late) for event in events] == [("100", True)]
    assert RatificationStep.objects.filter(skipped=True).count() == 2
    assert RatificationStep.objects.get(fired_at__isnull=True, skipped=False).step == "overdue 4"


def test_one_broken_ratification_keeps_no_other_quiet(cast: Cast) -> None:
    broken, well = overridden(cast), overridden(cast)
    with failing(RatificationDue, where=lambda event: event.override_id == broken.pk):
        assert claim_ratification_steps(now=well.ratify_by) == 1
    assert set(RatificationStep.objects.filter(fired_at__isnull=False).values_list("override", flat=True)) == {well.pk}
    assert not RatificationStep.objects.filter(override=broken, skipped=True).exists()
    assert claim_ratification_steps(now=well.ratify_by) == 1


def test_what_is_decided_is_not_reminded_of(cast: Cast) -> None:
    found = overridden(cast)
    decide(cast, found)
    assert claim_ratification_steps(now=found.ratify_by) == 0


def test_asking_again_makes_no_newer_second_factor_old_enough(cast: Cast) -> None:
    """An edit and another request, which a holder may bring about, would else be the way to get one past the rule."""
    update = half_reviewed(cast)
    edit(cast, update)
    ask(cast, update, now=NOW + timedelta(minutes=2))
    fresh = replace(cast.actor("override", second_factor=True, now=LATER), second_factor_since=NOW + timedelta(minutes=1))
    with pytest.raises(Conflict, match="first asked for") as refusal:
        override_release(actor=fresh, now=LATER, update_id=update.pk, revision=2, reason="Nobody answers.")
    assert refusal.value.code == "second_factor_new"
