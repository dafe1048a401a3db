"""One incident that is over, one that is not. Told through the same services that the pages use."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from accounts.actors import person
from accounts.models import User
from approvals.models import Release
from approvals.services import give_verdict, release_update, request_review
from catalogue.models import Component
from incidents.models import Incident, Update, UpdateRevision
from incidents.rules.content import ComponentState, Content, Wording
from incidents.services import open_incident, revise_update, start_update

LANGUAGE = "en"
Words = tuple[str, str]


def newest(update: Update) -> UpdateRevision:
    """The update's newest revision."""
    return update.revisions.order_by("-number")[0]


def content_with(update: Update, *, customers: Words, internal: Words, components: Mapping[str, str], minutes: int | None) -> Content:
    """The update's current content with both variants written and the state of each component (by key)."""
    ids = dict(Component.objects.filter(key__in=components).values_list("key", "public_id"))
    return replace(
        newest(update).parsed(),
        wording={"customers": {LANGUAGE: Wording(*customers)}, "internal": {LANGUAGE: Wording(*internal)}},
        audiences=("customers", "internal"),
        components=tuple(ComponentState(ids[key], status) for key, status in components.items()),
        next_update_minutes=minutes,
    )


class Teller:
    """Writes, reviews and releases updates as the people of the demo, at given moments."""

    def __init__(self, users: dict[str, User]) -> None:
        self.users = users

    def write(self, update: Update, now: datetime, content: Content) -> int:
        """The commander's words; returns the revision's number."""
        revision = revise_update(
            actor=person(self.users["commander"]), now=now, update_id=update.pk, base_revision=newest(update).number, content=content
        )
        return revision.number

    def ask(self, update: Update, now: datetime, revision: int) -> None:
        """The commander asks for review."""
        request_review(actor=person(self.users["commander"]), now=now, update_id=update.pk, revision=revision)

    def approve(self, update: Update, now: datetime, revision: int, *, name: str, kind: str) -> None:
        """One reviewer's approval."""
        reviewer = person(self.users[name], stepped_up_at=now)
        give_verdict(actor=reviewer, now=now, update_id=update.pk, kind=kind, verdict="approve", revision=revision)

    def release(self, update: Update, now: datetime, revision: int) -> Release:
        """The commander lets it out by hand."""
        commander = person(self.users["commander"], stepped_up_at=now)
        made = release_update(actor=commander, now=now, update_id=update.pk, revision=revision)
        if not isinstance(made, Release):
            raise TypeError("A release without a time is a release at once.")
        return made

    def publish(self, update: Update, at: datetime, content: Content) -> Release:
        """Everything between words and release, in three minutes that end at `at`."""
        revision = self.write(update, at - timedelta(minutes=3), content)
        self.ask(update, at - timedelta(minutes=3), revision)
        self.approve(update, at - timedelta(minutes=2), revision, name="techlead", kind="technical")
        self.approve(update, at - timedelta(minutes=1), revision, name="comms", kind="communications")
        return self.release(update, at, revision)


def first_draft(incident: Incident, teller: Teller, now: datetime, status: str) -> Update:
    """The draft that opened with the incident, or a new one from the template."""
    draft = incident.updates.filter(state="draft").first()
    return draft or start_update(actor=person(teller.users["commander"]), now=now, incident=incident, status=status)


def tell_resolved(teller: Teller, end: datetime) -> list[Release]:
    """Four updates in two hours, the last one at `end`."""
    start = end - timedelta(hours=2)
    incident = open_incident(
        actor=person(teller.users["commander"]), now=start, title="Sign-in latency in EU, session store saturated", severity="SEV2",
        impact="major", stage="confirmed", category="application", components=["login"],
    )  # fmt: skip
    told: tuple[tuple[int, str, Words, Words, str, int | None], ...] = (
        (
            8,
            "investigating",
            ("Signing in is slow", "Since this morning some people need up to a minute to sign in. We are looking for the cause."),
            ("Sign-in slow, EU", "Session store is saturated. Two people on it; no data at risk."),
            "degraded_performance",
            30,
        ),
        (
            36,
            "identified",
            ("Signing in is slow", "We found what slows signing in and are adding capacity. People who are signed in notice nothing."),
            ("Sign-in slow, EU", "Adding two shards to the session store; forty minutes expected."),
            "degraded_performance",
            60,
        ),
        (
            80,
            "monitoring",
            ("Signing in is slow", "Signing in takes its usual time again. We are watching whether it stays that way."),
            ("Sign-in slow, EU", "Shards are in, latency is back at 300 ms. Watching one busy hour."),
            "operational",
            60,
        ),
        (
            120,
            "resolved",
            ("Signing in is slow", "Signing in has worked as it should for the past hour. We are sorry for the wait this morning."),
            ("Sign-in slow, EU", "Closed. The review is on Thursday."),
            "operational",
            None,
        ),
    )
    releases = []
    for minute, status, customers, internal, component, promised in told:
        at = start + timedelta(minutes=minute)
        update = first_draft(incident, teller, at - timedelta(minutes=5), status)
        content = content_with(update, customers=customers, internal=internal, components={"login": component}, minutes=promised)
        releases.append(teller.publish(update, at, replace(content, status=status)))
    return releases


def tell_live(teller: Teller, incident: Incident, now: datetime) -> Release:
    """The first update is out; the second waits for the communications reviewer while the clock runs."""
    update = first_draft(incident, teller, now - timedelta(minutes=11), "investigating")
    told = content_with(
        update,
        customers=(
            "Some checkouts are failing",
            "Some payments by card do not go through. Paying by bank transfer works. We are looking for the cause.",
        ),
        internal=("Checkout errors above 5 %", "Card checkouts fail for about one in twenty. Payments on-call is looking at the gateway."),
        components={"checkout": "partial_outage", "cards": "partial_outage"},
        minutes=30,
    )
    released = teller.publish(update, now - timedelta(minutes=9), told)
    following = start_update(
        actor=person(teller.users["commander"]), now=now - timedelta(minutes=3), incident=incident, status="identified"
    )
    content = content_with(
        following,
        customers=(
            "Some checkouts are failing",
            "We have found the faulty part and are replacing it. Some card payments still fail; paying by bank transfer works.",
        ),
        internal=("Checkout errors above 5 %", "A bad release of the payment gateway. Rolling back now; twenty minutes expected."),
        components={"checkout": "partial_outage", "cards": "partial_outage"},
        minutes=30,
    )
    revision = teller.write(following, now - timedelta(minutes=2), content)
    teller.ask(following, now - timedelta(minutes=2), revision)
    teller.approve(following, now - timedelta(minutes=1), revision, name="techlead", kind="technical")
    return released
