"""One story on which every page has something to show."""

from dataclasses import dataclass
from datetime import timedelta

from accounts.actors import system
from approvals.models import Release
from approvals.services import give_verdict, release_update, request_review
from core.clock import utc_now
from incidents.models import Incident, Update
from incidents.services import add_timeline
from stakeholders.models import Audience
from stakeholders.services import add_members, register_stakeholder
from tests.support.cast import Cast
from tests.support.factories import make_component, make_incident, make_update


@dataclass(frozen=True)
class Story:
    """A draft with a gap, an update in review, one approved, one released; a late incident and one that is over."""

    incident: Incident
    draft: Update
    in_review: Update
    approved: Update
    release: Release


def update_in_review(cast: Cast, incident: Incident | None = None) -> Update:
    """A draft of the commander's for which review was asked."""
    commander, now = cast.actor("commander"), utc_now()
    incident = incident or make_incident(actor=commander, now=now, components=[make_component(name="Search")])
    update = make_update(incident=incident, actor=commander, now=now)
    request_review(actor=commander, now=now, update_id=update.pk, revision=1)
    return update


def approved_update(cast: Cast, incident: Incident) -> Update:
    """An update that two people approved."""
    update, now = update_in_review(cast, incident), utc_now()
    for name, kind in (("techlead", "technical"), ("comms", "communications")):
        actor = cast.actor(name, stepped_up=True, now=now)
        give_verdict(actor=actor, now=now, update_id=update.pk, kind=kind, verdict="approve", revision=1)
    return update


def tell(cast: Cast) -> Story:
    """The story, told by the services."""
    commander, now = cast.actor("commander", stepped_up=True, now=utc_now()), utc_now()
    customers = Audience.objects.get(key="customers")
    readers = [
        register_stakeholder(
            actor=system("test"), now=now, kind="customer", name=f"Customer {n}", email=f"c{n}@x.example", time_zone="UTC", language="en"
        )
        for n in range(3)
    ]
    add_members(actor=system("test"), now=now, audience=customers, stakeholders=readers)
    checkout, cards = make_component(key="checkout", name="Checkout"), make_component(key="cards", name="Card payments")
    late = make_incident(actor=commander, now=now - timedelta(minutes=19), components=[checkout, cards])
    add_timeline(actor=commander, now=now - timedelta(minutes=9), incident=late, kind="milestone", text="Cause found: deploy 41")
    draft = make_update(incident=late, actor=commander, now=now, status="identified", variants=None)
    watched = make_incident(now=now - timedelta(minutes=50), title="Reports come late", severity="SEV3", impact="minor")
    reviewed = make_incident(actor=commander, now=now - timedelta(minutes=3), title="Login is slow in Europe", severity="SEV2")
    in_review = update_in_review(cast, reviewed)
    opened = now - timedelta(minutes=9)
    released = make_incident(actor=commander, now=opened, title="Search misses items", severity="SEV2", components=[cards])
    first = approved_update(cast, released)
    assert first.current is not None
    release = release_update(actor=commander, now=now, update_id=first.pk, revision=1)
    assert isinstance(release, Release)
    approved = approved_update(cast, watched)
    return Story(late, draft, in_review, approved, release)
