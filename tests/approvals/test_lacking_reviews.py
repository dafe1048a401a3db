"""A round asks for what was asked when it opened; the gate also asks for what is asked now."""

from datetime import timedelta
from typing import Any

import pytest

from approvals.models import CarriedReview, ReleaseSchedule
from approvals.queries import release_reasons
from approvals.queries.wanted import wanted_reviews
from approvals.rules.legal import still_asked
from approvals.services import run_due_schedules
from core.errors import Conflict
from incidents.models import Incident, Update
from incidents.rules.content import Content, ScheduleMode
from incidents.services import change_incident
from tests.approvals.acts import SOON, approved, ask, draft, number, release, say, schedule, state
from tests.approvals.disputing import LATER, override
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident, make_update
from tests.support.policies import put_in_force, rules_in_force

pytestmark = pytest.mark.django_db
BOTH = [{"kind": "technical", "window_minutes": 15}, {"kind": "communications", "window_minutes": 30}]
LEGAL = {"kind": "legal", "window_minutes": 45}


@pytest.fixture(autouse=True)
def security_asks_legal(cast: Cast) -> None:
    """The policy asks legal about what is a matter of security, and nobody else's incidents."""
    rules = rules_in_force(reviews=BOTH)
    secure = {"key": "our-security", "words": "Legal reads what is a matter of security.", "when": {"category": ["security"]}}
    put_in_force(cast, [secure | {"then": rules[0]["then"] | {"reviews": [*BOTH, LEGAL]}}, *rules])


def become(cast: Cast, update: Update, category: str) -> None:
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=update.incident_id, category=category)


def draft_on(cast: Cast, incident: Incident) -> Update:
    return make_update(incident=incident, actor=cast.actor("commander"))


def content_of(update: Update) -> Content:
    assert update.current is not None
    return update.current.parsed()


def reasons(update: Update) -> list[str]:
    return [reason.code for reason in release_reasons(Update.objects.get(pk=update.pk), NOW)]


def test_what_became_a_matter_of_security_after_approval_waits_for_legal(cast: Cast) -> None:
    update = approved(cast, category="application")
    become(cast, update, "security")
    assert reasons(update) == ["review_lacking"]
    with pytest.raises(Conflict) as refused:
        release(cast, update)
    assert "as it is known now and the policy in force ask for the legal review too" in refused.value.message


def test_asked_again_the_reviews_given_stay_and_legal_is_asked(cast: Cast) -> None:
    update = approved(cast, category="application")
    become(cast, update, "security")
    round_ = ask(cast, update)
    assert set(round_.slots.values_list("kind", flat=True)) == {"technical", "communications", "legal"}
    assert CarriedReview.objects.filter(round=round_).count() == 2
    assert (state(update), number(update)) == ("in_review", 1)
    say(cast, update, "legal", by="legal")
    assert (state(update), reasons(update)) == ("approved", [])
    release(cast, update)


def test_where_only_the_policy_changed_nothing_is_said_to_have_become_known(cast: Cast) -> None:
    update = approved(cast, category="application")
    put_in_force(cast, rules_in_force(reviews=[*BOTH, LEGAL]))
    with pytest.raises(Conflict) as refused:
        release(cast, update)
    assert "the policy in force ask for the legal review too" in refused.value.message


def test_review_is_asked_for_by_the_policys_answer_at_that_moment_though_no_tick_came(cast: Cast) -> None:
    old = {"key": "old", "words": "After an hour legal reads too.", "when": {"fact": "elapsed_minutes", "op": "at_least", "value": 60}}
    rules = rules_in_force()
    put_in_force(cast, [old | {"then": rules[0]["then"] | {"reviews": [*BOTH, LEGAL]}}, *rules])
    early, late = draft(cast), draft(cast)
    assert not ask(cast, early, now=NOW + timedelta(minutes=59)).slots.filter(kind="legal").exists()
    round_ = ask(cast, late, now=NOW + timedelta(minutes=61))
    assert round_.slots.filter(kind="legal").exists()
    assert late.incident.decisions.all()[0].rule_key == "old"
    # What was put to reviewers before that hour is asked for again once it is over, and legal with it.
    assert ask(cast, early, now=NOW + timedelta(minutes=62)).slots.filter(kind="legal").exists()


