"""Who is on duty when: technical and communications around the clock, legal in office hours, so that the roster warns of the rest."""

from datetime import datetime, time, timedelta

from accounts.actors import Actor
from accounts.models import User
from accounts.rules.duties import PERMISSION_OF, Duty
from accounts.rules.training import NEEDS_TRAINING
from accounts.services.absences import record_absence
from accounts.services.rota import delegate, set_shift
from accounts.services.training import record_training

WEEK, OFFICE_DAYS = range(7), range(5)
# Duty, who, deputy, days, from, to, zone.
SHIFTS: tuple[tuple[Duty, str, str | None, range, time, time, str], ...] = (
    (Duty.TECHNICAL, "techlead", "techlead2", WEEK, time(8), time(20), "Europe/Berlin"),
    (Duty.TECHNICAL, "techlead2", "techlead", WEEK, time(20), time(8), "Europe/Berlin"),
    (Duty.COMMUNICATIONS, "comms", "comms2", WEEK, time(8), time(20), "Europe/London"),
    (Duty.COMMUNICATIONS, "comms2", "comms", WEEK, time(20), time(8), "Europe/London"),
    (Duty.LEGAL, "legal", None, OFFICE_DAYS, time(9), time(18), "America/New_York"),
    (Duty.MANAGER_ON_DUTY, "manager", None, WEEK, time(0), time(0), "Europe/Berlin"),
)


def tell_roster(*, actor: Actor, now: datetime, users: dict[str, User]) -> None:
    """Everybody trained a while ago, the rota since then, and in the days to come one absence and one handover."""
    for user in users.values():
        for duty in sorted(NEEDS_TRAINING):
            if PERMISSION_OF[duty] in user.granted:
                record_training(
                    actor=actor, now=now, user=user, duty=duty, at=now - timedelta(days=90), note="Incident communication, day course"
                )
    for duty, name, deputy, days, starts, ends, zone in SHIFTS:
        set_shift(
            actor=actor, now=now, duty=duty, user=users[name], deputy=users[deputy] if deputy else None, weekdays=days,
            starts=starts, ends=ends, time_zone=zone, valid_from=(now - timedelta(days=30)).date(),
        )  # fmt: skip
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    record_absence(
        actor=actor, now=now, user=users["comms2"], note="At the dentist",
        starts_at=midnight + timedelta(days=4, hours=9), ends_at=midnight + timedelta(days=4, hours=17),
    )  # fmt: skip
    delegate(
        actor=actor, now=now, duty=Duty.TECHNICAL, giver=users["techlead2"], taker=users["techlead"], reason="Moving house",
        starts_at=midnight + timedelta(days=5, hours=18), ends_at=midnight + timedelta(days=6, hours=10),
    )  # fmt: skip
