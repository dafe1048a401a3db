"""Putting a version in force: somebody proposes it, and somebody else, who did not change it last, confirms."""

from datetime import datetime

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import Conflict, Forbidden
from core.events import publish
from policies.events import PolicyActivated
from policies.models import PolicyVersion
from policies.queries import authors_of, why_not_activate
from policies.services.drafts import lock_version_in_force, locked_version


def propose_version(*, actor: Actor, now: datetime, version: PolicyVersion) -> PolicyVersion:
    """A draft that its authors want in force; from now on its words stand still. Raises `Conflict` for anything else, `Forbidden`."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.POLICY_WRITE)
        user = actor.require_person()
        draft = locked_version(actor, version)
        if draft.state != "draft":
            raise Conflict(f"Version {draft.number} is {draft.state}: only a draft can be proposed.", code="not_a_draft")
        draft.state, draft.proposed_by, draft.proposed_at = "proposed", user, now
        draft.save(update_fields=["state", "proposed_by", "proposed_at"])
        authors = [author.user.username for author in authors_of(draft)]
        body = {"version": draft.number, "rules": draft.rules, "authors": authors}
        work.record("policy.proposed", subject=f"policy:{draft.number}", body=body)
        return draft


def withdraw_proposal(*, actor: Actor, now: datetime, version: PolicyVersion) -> PolicyVersion:
    """A proposal that becomes a draft again, to be changed. Raises `Conflict` for anything else, `Forbidden`."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.POLICY_WRITE)
        actor.require_person()
        proposed = locked_version(actor, version)
        if proposed.state != "proposed":
            raise Conflict(f"Version {proposed.number} is {proposed.state}: there is no proposal to withdraw.", code="not_proposed")
        proposed.state, proposed.proposed_by, proposed.proposed_at = "draft", None, None
        proposed.save(update_fields=["state", "proposed_by", "proposed_at"])
        work.record("policy.withdrawn", subject=f"policy:{proposed.number}", body={"version": proposed.number})
        return proposed


def activate_version(*, actor: Actor, now: datetime, version: PolicyVersion) -> PolicyVersion:
    """Puts a proposed version in force and retires the one before it; every open incident is decided again in this transaction.

    Raises `Forbidden` for who changed it last (their other accounts included) and without the permission, `StepUpRequired`,
    `Conflict` when the version is not proposed.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.POLICY_ACTIVATE)
        user = actor.require_step_up(now)
        # The version in force first, always: so two activations queue and cannot deadlock.
        before = lock_version_in_force()
        proposed = locked_version(actor, version)
        if proposed.state != "proposed":
            raise Conflict(why_not_activate(proposed, user) or "", code="not_proposed")
        if (reason := why_not_activate(proposed, user)) is not None:
            raise Forbidden(reason, code="own_version")
        if before is not None:
            before.state, before.retired_at = "retired", now
            before.save(update_fields=["state", "retired_at"])
        proposed.state, proposed.activated_by, proposed.activated_at = "active", user, now
        proposed.save(update_fields=["state", "activated_by", "activated_at"])
        work.record(
            "policy.activated",
            subject=f"policy:{proposed.number}",
            body={"version": proposed.number, "instead_of": before.number if before else None},
            policy_version=proposed.number,
        )
        publish(PolicyActivated(version_id=proposed.pk, at=now, actor=actor.ref))
        return proposed
