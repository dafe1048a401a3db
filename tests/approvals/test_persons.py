"""Who reviews is a human, however many accounts they have. A second account of an author or of a reviewer fills no slot."""

import pytest

from accounts.actors import person
from accounts.models import RoleAssignment, TrainingRecord, User
from accounts.rules.duties import Duty
from accounts.rules.roles import Role
from accounts.rules.training import Source
from accounts.services.persons import link_accounts
from approvals.models import Override
from approvals.queries import review_queue
from approvals.queries.sending import NOT_APPROVED, standing_of
from approvals.services import decide_ratification, give_verdict, override_release, release_update, rule_dispute
from core.errors import Conflict, Forbidden
from incidents.models import Update
from tests.approvals.acts import approved, ask, draft, edit, number, release, say, state
from tests.approvals.disputing import LATER, disputed, half_reviewed, overridden, override
from tests.approvals.test_constraints import Refusal, release_row, review_row
from tests.support.cast import NOW, TRAINED, TRAINED_UNTIL, Cast
from tests.support.roster import away, untrained

pytestmark = pytest.mark.django_db


def second_account(cast: Cast, of: str, role: Role, duty: Duty) -> User:
    """Another account of the same human, with a role that its first account has not."""
    user = User.objects.create(username=f"{of}-2", email=f"{of}.private@example.net", date_joined=NOW)
    RoleAssignment.objects.create(user=user, role=role)
    TrainingRecord.objects.create(user=user, duty=duty, source=Source.COURSE, at=TRAINED, valid_until=TRAINED_UNTIL)
    return user


def link(cast: Cast, one: User, other: User) -> None:
    link_accounts(actor=cast.actor("admin"), now=NOW, user=one, other=other, reason="The same person, they told us.")


def verdict_of(cast: Cast, user: User, update: Update, kind: str) -> None:
    actor = person(User.objects.get(pk=user.pk), stepped_up_at=NOW)
    give_verdict(actor=actor, now=NOW, update_id=update.pk, kind=kind, verdict="approve", revision=number(update))


