"""Asking whether an address is its reader's, and taking the answer."""

import secrets
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.actors import Actor, system
from accounts.rules.roles import Permission
from audit.services import UnitOfWork, unit_of_work
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.events import publish
from stakeholders.events import VerificationRequested
from stakeholders.models import ContactPoint, Verification
from stakeholders.queries.secrets import hash_of, is_code, is_token_of, read_token
from stakeholders.rules.kinds import BY_READER, ConsentSource, SuppressionKind, VerificationState
from stakeholders.rules.verification import AGAIN_AFTER, LASTS, MOST_A_DAY, MOST_ATTEMPTS, Ending, Method, method_for
from stakeholders.services.stopped_addresses import lift_stop, lock_address, points_at

READER = system("confirmation")
# Of whom an answer is wanted, now or in a year; who has the address without that stays as it is.
_ASKED = ~Q(verification=VerificationState.UNNEEDED) | Q(suppression_kind=SuppressionKind.UNCONFIRMED)


def request_verification(*, actor: Actor, now: datetime, contact_point: ContactPoint) -> Verification:
    """Sends the reader a link (e-mail) or a code (SMS). Until it is answered nothing else goes to an address that was never confirmed.

    One question is open at an address, whichever entry asks; a new one takes the place of the last. How often is counted over all of them.

    Whoever writes the register may ask, and everybody for their own address. Raises `InvalidInput` for what nobody can confirm,
    `Conflict` for an address that is not written to, and where it was asked a minute ago or often today.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        _alone_at(contact_point)
        locked = _locked(contact_point)
        _require_own_or_writer(actor, locked)
        method = method_for(locked.kind)
        if method is None:
            message = "Only e-mail addresses and telephone numbers are confirmed by their readers."
            raise InvalidInput(message, fields={"contact_point": [message]})
        if locked.suppressed_at is not None and locked.suppression_kind != SuppressionKind.UNCONFIRMED:
            raise Conflict("Nothing is sent to this address: use it again first, or add another.")
        _require_patience(locked, now)
        _end_open(locked, now, Ending.REPLACED)
        nonce = secrets.token_hex(16)
        asked = Verification.objects.create(
            contact_point=locked,
            method=method.value,
            nonce=nonce,
            secret_hash=hash_of(method, nonce),
            asked_at=now,
            expires_at=now + LASTS[method],
        )
        locked.verification = VerificationState.PENDING if locked.verified_at is None else VerificationState.STALE
        _lift_unconfirmed(locked)
        locked.save()
        _record(work, locked, "contact_point.verification_requested", {"method": method.value, "state": str(locked.verification)})
        publish(VerificationRequested(verification_id=asked.pk, contact_point_id=locked.pk, at=now))
        return asked


def link_target(token: str) -> Verification:
    """The question that a link answers, open or ended. Raises `NotFound` for a link that is not ours."""
    named = read_token(token)
    found = Verification.objects.select_related("contact_point__stakeholder").filter(pk=named[0]).first() if named else None
    if named is None or found is None or found.method != Method.LINK or not is_token_of(found, named[1]):
        raise NotFound
    return found


def confirm_by_link(*, now: datetime, token: str) -> ContactPoint:
    """The reader says that the address is theirs and that they agree to be written to. Holding the link is the permission.

    That takes back what they had stopped, and confirms the address for every entry that waits for it. The same link again changes
    nothing. Raises `NotFound` for a link that is not ours, `Conflict` for one whose time is over.
    """
    with unit_of_work(actor=READER.ref, now=now) as work:
        asked = link_target(token)
        lock_address(asked.contact_point.kind, asked.contact_point.address)
        locked = _locked(asked.contact_point)
        asked.refresh_from_db()
        if asked.ended_as == Ending.CONFIRMED:
            return locked
        if asked.ended_at is not None or asked.expires_at <= now or locked.removed_at is not None:
            raise Conflict("This link is no longer good: it was replaced by a later one, or its seven days are over.", code="link_over")
        if lift_stop(work, locked.kind, locked.address, "its reader confirmed it by the link", because=set(BY_READER)):
            locked = _locked(locked)
        _confirm(work, locked, asked, ConsentSource.FORM)
        # The reader has spoken for the address: whoever else was to ask has the answer.
        others = points_at(locked.kind, locked.address).filter(_ASKED, removed_at__isnull=True).exclude(pk=locked.pk)
        for other in others.select_for_update(of=("self",), no_key=True).select_related("stakeholder").order_by("pk"):
            _note(work, other, asked, ConsentSource.FORM)
        return locked


def confirm_by_code(*, actor: Actor, now: datetime, contact_point: ContactPoint, code: str) -> ContactPoint:
    """The person reads the code from their telephone. Raises `InvalidInput` naming `code` for a wrong one, `Conflict` where none is open.

    Five wrong ones end the question.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        locked = _locked(contact_point)
        _require_own_or_writer(actor, locked)
        asked = locked.verifications.filter(method=Method.CODE, ended_at__isnull=True).first()
        if asked is None or asked.expires_at <= now:
            raise Conflict("The code is over: they are good for ten minutes. Send a new one.", code="code_over")
        if is_code(asked, code):
            _confirm(work, locked, asked, ConsentSource.STAFF)
            return locked
        # Counted before it is refused: the transaction has to last, so the refusal comes after it.
        asked.attempts += 1
        left = MOST_ATTEMPTS - asked.attempts
        if left == 0:
            asked.ended_at, asked.ended_as = now, Ending.LOCKED
            _record(work, locked, "contact_point.verification_locked", {"attempts": asked.attempts})
        asked.save(update_fields=["attempts", "ended_at", "ended_as"])
    message = (
        f"That is not the code; {left} more tr{'y' if left == 1 else 'ies'}." if left else "That was the fifth wrong code. Send a new one."
    )
    raise InvalidInput(message, fields={"code": [message]})


