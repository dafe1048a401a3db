"""“Nobody can review” opens an override only where it came about without the overriding person's hand."""

from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.db import connection
from guardian.shortcuts import assign_perm

from accounts.models import Absence, RoleAssignment, TrainingRecord, User
from accounts.rules.duties import Duty
from accounts.rules.roles import Role
from accounts.services.absences import record_absence
from accounts.services.people import set_roles
from accounts.services.persons import link_accounts
from accounts.services.rota import delegate
from accounts.services.training import withdraw_training
from approvals.models import AbleAtOpening, Override
from approvals.rules.override import ADMINISTERED_WITHIN
from core.errors import Conflict
from incidents.models import Incident, Update
from tests.approvals.acts import ask, draft, edit, say
from tests.approvals.disputing import half_reviewed, override
from tests.approvals.test_constraints import Refusal
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db
BEFORE, MOMENT, SOON = NOW - timedelta(hours=1), NOW + timedelta(minutes=1), NOW + timedelta(minutes=5)
REVIEWERS = ("comms", "comms2")


@pytest.fixture
def keeper(cast: Cast) -> User:
    """The holder of the override keeps the roster as well."""
    RoleAssignment.objects.create(user=cast.override, role=Role.MANAGER)
    return cast.override


def send_away(cast: Cast, by: str = "", at: datetime = MOMENT) -> None:
    """Both reviewers of communications are absent, as `by` says, or each of them."""
    for name in REVIEWERS:
        record_absence(actor=cast.actor(by or name), now=at, user=cast.user(name), starts_at=at, ends_at=NOW + timedelta(hours=9))


def is_shut(cast: Cast, update: Update, words: str = "opens no override") -> bool:
    with pytest.raises(Conflict, match=words) as refusal:
        override(cast, update, now=SOON)
    return refusal.value.code == "window_open"


def test_absences_that_the_holder_recorded_do_not_count_whenever_they_were(cast: Cast, keeper: User) -> None:
    send_away(cast, "override", BEFORE)
    assert is_shut(cast, half_reviewed(cast))
    assert Absence.objects.filter(recorded_by=keeper).count() == 2


def test_nor_from_a_second_account_of_theirs(cast: Cast) -> None:
    User.objects.filter(pk=cast.manager.pk).update(person=cast.override.person)
    send_away(cast, "manager", BEFORE)
    assert is_shut(cast, half_reviewed(cast))


def test_absences_that_somebody_else_recorded_afterwards_do_not_count(cast: Cast) -> None:
    update = half_reviewed(cast)
    send_away(cast, "manager")
    assert is_shut(cast, update)


def test_absences_known_before_and_those_of_the_reviewers_themselves_count(cast: Cast) -> None:
    send_away(cast, "manager", BEFORE)
    override(cast, half_reviewed(cast), now=SOON)
    assert Override.objects.get().fills[0]["ground"] == "nobody_eligible"


def test_who_says_that_they_are_away_is_away(cast: Cast) -> None:
    update = half_reviewed(cast)
    send_away(cast)
    override(cast, update, now=SOON)
    assert Override.objects.get().fills[0]["ground"] == "nobody_eligible"


@pytest.mark.parametrize("at", [BEFORE, MOMENT])
def test_training_that_the_holder_withdrew_counts_as_current(cast: Cast, at: datetime) -> None:
    RoleAssignment.objects.create(user=cast.override, role=Role.ADMINISTRATOR)
    update = draft(cast)
    if at is MOMENT:
        ask(cast, update)
        say(cast, update, "technical")
    for record in TrainingRecord.objects.filter(user__username__in=REVIEWERS, duty=Duty.COMMUNICATIONS):
        withdraw_training(actor=cast.actor("override"), now=at, record=record, reason="Wrong")
    RoleAssignment.objects.filter(user=cast.override, role=Role.ADMINISTRATOR).delete()
    if at is BEFORE:
        ask(cast, update)
        say(cast, update, "technical")
    assert is_shut(cast, update)


def test_roles_taken_after_the_request_make_nobody_of_no_one(cast: Cast) -> None:
    update = half_reviewed(cast)
    for name in REVIEWERS:
        set_roles(actor=cast.actor("admin"), now=MOMENT, user=cast.user(name), roles=[])
    assert is_shut(cast, update)


