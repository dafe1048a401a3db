"""Letters about what departs from the ordinary way: disputes, overrides and their ratification, release holds."""

from collections.abc import Iterable
from datetime import datetime

from accounts.actors import system
from accounts.models import User
from accounts.queries.availability import manager_on_duty, standings
from accounts.queries.holders import holders
from accounts.rules.duties import Duty
from accounts.rules.roles import Permission
from approvals.models import Dispute, Override, ReleaseHold
from approvals.rules.review import named
from incidents.models import Incident, Update
from notifications.rules.escaping import plain
from notifications.rules.times import readers
from notifications.services.plan_notice import plan_notice

ACTOR = system("notifications")
LATE = " This letter is late: nothing watched the clock when it was due."


def dispute_opened(*, now: datetime, dispute_id: int) -> None:
    """Asks the arbiters on duty to rule; where none can act, every arbiter and the manager on duty."""
    dispute = _dispute(dispute_id)
    said = (
        f"{plain(dispute.by.get_full_name())} disputes a passage of an update to **{plain(dispute.update_of.incident.title)}**: "
        f"“{plain(dispute.quote)}”. Please rule by {readers(dispute.due_at)}; until then the update cannot be approved."
    )
    _about_dispute(dispute, _arbiters(dispute, now), now=now, key="opened", title="Ruling wanted", said=said)


def dispute_overdue(*, now: datetime, dispute_id: int, late: bool) -> None:
    """Tells the manager on duty, and the arbiters again, that the deadline has passed."""
    dispute = _dispute(dispute_id)
    said = f"The ruling on “{plain(dispute.quote)}” was due {readers(dispute.due_at)} and there is none.{LATE if late else ''}"
    title = "Late: no ruling yet" if late else "No ruling yet"
    _about_dispute(dispute, [*_manager(now), *_arbiters(dispute, now)], now=now, key="overdue", title=title, said=said)


def dispute_closed(*, now: datetime, dispute_id: int) -> None:
    """Tells who disputed, and who asked for the review, how it ended and why."""
    dispute = _dispute(dispute_id)
    ruling = getattr(dispute, "ruling", None)
    why = f" {plain(ruling.by.get_full_name())}: {plain(ruling.reason)}" if ruling is not None else ""
    said = f"The dispute about “{plain(dispute.quote)}” has ended: {dispute.state}.{why}"
    people = [dispute.by, dispute.review_round.requested_by]
    _about_dispute(dispute, people, now=now, key="closed", title="Dispute ended", said=said)


def override_used(*, now: datetime, override_id: int) -> None:
    """Tells everyone whom the override names as responsible."""
    override = _override(override_id)
    kinds = ", ".join(named(str(filled["kind"])) for filled in override.fills)
    said = (
        f"{plain(override.by.get_full_name())} released an update to **{plain(override.update_of.incident.title)}** without the "
        f"{kinds} review. The reason given: {plain(override.reason)}\n\n"
        f"It has to be ratified, or refused, by {readers(override.ratify_by)}."
    )
    people = User.objects.filter(pk__in=[told["user"] for told in override.told])
    _about_override(override, people, now=now, key="used", title="Released by override", said=said)


def ratification_due(*, now: datetime, override_id: int, step: str, late: bool) -> None:
    """Reminds whoever may ratify; from the deadline on the manager on duty too."""
    override = _override(override_id)
    after = now >= override.ratify_by
    said = (
        f"The override by {plain(override.by.get_full_name())} {'was' if after else 'is'} to be ratified or refused by "
        f"{readers(override.ratify_by)} and nobody has decided.{LATE if late else ''}"
    )
    wrote = override.update_of.contributors.values("user")
    may = [user for user in holders(Permission.RELEASE_RATIFY).exclude(pk__in=wrote) if user != override.by]
    title = f"{'Late: ' if late else ''}Ratification {'overdue' if after else 'wanted'}"
    _about_override(override, [*may, *(_manager(now) if after else [])], now=now, key=step, title=title, said=said)


