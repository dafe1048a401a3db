"""The usual acts on the way from draft to release, by the usual people."""

from datetime import datetime, timedelta
from typing import Any

from approvals.models import Release, ReleaseSchedule, Review, ReviewRound
from approvals.services import give_verdict, release_update, request_review
from incidents.models import Update
from incidents.rules.content import ScheduleMode, Wording
from incidents.rules.content_edit import ContentEdit, Schedule, Variant
from incidents.services import revise_update
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident, make_update

REVIEWERS = {"technical": "techlead", "communications": "comms"}
SOON = NOW + timedelta(hours=1)


def draft(cast: Cast, by: str = "commander", mode: ScheduleMode = ScheduleMode.BY_HAND, **incident: Any) -> Update:
    """Ready for review, on an incident that the commander opened."""
    at = SOON if mode is ScheduleMode.AT_TIME else None
    opened = make_incident(actor=cast.actor("commander"), **incident)
    return make_update(incident=opened, actor=cast.actor(by), edit=ContentEdit(schedule=Schedule(mode, at)))


def number(update: Update) -> int:
    """Of the newest revision, read afresh."""
    current = Update.objects.get(pk=update.pk).current
    assert current is not None
    return current.number


def state(update: Update) -> str:
    """Read afresh."""
    return Update.objects.get(pk=update.pk).state


def ask(cast: Cast, update: Update, by: str = "commander", now: datetime = NOW) -> ReviewRound:
    return request_review(actor=cast.actor(by, stepped_up=True, now=now), now=now, update_id=update.pk, revision=number(update))


def say(cast: Cast, update: Update, kind: str, verdict: str = "approve", by: str = "", comment: str = "", now: datetime = NOW) -> Review:
    return give_verdict(
        actor=cast.actor(by or REVIEWERS[kind], stepped_up=True, now=now),
        now=now,
        update_id=update.pk,
        kind=kind,
        verdict=verdict,
        revision=number(update),
        comment=comment,
    )


def approve(cast: Cast, update: Update, now: datetime = NOW) -> None:
    for kind in REVIEWERS:
        say(cast, update, kind, now=now)


def approved(cast: Cast, **draft_: Any) -> Update:
    update = draft(cast, **draft_)
    ask(cast, update)
    approve(cast, update)
    assert state(update) == "approved"
    return update


def release(cast: Cast, update: Update, by: str = "commander", now: datetime = NOW) -> Release:
    done = release_update(actor=cast.actor(by, stepped_up=True, now=now), now=now, update_id=update.pk, revision=number(update))
    assert isinstance(done, Release)
    return done


def schedule(cast: Cast, update: Update, at: datetime = SOON, by: str = "commander", now: datetime = NOW) -> ReleaseSchedule:
    done = release_update(actor=cast.actor(by, stepped_up=True, now=now), now=now, update_id=update.pk, revision=number(update), at=at)
    assert isinstance(done, ReleaseSchedule)
    return done


def edit(cast: Cast, update: Update, by: str = "commander", body: str = "New words.", now: datetime = NOW) -> None:
    """Another body for the customers; everything else stays."""
    current = Update.objects.get(pk=update.pk).current
    assert current is not None
    content = current.parsed()
    variants = tuple(
        Variant(audience, words.title, body if audience == "customers" else words.body, language)
        for audience, by_language in content.wording.items()
        for language, words in by_language.items()
    )
    revise_update(
        actor=cast.actor(by),
        now=now,
        update_id=update.pk,
        base_revision=current.number,
        content=ContentEdit(variants=variants).apply(content),
    )


def words_of(update: Update, audience: str = "customers") -> Wording:
    current = Update.objects.get(pk=update.pk).current
    assert current is not None
    return current.parsed().wording[audience]["en"]
