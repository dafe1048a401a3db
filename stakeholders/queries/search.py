"""The list of the register, and search as one types: quick however many entries there are, because nothing is counted or sorted anew."""

from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Upper

from accounts.actors import Actor
from accounts.rules.roles import Permission
from stakeholders.models import ContactPoint, Stakeholder
from stakeholders.rules.kinds import VerificationState

# Below so many characters a part of a word is in almost every row, and no trigram stands for it: the beginning of the name is meant.
PART_FROM = 3


@dataclass(frozen=True)
class Place:
    """Where a page of the list begins: after this entry, by name."""

    name: str
    pk: int


def register_page(actor: Actor, *, after: Place | None = None, kind: str = "", tier: str = "", size: int = 50) -> list[Stakeholder]:
    """Entries in the order of their names, one more than `size` where there are more. Raises `Forbidden`."""
    rows = _shown(actor)
    if kind:
        rows = rows.filter(kind=kind)
    if tier:
        rows = rows.filter(tier=tier)
    if after is not None:
        # As one row comparison, which walks the index from that place on.
        rows = rows.extra(where=["(stakeholders_stakeholder.name, stakeholders_stakeholder.id) > (%s, %s)"], params=[after.name, after.pk])
    return list(rows.order_by("name", "id")[: size + 1])


def search_register(actor: Actor, words: str, *, size: int = 50) -> list[Stakeholder]:
    """Entries whose name, external id or address holds the words, names first; one more than `size` where there are more.

    Each way is asked for no more than that, so that a word which everybody has costs what a rare one does. Raises `Forbidden`.
    """
    actor.require(Permission.STAKEHOLDER_READ)
    text = words.strip().upper()
    if not text:
        return []
    names = Stakeholder.objects.annotate(up=Upper("name"))
    if len(text) < PART_FROM:
        by_name = names.filter(up__startswith=text)
    else:
        by_name = names.filter(up__contains=text)
    found = list(by_name.order_by("name", "id").values_list("pk", flat=True)[: size + 1])
    if len(found) <= size:
        found += Stakeholder.objects.filter(external_id=words.strip()).values_list("pk", flat=True)
    if len(found) <= size and len(text) >= PART_FROM:
        points = ContactPoint.objects.annotate(up=Upper("address")).filter(up__contains=text, removed_at__isnull=True).order_by()
        found += points.values_list("stakeholder_id", flat=True)[: (size + 1) * 2]
    wanted = list(dict.fromkeys(found))[: size + 1]
    rows = {row.pk: row for row in _shown(actor).filter(pk__in=wanted)}
    return [rows[pk] for pk in wanted if pk in rows]


def bad_contact_points(actor: Actor) -> "QuerySet[ContactPoint]":
    """What somebody should look at: suppressed by a bounce, a complaint or no answer, bouncing for now, waiting or stale; the newest first.

    What an operator or the reader stopped is as it should be. Raises `Forbidden`.
    """
    actor.require(Permission.STAKEHOLDER_READ)
    return (
        ContactPoint.objects.filter(
            Q(suppression_kind__in=["bounce", "complaint", "unconfirmed"])
            | Q(bad_since__isnull=False)
            | Q(verification__in=[VerificationState.PENDING.value, VerificationState.STALE.value], suppressed_at__isnull=True),
            removed_at__isnull=True,
        )
        .select_related("stakeholder")
        .order_by("-id")
    )


def _shown(actor: Actor) -> "QuerySet[Stakeholder]":
    actor.require(Permission.STAKEHOLDER_READ)
    standing = ContactPoint.objects.filter(removed_at__isnull=True)
    return Stakeholder.objects.select_related("organisation").prefetch_related(Prefetch("contact_points", standing))
