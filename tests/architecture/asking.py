"""Everybody who may ask the API something, and things to ask about in each state they can be in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.actors import system
from accounts.models import Absence, Delegation, User
from accounts.rules.duties import Duty
from accounts.rules.scopes import Scope
from accounts.services.tokens import create_token
from approvals.models import Dispute, Override, ReleaseHold
from approvals.services import claim_slot, comment_on_passage
from audit.queries import entries
from incidents.services import start_dry_run
from policies.queries import active_policy
from policies.services import propose_version, start_draft
from screening.queries import active_rule_set
from stakeholders.models import Audience, Stakeholder
from templates.models import UpdateTemplate
from tests.approvals.acts import approved, ask, draft
from tests.approvals.disputing import dispute_on, hold_on, overridden_on
from tests.support.cast import NOW, PEOPLE, Cast
from tests.support.escalation import escalation_things
from tests.support.factories import CUSTOMER_WORDS, make_component
from tests.support.holding import write_statement
from tests.support.releases import released, subscribers
from tests.support.roster import away, handed_over, on_rota


@dataclass(frozen=True)
class Asker:
    """Somebody, by what their requests carry."""

    name: str
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)


def askers(cast: Cast) -> list[Asker]:
    """Each person of the cast in a session with step-up, somebody not signed in, and a token of each scope."""
    found = [Asker("someone not signed in")]
    for name in sorted(PEOPLE.keys() - {"techlead2", "comms2"}):
        cookies = {cookie.key: cookie.value for cookie in cast.client(name).cookies.values()}
        found.append(Asker(name, {"X-CSRFToken": cookies["csrftoken"], "Referer": "http://localhost/"}, cookies))
    for scope in Scope:
        _, text = create_token(
            actor=system("test"), now=NOW, user=cast.commander, name=scope.value, scopes=(scope,), lifetime=timedelta(days=80)
        )
        found.append(Asker(f"a token for {scope.value}", {"Authorization": f"Bearer {text}"}))
    return found


@dataclass(frozen=True)
class Things:
    """Ids by the part of an address before them, and words by the name of a body's field: what makes a request reach something."""

    ids: Mapping[str, tuple[Any, ...]]
    words: Mapping[str, tuple[Any, ...]]

    def ids_for(self, path: str, name: str) -> tuple[Any, ...]:
        """What `{name}` in the path may stand for."""
        before = path[: path.index("{" + name + "}")].rstrip("/").rsplit("/", 1)[-1]
        return self.ids[before]


def things(cast: Cast) -> Things:
    """One of everything, updates and policies in each of their states."""
    subscribers("reader@example.com")
    release = released(cast)
    incident = release.revision.update_of.incident
    begun, in_review, done = draft(cast), draft(cast), approved(cast)
    ask(cast, in_review)
    claim_slot(actor=cast.actor("techlead"), now=NOW, update_id=in_review.pk, kind="technical")
    said = {"audience": "customers", "language": "en", "field": "body", "quote": CUSTOMER_WORDS["body"], "text": "Since when?"}
    comment_on_passage(actor=cast.actor("comms"), now=NOW, update_id=in_review.pk, revision=1, **said)  # type: ignore[arg-type]  # all strings
    statement = write_statement(cast).statement
    run = start_dry_run(actor=cast.actor("admin"), now=NOW, version=active_policy())
    admin = cast.actor("admin")
    policy = start_draft(actor=admin, now=NOW, based_on=active_policy())
    proposed = propose_version(actor=admin, now=NOW, version=start_draft(actor=admin, now=NOW, based_on=active_policy()))
    dispute_on(cast, incident)
    overridden_on(cast, incident)
    hold_on(cast, draft(cast))
    away(cast.techlead)
    handed_over(Duty.TECHNICAL, cast.techlead, cast.techlead2)
    on_rota(Duty.LEGAL, cast.legal)
    component = make_component()
    tree, call, drill = escalation_things(cast)
    updates = tuple(update.public_id for update in (begun, in_review, done, release.revision.update_of))
    incidents = (incident.public_id, begun.incident.public_id)
    reader = Stakeholder.objects.earliest("pk")
    template = UpdateTemplate.objects.earliest("pk")
    people = tuple(User.objects.values_list("username", flat=True).order_by("username"))
    return Things(
        ids={
            "components": (component.public_id,),
            "stakeholders": (reader.public_id,),
            "addresses": tuple(point.pk for point in reader.contact_points.all()),
            "audiences": (Audience.objects.earliest("pk").public_id,),
            "policies": (active_policy().number, policy.number, proposed.number),
            "holding-statements": (statement.public_id,),
            "dry-runs": (run.pk,),
            "rule-sets": (active_rule_set().number,),
            "templates": (template.public_id,),
            "incidents": incidents,
            "updates": updates,
            "releases": (release.public_id,),
            "disputes": (Dispute.objects.latest("pk").public_id,),
            "overrides": (Override.objects.latest("pk").public_id,),
            "holds": (ReleaseHold.objects.latest("pk").public_id,),
            "entries": (entries().earliest("index").index,),
            "tokens": ("no-such-token",),
            "claims": ("technical", "communications"),
            "escalation-trees": (tree.key,),
            "escalation-runs": (call.public_id,),
            "drills": (drill.public_id,),
            "absences": (Absence.objects.latest("pk").pk,),
            "delegations": (Delegation.objects.latest("pk").pk,),
        },
        words={
            "incident": incidents,
            "update": updates,
            "corrects": (release.revision.update_of.public_id,),
            "audience": ("customers", "internal"),
            "audiences": (["customers"],),
            "components": ([component.key],),
            "language": ("en",),
            "quote": (CUSTOMER_WORDS["body"], CUSTOMER_WORDS["body"][:9]),
            "start": (0,),
            "revision": (1,),
            "version": (1,),
            "kind": ("technical", "communications", "correction"),
            "user": people,
            "giver": people,
            "taker": people,
            "duty": ("technical", "legal"),
            "template": (template.key,),
            "statements": ([statement.public_id],),
            "starts_at": (at(1),),
            "ends_at": (at(5),),
            "expires_at": (at(24 * 30),),
            "rules": (active_policy().rules,),
        },
    )


def at(hours: int, now: datetime = NOW) -> str:
    """So many hours on."""
    return (now + timedelta(hours=hours)).isoformat()
