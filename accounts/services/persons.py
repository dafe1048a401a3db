"""Which accounts are one human's. Found to be one, they stay one: parting them again would launder authorship."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db.models import Q

from accounts.actors import Actor
from accounts.models import SsoSubject, User
from accounts.rules.mailboxes import same_mailbox
from accounts.rules.roles import Permission
from audit.services import UnitOfWork, unit_of_work
from core.errors import InvalidInput

LONGEST_REASON = 200


def link_accounts(*, actor: Actor, now: datetime, user: User, other: User, reason: str) -> None:
    """Says that two accounts are one person's, and with them all that were linked to either. It cannot be undone.

    Raises `Forbidden`, or `InvalidInput` naming the field at fault.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.ADMINISTER)
        if user.pk == other.pk:
            raise InvalidInput("These are one account.", fields={"other": ["Choose another account."]})
        if not reason.strip() or len(reason) > LONGEST_REASON:
            cure = f"Say in up to {LONGEST_REASON} characters how you know that these are one person's accounts."
            raise InvalidInput("A reason is needed.", fields={"reason": [cure]})
        join(work, user, other, found_by="administrator", reason=reason.strip())


def note_subject(*, actor: Actor, now: datetime, user: User, issuer: str, subject: str) -> None:
    """Records what an identity provider calls the person; accounts with one subject are one person's from then on.

    The pair is taken exactly as the provider writes it (OpenID Connect Core §2: compared as they are, case included).
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.ADMINISTER)
        if not issuer or not subject or max(len(issuer), len(subject)) > 255:
            raise InvalidInput("Name issuer and subject.", fields={"subject": ["Give both, each of up to 255 characters."]})
        _, new = SsoSubject.objects.get_or_create(user=user, issuer=issuer, subject=subject, defaults={"noted_at": now})
        if new:
            work.record("user.subject_noted", subject=f"user:{user.pk}", body={"issuer": issuer})
        for other in User.objects.filter(sso_subjects__issuer=issuer, sso_subjects__subject=subject).exclude(pk=user.pk):
            join(work, user, other, found_by="sso_subject")


def join_same_mailbox(work: UnitOfWork, user: User) -> None:
    """Joins the account with those whose address, or verified further address, is the same mailbox."""
    mailbox = same_mailbox(user.email)
    if not mailbox:
        return
    domain = mailbox.rpartition("@")[2]
    addresses = list(User.objects.filter(email__iendswith=f"@{domain}").exclude(pk=user.pk).values_list("pk", "email"))
    verified = EmailAddress.objects.filter(verified=True, email__iendswith=f"@{domain}").exclude(user=user.pk)
    addresses += verified.values_list("user_id", "email")
    same = {pk for pk, address in addresses if same_mailbox(address) == mailbox}
    for other in User.objects.filter(pk__in=same).order_by("date_joined", "pk"):
        join(work, user, other, found_by="mailbox")


def join(work: UnitOfWork, user: User, other: User, *, found_by: str, reason: str = "") -> None:
    """Makes all accounts of both persons one person's: the older account's. Nothing happens where they are already."""
    both = {user.person, other.person}
    rows = User.objects.select_for_update(no_key=True).filter(Q(person__in=both) | Q(pk__in=[user.pk, other.pk])).order_by("pk")
    accounts = sorted(rows, key=lambda one: (one.date_joined, str(one.pk)))
    person = accounts[0].person
    if {one.person for one in accounts} == {person}:
        return
    # Whole persons move: the rows found may belong to more than was known before they were locked.
    User.objects.filter(person__in={one.person for one in accounts}).update(person=person)
    user.person = other.person = person
    work.record(
        "user.linked",
        subject=f"user:{user.pk}",
        body={"accounts": sorted(str(one.pk) for one in accounts), "found_by": found_by} | ({"reason": reason} if reason else {}),
    )
