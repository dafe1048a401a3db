"""What time does to confirmations: questions run out, addresses go stale and are asked again, and who never answers is left in peace."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Lower

from accounts.actors import system
from audit.services import unit_of_work
from core.errors import Conflict
from stakeholders.models import ContactPoint, Verification
from stakeholders.rules.kinds import INSIDE, ContactKind, SuppressionKind, VerificationState
from stakeholders.rules.verification import ANSWER_WITHIN, STALE_AFTER, Ending
from stakeholders.services.stop_writing import suppress_contact_point
from stakeholders.services.verification import request_verification

logger = logging.getLogger(__name__)
ACTOR = system("verification")
# Each call does so many of each, so that a register gone stale as a whole holds up nobody's clock.
AT_ONCE = 100
NOT_AGAIN = f"not confirmed again within {ANSWER_WITHIN.days} days"


def run_verifications(*, now: datetime) -> int:
    """Does what is due; returns how many questions and addresses that were. Called again it does nothing more."""
    return _expire(now) + _ask_the_new(now) + _ask_the_stale(now) + _note_stale_telephones(now) + _leave_in_peace(now)


def _expire(now: datetime) -> int:
    due = Verification.objects.filter(ended_at__isnull=True, expires_at__lte=now)
    return due.update(ended_at=now, ended_as=Ending.EXPIRED)


def _ask(points: Iterable[ContactPoint], now: datetime) -> int:
    asked = 0
    for point in points:
        try:
            request_verification(actor=ACTOR, now=now, contact_point=point)
        except Conflict as error:  # asked by somebody else at this moment, or stopped since it was read
            logger.info("Not asked to confirm: %s", error.code)
        else:
            asked += 1
    return asked


def _at_the_address() -> "QuerySet[Verification]":
    """Within a query over contact points: the questions to the same address, by whatever entry."""
    asked = Verification.objects.annotate(lowered=Lower("contact_point__address"))
    return asked.filter(contact_point__kind=OuterRef("kind"), lowered=Lower(OuterRef("address"))).order_by()


def _ask_the_new(now: datetime) -> int:
    """Addresses that wait for a confirmation nobody has asked for yet: from lists and calls that wanted it so.

    However many entries have the address, its reader is asked once; who has not answered is asked again by people alone.
    """
    ever = Verification.objects.filter(contact_point=OuterRef("pk"))
    confirmed = ContactPoint.objects.annotate(lowered=Lower("address")).filter(
        kind=OuterRef("kind"), lowered=Lower(OuterRef("address")), verification=VerificationState.VERIFIED
    )
    unanswered = _at_the_address().filter(ended_as__in=[Ending.EXPIRED, Ending.LOCKED])
    rows = ContactPoint.objects.filter(
        ~Exists(ever),
        ~Exists(_at_the_address().filter(ended_at__isnull=True)),
        ~Exists(unanswered) | Exists(confirmed),
        kind=ContactKind.EMAIL,
        verification=VerificationState.PENDING,
        suppressed_at__isnull=True,
    )
    return _ask(rows.order_by("pk")[:AT_ONCE], now)


def _ask_the_stale(now: datetime) -> int:
    rows = ContactPoint.objects.filter(
        ~Exists(_at_the_address().filter(asked_at__gt=now - ANSWER_WITHIN)),
        kind=ContactKind.EMAIL,
        verification=VerificationState.VERIFIED,
        verified_at__lte=now - STALE_AFTER,
        suppressed_at__isnull=True,
    )
    return _ask(rows.order_by("verified_at")[:AT_ONCE], now)


def _note_stale_telephones(now: datetime) -> int:
    """No code is sent unasked, perhaps at night, to be typed within ten minutes: the number goes on the review list."""
    old = ContactPoint.objects.filter(kind=ContactKind.SMS, verification=VerificationState.VERIFIED, verified_at__lte=now - STALE_AFTER)
    return old.update(verification=VerificationState.STALE)


def _leave_in_peace(now: datetime) -> int:
    """Outsiders who were asked again and did not answer. Colleagues' addresses stay in use: somebody's duty hangs on them."""
    lately = _at_the_address().filter(asked_at__gt=now - ANSWER_WITHIN)
    rows = ContactPoint.objects.filter(
        ~Exists(lately), kind=ContactKind.EMAIL, verification=VerificationState.STALE, suppressed_at__isnull=True
    ).exclude(stakeholder__kind__in=INSIDE)
    done = 0
    for point in rows.order_by("pk")[:AT_ONCE]:
        with unit_of_work(actor=ACTOR.ref, now=now):
            suppress_contact_point(actor=ACTOR, now=now, contact_point=point, reason=NOT_AGAIN, kind=SuppressionKind.UNCONFIRMED)
            done += 1
    return done