def test_words_whose_round_lacks_nothing_are_not_asked_for_again(cast: Cast) -> None:
    update = approved(cast, category="application")
    with pytest.raises(Conflict) as refused:
        ask(cast, update)
    assert refused.value.code == "not_a_draft"


def test_a_plan_is_held_when_its_round_lacks_a_review(cast: Cast) -> None:
    update = approved(cast, category="application")
    schedule(cast, update)
    become(cast, update, "security")
    assert run_due_schedules(now=SOON) == 0
    assert "legal review too" in ReleaseSchedule.objects.get(update_of=update).reason


def test_a_plan_ends_when_review_is_asked_for_again(cast: Cast) -> None:
    update = approved(cast, mode=ScheduleMode.AT_TIME, category="application")
    become(cast, update, "security")
    ask(cast, update)
    assert "Another review is asked for" in ReleaseSchedule.objects.get(update_of=update).reason


def test_an_override_does_not_stand_in_for_a_review_that_was_not_asked_for(cast: Cast) -> None:
    update = draft(cast, category="application")
    ask(cast, update)
    become(cast, update, "security")
    with pytest.raises(Conflict) as refused:
        override(cast, update, now=LATER)
    assert refused.value.code == "review_lacking"


def test_another_category_does_not_take_legal_out_of_the_round_nor_of_the_next_one(cast: Cast) -> None:
    update = draft(cast, category="security")
    ask(cast, update)
    become(cast, update, "application")
    say(cast, update, "technical")
    say(cast, update, "communications")
    assert state(update) == "in_review"
    incident = Incident.objects.get(pk=update.incident_id)
    another = draft_on(cast, incident)
    assert ("legal", 45) in wanted_reviews(another, content_of(another)).windows


def test_a_new_policy_asks_for_what_it_says_whatever_the_one_before_asked(cast: Cast) -> None:
    update = draft(cast, category="security")
    put_in_force(cast, rules_in_force(reviews=BOTH))
    assert {kind for kind, _ in wanted_reviews(update, content_of(update)).windows} == {"technical", "communications"}


def test_an_incident_that_was_never_a_matter_of_security_asks_no_lawyer(cast: Cast) -> None:
    another = draft_on(cast, make_incident(actor=cast.actor("commander"), category="application"))
    assert {kind for kind, _ in wanted_reviews(another, content_of(another)).windows} == {"technical", "communications"}


def test_a_flag_that_a_lawyer_takes_off_lets_legal_go(cast: Cast) -> None:
    update = draft(cast, category="security")
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=update.incident_id, data_breach=True)
    become(cast, update, "application")
    assert "legal" in dict(wanted_reviews(Update.objects.get(pk=update.pk), content_of(update)).windows)
    change_incident(
        actor=cast.actor("legal"), now=NOW, incident_id=update.incident_id, data_breach=False, reason="No personal data was read."
    )
    assert "legal" not in dict(wanted_reviews(Update.objects.get(pk=update.pk), content_of(update)).windows)


@pytest.mark.parametrize(
    ("decided", "window"),
    [
        ([], None),
        ([(None, {})], None),
        ([(45, {"category": "security"}), (None, {"category": "application"})], 45),
        ([(45, {"data_breach": True}), (None, {"data_breach": False})], None),
        ([(45, {"data_breach": True}), (30, {"data_breach": False})], 30),
        ([(45, {"regulatory_flags": ["gdpr"]}), (None, {"regulatory_flags": []}), (None, {"regulatory_flags": []})], None),
        ([(None, {"data_breach": True}), (None, {"data_breach": False}), (20, {}), (None, {})], 20),
    ],
)
def test_legal_once_asked_stays_asked_until_a_flag_comes_off(decided: list[tuple[int | None, dict[str, Any]]], window: int | None) -> None:
    assert still_asked(decided) == window
