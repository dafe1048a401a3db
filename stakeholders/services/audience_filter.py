"""Who belongs to an audience by what the register says, and who answers for it."""

from datetime import datetime
from typing import Any

from accounts.actors import Actor
from accounts.models import Team
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput
from stakeholders.models import Audience
from stakeholders.rules.filters import Filter, as_json, for_colleagues
from stakeholders.rules.reading_filters import InvalidFilter, read_filter


def read_or_refuse(written: Any) -> Filter:
    """The filter; raises `InvalidInput` with every problem under its place (`filter.0.not`)."""
    try:
        return read_filter(written)
    except InvalidFilter as refusal:
        fields: dict[str, list[str]] = {}
        for problem in refusal.problems:
            fields.setdefault(problem.part, []).append(problem.text)
        raise InvalidInput("The filter is not complete yet.", fields=fields) from refusal


def condition_for(written: Any, *, is_internal: bool) -> Filter | None:
    """The filter as it holds for such an audience: that of an internal one begins with colleagues. Raises as `read_or_refuse`."""
    if written is None:
        return None
    condition = read_or_refuse(written)
    return for_colleagues(condition) if is_internal else condition


def stored_form(written: Any, *, is_internal: bool) -> dict[str, Any] | None:
    """What is stored of a filter as written. Raises as `read_or_refuse`."""
    condition = condition_for(written, is_internal=is_internal)
    return None if condition is None else as_json(condition)


def set_filter(*, actor: Actor, now: datetime, audience: Audience, written: Any, version: int) -> Audience:
    """Lets the register decide who belongs, beside the list; `None` leaves the list alone. Holds for every release from now on.

    Raises `InvalidInput` naming every problem, `Conflict` when somebody changed the filter since `version`.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        locked = Audience.objects.select_for_update(no_key=True).get(pk=audience.pk)
        if locked.version != version:
            raise Conflict("Somebody changed this filter meanwhile. What you see is theirs: look, and change it again.", code="stale")
        before, after = locked.filter, stored_form(written, is_internal=locked.is_internal)
        if after != before:
            locked.filter, locked.version = after, locked.version + 1
            locked.save(update_fields=["filter", "version"])
            work.record("audience.filter_changed", subject=f"audience:{locked.public_id}", body={"before": before, "after": after})
        return locked


def set_owners(*, actor: Actor, now: datetime, audience: Audience, owner: Team | None, deputy: Team | None) -> Audience:
    """The team that answers for the audience and the one that stands in: drafts to it wait in their queues, and they may release."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        if deputy is not None and (owner is None or owner.pk == deputy.pk):
            text = "Choose an owner first." if owner is None else "The deputy is another team than the owner."
            raise InvalidInput(text, fields={"deputy": [text]})
        locked = Audience.objects.select_related("owner", "deputy").select_for_update(of=("self",), no_key=True).get(pk=audience.pk)
        before = _owners(locked)
        locked.owner, locked.deputy = owner, deputy
        locked.save(update_fields=["owner", "deputy"])
        if _owners(locked) != before:
            work.record(
                "audience.owners_changed", subject=f"audience:{locked.public_id}", body={"before": before, "after": _owners(locked)}
            )
        return locked


def _owners(audience: Audience) -> dict[str, str]:
    return {
        "owner": audience.owner.key if audience.owner else "",
        "deputy": audience.deputy.key if audience.deputy else "",
    }
