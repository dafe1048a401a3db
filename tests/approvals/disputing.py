"""The usual acts around disputes, overrides and holds, by the usual people."""

from datetime import datetime, timedelta
from typing import Any

from approvals.models import Dispute, Override, Release, ReleaseHold, ReviewRound, Ruling
from approvals.services import decide_ratification, dispute_passage, hold_update, override_release, rule_dispute, withdraw_dispute
from incidents.models import Incident, Update
from tests.approvals.acts import REVIEWERS, ask, draft, number, say
from tests.support.cast import NOW, Cast
from tests.support.factories import make_update

LATER = NOW + timedelta(hours=1)


def dispute(cast: Cast, update: Update, quote: str = "We are on it.", kind: str = "communications", by: str = "", **other: Any) -> Dispute:
    now = other.pop("now", NOW)
    return dispute_passage(
        actor=cast.actor(by or REVIEWERS[kind], stepped_up=True, now=now),
        now=now,
        update_id=update.pk,
        kind=kind,
        revision=number(update),
        quote=quote,
        **({"audience": "customers", "language": "en", "field": "body", "reason": "Nobody is on it yet."} | other),
    )


def disputed(cast: Cast) -> Dispute:
    """In review, approved by the technical lead, disputed by communications."""
    update = draft(cast)
    ask(cast, update)
    say(cast, update, "technical")
    return dispute(cast, update)


def rule(
    cast: Cast, dispute: Dispute, ruling: str, by: str = "arbiter", words: str = "", reason: str = "Because.", now: datetime = NOW
) -> Ruling:
    return rule_dispute(
        actor=cast.actor(by, stepped_up=True, now=now),
        now=now,
        dispute_id=dispute.pk,
        ruling=ruling,
        revision=number(dispute.update_of),
        reason=reason,
        words=words,
    )


def withdraw(cast: Cast, dispute: Dispute, by: str = "comms", now: datetime = NOW) -> Dispute:
    return withdraw_dispute(actor=cast.actor(by, stepped_up=True, now=now), now=now, dispute_id=dispute.pk)


def half_reviewed(cast: Cast, **draft_: Any) -> Update:
    """In review, approved by the technical lead; communications has not answered."""
    update = draft(cast, **draft_)
    ask(cast, update)
    say(cast, update, "technical")
    return update


def override(cast: Cast, update: Update, by: str = "override", reason: str = "Nobody answers.", now: datetime = LATER) -> Release:
    return override_release(
        actor=cast.actor(by, stepped_up=True, second_factor=True, now=now),
        now=now,
        update_id=update.pk,
        revision=number(update),
        reason=reason,
    )


def overridden(cast: Cast) -> Override:
    update = half_reviewed(cast)
    override(cast, update)
    return Override.objects.get(update_of=update)


def decide(
    cast: Cast, override: Override, by: str = "legal", ratify: bool = True, reason: str = "It was right.", now: datetime = LATER
) -> Override:
    return decide_ratification(
        actor=cast.actor(by, stepped_up=True, now=now), now=now, override_id=override.pk, ratify=ratify, reason=reason
    )


def live(update: Update) -> ReviewRound:
    return ReviewRound.objects.get(update_of=update, state__in=["open", "approved"])


def dispute_on(cast: Cast, incident: Incident) -> Dispute:
    """An open dispute about another update of the incident."""
    update = make_update(incident=incident, actor=cast.actor("commander"))
    ask(cast, update)
    return dispute(cast, update)


def overridden_on(cast: Cast, incident: Incident) -> Override:
    """Another update of the incident, released by override."""
    update = make_update(incident=incident, actor=cast.actor("commander"))
    ask(cast, update)
    override(cast, update)
    return Override.objects.get(update_of=update)


def hold_on(cast: Cast, update: Update) -> ReleaseHold:
    return hold_update(actor=cast.actor("commander", stepped_up=True), now=NOW, update_id=update.pk, reason="Wait for legal.")