def _locked(contact_point: ContactPoint) -> ContactPoint:
    found = (
        ContactPoint.objects.select_for_update(of=("self",), no_key=True).select_related("stakeholder").filter(pk=contact_point.pk).first()
    )
    if found is None:
        raise NotFound
    return found


def _require_own_or_writer(actor: Actor, contact_point: ContactPoint) -> None:
    if actor.user is not None and contact_point.stakeholder.user_id == actor.user.pk:
        return
    if not actor.may(Permission.STAKEHOLDER_READ) and not actor.may(Permission.STAKEHOLDER_WRITE):
        raise NotFound
    if not actor.may(Permission.STAKEHOLDER_WRITE):
        raise Forbidden("Whoever writes the register asks for a confirmation, and everybody for their own address.")


def _alone_at(contact_point: ContactPoint) -> None:
    """Two who ask at one address at once come one after the other, also by two entries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('stakeholders_one_question_at_address'), hashtext(%s || ':' || lower(%s)))",
            [contact_point.kind, contact_point.address],
        )


def _asked_at(contact_point: ContactPoint) -> "QuerySet[Verification]":
    """The questions to that address by whatever entry."""
    points = points_at(contact_point.kind, contact_point.address)
    return Verification.objects.filter(contact_point__in=points.values("pk")).order_by()


def _require_patience(contact_point: ContactPoint, now: datetime) -> None:
    asked = list(_asked_at(contact_point).filter(asked_at__gt=now - timedelta(days=1)).values_list("asked_at", flat=True))
    if any(at > now - AGAIN_AFTER for at in asked):
        raise Conflict("It was asked less than a minute ago: wait a moment before asking again.", code="asked_just_now")
    if len(asked) >= MOST_A_DAY:
        raise Conflict(f"It was asked {MOST_A_DAY} times within a day: ask again tomorrow.", code="asked_often")


def _end_open(contact_point: ContactPoint, now: datetime, ending: Ending) -> None:
    _asked_at(contact_point).filter(ended_at__isnull=True).update(ended_at=now, ended_as=ending)


def _lift_unconfirmed(contact_point: ContactPoint) -> None:
    if contact_point.suppression_kind == SuppressionKind.UNCONFIRMED and contact_point.removed_at is None:
        contact_point.suppressed_at, contact_point.suppression_kind, contact_point.suppression_reason = None, "", ""


def _confirm(work: UnitOfWork, contact_point: ContactPoint, asked: Verification, source: ConsentSource) -> None:
    asked.ended_at, asked.ended_as = work.now, Ending.CONFIRMED
    asked.save(update_fields=["ended_at", "ended_as"])
    _note(work, contact_point, asked, source)


def _note(work: UnitOfWork, contact_point: ContactPoint, asked: Verification, source: ConsentSource) -> None:
    contact_point.verification, contact_point.verified_at = VerificationState.VERIFIED, work.now
    contact_point.consent_at, contact_point.consent_source = work.now, source
    _lift_unconfirmed(contact_point)
    contact_point.save()
    _record(work, contact_point, "contact_point.verified", {"method": asked.method, "consent": source.value})


def _record(work: UnitOfWork, contact_point: ContactPoint, what: str, body: dict[str, object]) -> None:
    about = {"contact_point": contact_point.pk, "kind": contact_point.kind}
    work.record(what, subject=f"stakeholder:{contact_point.stakeholder.public_id}", body=about | body)