def test_nor_do_accounts_switched_off_or_linked_with_an_authors(cast: Cast) -> None:
    update = half_reviewed(cast)
    User.objects.filter(username="comms").update(is_active=False)
    link_accounts(actor=cast.actor("admin"), now=MOMENT, user=cast.comms2, other=cast.commander, reason="One person, they say.")
    assert is_shut(cast, update)


def test_nor_does_restricting_the_incident(cast: Cast) -> None:
    update = half_reviewed(cast)
    Incident.objects.update(restricted=True)
    assign_perm("incidents.view_incident", cast.override, update.incident)
    assert is_shut(cast, update)


def test_handing_a_duty_over_leaves_everybody_with_the_role_able(cast: Cast, keeper: User) -> None:
    update = half_reviewed(cast)
    delegate(
        actor=cast.actor("override"),
        now=MOMENT,
        duty=Duty.COMMUNICATIONS,
        giver=cast.comms,
        taker=cast.comms2,
        starts_at=MOMENT,
        ends_at=NOW + timedelta(hours=2),
        reason="Swap",
    )
    assert is_shut(cast, update, "2 people can give it")


def test_who_administers_roles_waits_for_the_window(cast: Cast) -> None:
    RoleAssignment.objects.filter(role=Role.COMMS_REVIEWER).delete()
    RoleAssignment.objects.create(user=cast.override, role=Role.ADMINISTRATOR)
    update = half_reviewed(cast)
    assert is_shut(cast, update, "administers roles")
    override(cast, update)
    assert Override.objects.get().fills[0]["ground"] == "window_expired"


def give_up_administering(cast: Cast, at: datetime) -> None:
    """The holder of the override takes every reviewer's role, then gives up the role by which that is done."""
    RoleAssignment.objects.create(user=cast.override, role=Role.ADMINISTRATOR)
    for name in REVIEWERS:
        set_roles(actor=cast.actor("override"), now=at, user=cast.user(name), roles=[])
    set_roles(actor=cast.actor("admin"), now=at, user=cast.override, roles=[Role.OVERRIDE_HOLDER])


@pytest.mark.parametrize("before", [timedelta(minutes=1), ADMINISTERED_WITHIN - timedelta(seconds=1)])
def test_nor_by_giving_the_role_up_before_the_review_is_asked_for(cast: Cast, before: timedelta) -> None:
    give_up_administering(cast, NOW - before)
    assert User.objects.get(pk=cast.override.pk).roles == {Role.OVERRIDE_HOLDER}
    update = half_reviewed(cast)
    assert is_shut(cast, update, "or did within 30 days before it was asked for")
    override(cast, update)
    assert Override.objects.get().fills[0]["ground"] == "window_expired"


def test_nor_by_giving_it_up_afterwards_on_another_account(cast: Cast) -> None:
    RoleAssignment.objects.filter(role=Role.COMMS_REVIEWER).delete()
    update = half_reviewed(cast)
    User.objects.filter(pk=cast.manager.pk).update(person=cast.override.person)
    RoleAssignment.objects.create(user=cast.manager, role=Role.ADMINISTRATOR)
    set_roles(actor=cast.actor("admin"), now=MOMENT, user=cast.manager, roles=[Role.MANAGER])
    assert is_shut(cast, update, "administers roles")


def test_who_gave_it_up_long_ago_may_use_the_ground(cast: Cast) -> None:
    give_up_administering(cast, NOW - ADMINISTERED_WITHIN)
    override(cast, half_reviewed(cast), now=SOON)
    assert Override.objects.get().fills[0]["ground"] == "nobody_eligible"


def test_absences_of_which_nobody_knows_who_recorded_them_open_nothing(cast: Cast) -> None:
    """From before that was kept: they may be the holder's own."""
    for name in REVIEWERS:
        Absence.objects.create(user=cast.user(name), starts_at=BEFORE, ends_at=NOW + timedelta(hours=9), made_at=BEFORE)
    update = half_reviewed(cast)
    assert is_shut(cast, update)
    override(cast, update)
    assert Override.objects.get().fills[0]["ground"] == "window_expired"