def ratification_decided(*, now: datetime, override_id: int, ratified: bool) -> None:
    """Tells everyone who was told of the override, and who used it."""
    override = _override(override_id)
    by = override.decided_by.get_full_name() if override.decided_by else "Somebody"
    why = f": {plain(override.decided_reason)}" if override.decided_reason else "."
    said = f"{plain(by)} {'ratified' if ratified else 'refused to ratify'} the override by {plain(override.by.get_full_name())}{why}"
    if not ratified:
        said += "\n\nThe draft of a correction stands ready."
    people = [override.by, *User.objects.filter(pk__in=[told["user"] for told in override.told])]
    _about_override(override, people, now=now, key="decided", title="Override ratified" if ratified else "Override refused", said=said)


def hold_changed(*, now: datetime, hold_id: int, lifted: bool) -> None:
    """Tells the incident's commander, and whoever has an update on its way, that nothing goes out, or that it may again."""
    hold = ReleaseHold.objects.select_related("incident", "update_of__incident", "placed_by", "lifted_by").get(pk=hold_id)
    incident: Incident | None = hold.incident or (hold.update_of.incident if hold.update_of else None)
    if incident is None:
        return
    by, why = (hold.lifted_by, hold.lift_reason) if lifted else (hold.placed_by, hold.reason)
    what = "of one update" if hold.update_of_id else "of all updates"
    under_way = Update.objects.filter(incident=incident, state__in=["in_review", "approved"])
    asked = User.objects.filter(pk__in=under_way.values("rounds__requested_by"))
    plan_notice(
        actor=ACTOR,
        now=now,
        source_key=f"hold:{hold.pk}:{'lifted' if lifted else 'placed'}",
        incident=incident,
        people=_once([*([incident.commander] if incident.commander else []), *asked]),
        title=f"{'Hold lifted' if lifted else 'On hold'}: {incident.title}",
        body=(
            f"{plain(by.get_full_name() if by else '')} {'lifted the hold' if lifted else 'placed a hold'} on the release {what} on "
            f"**{plain(incident.title)}**: {plain(why)}"
        ),
        path=f"/console/incidents/{incident.public_id}/",
    )


def _dispute(pk: int) -> Dispute:
    return Dispute.objects.select_related("update_of__incident", "by", "review_round__requested_by", "ruling__by").get(pk=pk)


def _override(pk: int) -> Override:
    return Override.objects.select_related("update_of__incident", "by", "decided_by").get(pk=pk)


def _arbiters(dispute: Dispute, now: datetime) -> list[User]:
    wrote = frozenset(str(person) for person in dispute.update_of.contributors.values_list("user__person", flat=True))
    able = [found for found in standings(duty=Duty.ARBITER, at=now, excluding=wrote, training_required=False) if found.can_act]
    first = min((found.tier for found in able), default=0)
    called = [found.user for found in able if found.tier == first]
    return called or [*holders(Permission.DISPUTE_RULE), *_manager(now)]


def _manager(now: datetime) -> list[User]:
    manager = manager_on_duty(now)
    return [manager] if manager is not None else list(holders(Permission.ESCALATION_TAKE))


def _once(people: Iterable[User]) -> list[User]:
    return list({user.pk: user for user in people}.values())


def _about_dispute(dispute: Dispute, people: Iterable[User], *, now: datetime, key: str, title: str, said: str) -> None:
    incident = dispute.update_of.incident
    plan_notice(
        actor=ACTOR,
        now=now,
        source_key=f"dispute:{dispute.pk}:{key}",
        incident=incident,
        people=_once(people),
        title=f"{title}: {incident.title}",
        body=said,
        path=f"/console/disputes/{dispute.public_id}/",
    )


def _about_override(override: Override, people: Iterable[User], *, now: datetime, key: str, title: str, said: str) -> None:
    incident = override.update_of.incident
    plan_notice(
        actor=ACTOR,
        now=now,
        source_key=f"override:{override.pk}:{key}",
        incident=incident,
        people=_once(people),
        title=f"{title}: {incident.title}",
        body=said,
        path=f"/console/overrides/{override.public_id}/",
    )