def test_the_second_account_of_an_author_reviews_nothing(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    double = second_account(cast, "commander", Role.TECHNICAL_LEAD, Duty.TECHNICAL)
    link(cast, cast.commander, double)
    with pytest.raises(Forbidden) as refusal:
        verdict_of(cast, double, update, "technical")
    assert refusal.value.code == "contributor"


def test_the_database_knows_the_second_account_of_an_author_too(cast: Cast) -> None:
    round_ = ask(cast, draft(cast))
    double = second_account(cast, "commander", Role.TECHNICAL_LEAD, Duty.TECHNICAL)
    link(cast, cast.commander, double)
    with Refusal("approvals_no_self_approval"):
        review_row(round_, "technical", double)


def test_one_human_fills_one_slot_with_two_accounts(cast: Cast) -> None:
    update = draft(cast)
    round_ = ask(cast, update)
    double = second_account(cast, "techlead", Role.COMMS_REVIEWER, Duty.COMMUNICATIONS)
    link(cast, cast.techlead, double)
    say(cast, update, "technical")
    with pytest.raises(Forbidden) as refusal:
        verdict_of(cast, double, update, "communications")
    assert refusal.value.code == "other_slot"
    with Refusal("approvals_distinct_persons"):
        review_row(round_, "communications", double)


def test_accounts_found_to_be_one_person_after_both_approved_stop_the_release(cast: Cast) -> None:
    update = approved(cast)
    link(cast, cast.techlead, cast.comms)
    with pytest.raises(Conflict) as refusal:
        release_update(actor=cast.actor("commander", stepped_up=True), now=NOW, update_id=update.pk, revision=number(update))
    assert refusal.value.code == "approvals_missing"
    with Refusal("approvals_release_needs_approvals"):
        release_row(update, update.rounds.get(), cast)


def test_accounts_found_to_be_one_person_after_the_release_stop_what_is_not_sent(cast: Cast) -> None:
    done = release(cast, approved(cast))
    assert standing_of([done.pk], NOW)[done.pk].reason == ""
    link(cast, cast.techlead, cast.comms)
    assert standing_of([done.pk], NOW)[done.pk].reason == NOT_APPROVED


def test_a_reviewer_found_to_be_an_author_after_the_verdict_stops_the_release(cast: Cast) -> None:
    update = approved(cast)
    link(cast, cast.techlead, cast.commander)
    with Refusal("approvals_release_needs_approvals"):
        release_row(update, update.rounds.get(), cast)


def test_a_carried_verdict_of_who_became_an_author_by_a_second_account_is_not_carried(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    say(cast, update, "technical")
    link(cast, cast.techlead, cast.responder)
    edit(cast, update, by="responder", body="Other words.")
    round_ = ask(cast, update)
    assert not round_.carried_reviews.exists()


@pytest.mark.parametrize("role", [Role.TECHNICAL_LEAD, Role.ADMINISTRATOR])
def test_a_role_given_later_makes_no_reviewer_of_an_author(cast: Cast, role: Role) -> None:
    update = draft(cast)
    round_ = ask(cast, update)
    RoleAssignment.objects.get_or_create(user=cast.commander, role=role)
    with pytest.raises(Forbidden):
        say(cast, update, "technical", by="commander")
    with Refusal("approvals_no_self_approval"):
        review_row(round_, "technical", cast.commander)


def test_who_is_absent_or_untrained_gives_no_verdict_and_is_told_why(cast: Cast) -> None:
    update = draft(cast)
    round_ = ask(cast, update)
    type(round_).objects.filter(pk=round_.pk).update(training_required=True)
    away(cast.techlead)
    untrained(cast.comms)
    with pytest.raises(Forbidden, match="absent until") as refusal:
        say(cast, update, "technical")
    assert refusal.value.code == "unable"
    with pytest.raises(Forbidden, match="training") as refusal:
        say(cast, update, "communications")
    assert refusal.value.code == "unable"
    (item,) = [item for item in review_queue(cast.actor("techlead"), NOW) if item.slot.kind == "technical"]
    assert item.reasons[0].code == "unable"


def test_without_required_training_an_untrained_reviewer_counts(cast: Cast) -> None:
    update = draft(cast)
    round_ = ask(cast, update)
    type(round_).objects.filter(pk=round_.pk).update(training_required=False)
    untrained(cast.techlead)
    say(cast, update, "technical")
    say(cast, update, "communications")
    assert state(update) == "approved"


def test_the_second_account_of_an_author_neither_overrides_nor_ratifies(cast: Cast) -> None:
    update = half_reviewed(cast)
    double = second_account(cast, "commander", Role.OVERRIDE_HOLDER, Duty.OVERRIDE_HOLDER)
    link(cast, cast.commander, double)
    actor = person(User.objects.get(pk=double.pk), stepped_up_at=LATER, second_factor_at=LATER, second_factor_since=NOW)
    with pytest.raises(Forbidden) as refusal:
        override_release(actor=actor, now=LATER, update_id=update.pk, revision=1, reason="Nobody answers.")
    assert refusal.value.code == "contributor"
    override(cast, update)
    found = Override.objects.get()
    with pytest.raises(Forbidden) as refusal:
        decide_ratification(actor=actor, now=LATER, override_id=found.pk, ratify=True, reason="")
    assert refusal.value.code == "contributor"
    with Refusal("approvals_override_decided_by_another"):
        Override.objects.update(state="ratified", decided_by=double, decided_at=LATER)


def test_the_second_account_of_who_overrode_does_not_ratify(cast: Cast) -> None:
    found = overridden(cast)
    double = second_account(cast, "override", Role.COMMANDER, Duty.TECHNICAL)
    link(cast, cast.override, double)
    actor = person(User.objects.get(pk=double.pk), stepped_up_at=LATER)
    with pytest.raises(Forbidden) as refusal:
        decide_ratification(actor=actor, now=LATER, override_id=found.pk, ratify=True, reason="")
    assert refusal.value.code == "own_override"
    with Refusal("approvals_override_decided_by_another"):
        Override.objects.update(state="ratified", decided_by=double, decided_at=LATER)


def test_the_second_account_of_who_disputed_does_not_rule(cast: Cast) -> None:
    found = disputed(cast)
    double = second_account(cast, "comms", Role.ARBITER, Duty.ARBITER)
    link(cast, cast.comms, double)
    actor = person(User.objects.get(pk=double.pk), stepped_up_at=NOW)
    with pytest.raises(Forbidden) as refusal:
        rule_dispute(actor=actor, now=NOW, dispute_id=found.pk, ruling="uphold", revision=1, reason="Because.")
    assert refusal.value.code == "own_dispute"