def test_nor_do_withdrawals_of_training_by_nobody_known(cast: Cast) -> None:
    records = TrainingRecord.objects.filter(user__username__in=REVIEWERS, duty=Duty.COMMUNICATIONS)
    records.update(withdrawn_at=BEFORE, withdrawn_reason="Wrong")
    assert is_shut(cast, half_reviewed(cast))


def fill_in() -> None:
    with connection.cursor() as cursor:
        cursor.execute(import_module("approvals.migrations.0017_able_filled_in").FILL_IN)


def able(update: Update) -> set[tuple[str, str]]:
    rows = AbleAtOpening.objects.filter(slot__round__update_of=update)
    return set(rows.values_list("slot__kind", "user__username"))


def test_rounds_from_before_it_was_noted_are_filled_in_with_everybody_who_may_have_been_able(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AbleAtOpening.objects, "bulk_create", list)
    update = half_reviewed(cast)
    assert able(update) == set()
    User.objects.filter(pk=cast.techlead2.pk).update(person=cast.commander.person)
    set_roles(actor=cast.actor("admin"), now=MOMENT, user=cast.comms, roles=[])
    set_roles(actor=cast.actor("admin"), now=MOMENT, user=cast.comms2, roles=[])
    fill_in()
    assert able(update) == {("technical", "techlead"), ("communications", "comms"), ("communications", "comms2")}
    assert is_shut(cast, update)


def test_rounds_of_which_it_was_noted_and_of_what_is_out_stay_as_they_are(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = half_reviewed(cast)
    before = able(noted)
    RoleAssignment.objects.create(user=cast.manager, role=Role.COMMS_REVIEWER)
    monkeypatch.setattr(AbleAtOpening.objects, "bulk_create", list)
    out = half_reviewed(cast)
    override(cast, out)
    fill_in()
    assert (able(noted), able(out)) == (before, set())


def test_nor_by_switching_off_the_account_that_administers(cast: Cast) -> None:
    RoleAssignment.objects.filter(role=Role.COMMS_REVIEWER).delete()
    User.objects.filter(pk=cast.admin.pk).update(person=cast.override.person, is_active=False)
    assert is_shut(cast, half_reviewed(cast), "administers roles")


def test_asking_anew_makes_no_ground_of_what_was_entered_since_the_first_request(cast: Cast) -> None:
    update = half_reviewed(cast)
    send_away(cast, "manager")
    edit(cast, update, now=MOMENT)
    ask(cast, update, now=SOON)
    say(cast, update, "technical", now=SOON)
    assert is_shut(cast, update)


def test_an_absence_keeps_who_entered_it_in_the_database(cast: Cast) -> None:
    send_away(cast, "manager")
    with Refusal("accounts_absence_kept"):
        Absence.objects.update(recorded_by=cast.comms)
    with Refusal("accounts_absence_kept"):
        Absence.objects.update(made_at=BEFORE)
    with Refusal("accounts_absence_kept"):
        Absence.objects.update(ends_at=NOW + timedelta(days=9))
    with Refusal("accounts_training_withdrawer_withdrew"):
        TrainingRecord.objects.create(user=cast.comms, duty="legal", source="course", at=BEFORE, valid_until=SOON, withdrawn_by=cast.admin)


def test_who_was_able_at_the_request_is_noted_for_good(cast: Cast) -> None:
    half_reviewed(cast)
    assert set(AbleAtOpening.objects.filter(slot__kind="communications").values_list("user__username", flat=True)) == set(REVIEWERS)
    with Refusal("approvals_able_immutable"):
        AbleAtOpening.objects.all().delete()
    with Refusal("approvals_able_immutable"):
        AbleAtOpening.objects.update(user=cast.legal)
    with Refusal("approvals_able_no_truncate"), connection.cursor() as cursor:
        cursor.execute("TRUNCATE approvals_ableatopening")
    row = AbleAtOpening.objects.first()
    assert row is not None
    with Refusal("approvals_able_once"):
        AbleAtOpening.objects.create(slot=row.slot, user=row.user)
