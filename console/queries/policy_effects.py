"""What another version of the policy would change for the incidents that are open now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.actors import Actor
from console.queries.policy_words import consequences_by_names
from incidents.models import Incident
from incidents.rules.words import Status
from incidents.services.deciding import facts_of
from policies.models import PolicyVersion
from policies.queries import active_policy, document_of
from policies.rules.compare import sentence_parts
from policies.rules.decide import decide
from policies.rules.decision import Decision
from policies.rules.explain import consequences_in_words
from stakeholders.queries import audience_names

MOST_LISTED = 100


@dataclass(frozen=True)
class Effect:
    """One open incident that would be decided otherwise: the rules before and after, and what they say as (op, sentence)."""

    incident: Incident
    before: Decision
    after: Decision
    parts: tuple[tuple[str, str], ...]


def open_incidents(actor: Actor) -> Iterable[Incident]:
    """Those the actor may see; hidden ones are decided again too, and never counted for who may not know of them."""
    visible = Incident.objects.visible_to(actor).exclude(status=Status.RESOLVED)
    return visible.prefetch_related("components").order_by("-opened_at")


def effects_of(actor: Actor, version: PolicyVersion, at: datetime) -> tuple[int, list[Effect]]:
    """How many open incidents there are, and those whose decision the version would change."""
    in_force = active_policy()
    present, proposed, total, effects = document_of(in_force), document_of(version), 0, []
    names = audience_names()
    for incident in open_incidents(actor):
        total += 1
        facts = facts_of(incident, at)
        before, after = decide(present, facts, in_force.number), decide(proposed, facts, version.number)
        parts = sentence_parts(*(consequences_in_words(consequences_by_names(made, names)) for made in (before, after)))
        if any(op != "same" for op, _ in parts):
            effects.append(Effect(incident, before, after, tuple(part for part in parts if part[0] != "same")))
    return total, effects
