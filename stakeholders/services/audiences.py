"""Making audiences and filling them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.text import slugify

from accounts.actors import Actor
from accounts.models import Team
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from catalogue.models import Component
from core.canonical import canonical_hash
from core.errors import Busy, Conflict, InvalidInput
from core.events import publish
from stakeholders.events import AudienceScopeChanged
from stakeholders.models import Audience, AudienceMember, Stakeholder
from stakeholders.rules.kinds import INSIDE
from stakeholders.services.audience_filter import stored_form

# Up to here the log names the people added one by one; above, it holds their number and a hash of the sorted list.
NAMED_UP_TO = 100


def create_audience(
    *,
    actor: Actor,
    now: datetime,
    key: str,
    name: str,
    is_public: bool = False,
    is_internal: bool = False,
    owner: Team | None = None,
    deputy: Team | None = None,
    description: str = "",
    written: Any = None,
) -> Audience:
    """A new audience at the end of the list: empty, or with a filter as `written`.

    Raises `InvalidInput` naming the fields, `Conflict` when the place is taken.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        _check_fields(key=key, name=name, is_public=is_public, is_internal=is_internal)
        if deputy is not None and (owner is None or owner.pk == deputy.pk):
            raise InvalidInput("The deputy is another team than the owner.", fields={"deputy": ["Choose another team than the owner."]})
        stored = stored_form(written, is_internal=is_internal)
        if Audience.objects.filter(key=key).exists():
            raise Conflict(f"There is an audience with the key “{key}” already: choose another key.")
        if is_public and Audience.objects.filter(is_public=True).exists():
            raise Conflict("Another audience is shown on the public page already; only one can be.")
        last = Audience.objects.aggregate(last=Max("position"))["last"]
        audience = Audience.objects.create(
            key=key,
            name=name.strip(),
            description=description.strip(),
            is_public=is_public,
            is_internal=is_internal,
            owner=owner,
            deputy=deputy,
            filter=stored,
            position=0 if last is None else last + 1,
            created_at=now,
        )
        work.record(
            "audience.created",
            subject=f"audience:{audience.public_id}",
            body={
                "key": key,
                "name": audience.name,
                "public": is_public,
                "internal": is_internal,
                "owner": owner.key if owner else "",
                "deputy": deputy.key if deputy else "",
                "filter": stored,
            },
        )
    return audience


def set_scope(*, actor: Actor, now: datetime, audience: Audience, customer_facing_only: bool, components: Iterable[Component]) -> Audience:
    """Binds the audience to what it is told about; no components means all. Applies to every release from now on.

    The policy reads who depends on a component, so the open incidents of those concerned are decided again with it. Raises `Busy`
    where somebody else bound the audience at this moment.
    """
    wanted = {component.pk: component for component in components}
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        # Components before incidents, and so before the audience whose change decides over these.
        concerned = wanted.keys() | set(audience.scope_components.values_list("pk", flat=True))
        list(Component.objects.select_for_update(no_key=True).filter(pk__in=concerned).order_by("pk"))
        locked = Audience.objects.select_for_update(no_key=True).get(pk=audience.pk)
        bound = set(locked.scope_components.values_list("pk", flat=True))
        if not bound <= concerned:
            raise Busy
        before = _scope_words(locked)
        locked.scope_customer_facing_only = customer_facing_only
        locked.save(update_fields=["scope_customer_facing_only"])
        locked.scope_components.set(wanted)
        after = _scope_words(locked)
        if after != before:
            work.record("audience.scope_changed", subject=f"audience:{locked.public_id}", body={"before": before, "after": after})
        if moved := bound ^ wanted.keys():
            publish(AudienceScopeChanged(audience_id=locked.pk, components=frozenset(moved), at=now))
        return locked


def _scope_words(audience: Audience) -> dict[str, object]:
    keys = sorted(audience.scope_components.values_list("key", flat=True))
    return {"customer_facing_only": audience.scope_customer_facing_only, "components": keys}


def add_members(*, actor: Actor, now: datetime, audience: Audience, stakeholders: Iterable[Stakeholder]) -> int:
    """Puts people into an audience; those in it already stay as they are. Returns how many were added.

    An internal audience is read by colleagues alone, for what goes to it passes no gate that guards the outside. Raises
    `InvalidInput` for anybody else.
    """
    wanted = {stakeholder.pk: stakeholder for stakeholder in stakeholders}
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        # The audience's row serialises additions, so that the log names exactly those who were added here.
        locked = Audience.objects.select_for_update(no_key=True).get(pk=audience.pk)
        if locked.is_internal:
            _require_colleagues(locked, wanted)
        present = set(AudienceMember.objects.filter(audience=audience, stakeholder__in=wanted).values_list("stakeholder_id", flat=True))
        added = [stakeholder for pk, stakeholder in wanted.items() if pk not in present]
        AudienceMember.objects.bulk_create(
            [AudienceMember(audience=audience, stakeholder=stakeholder, added_at=now) for stakeholder in added], batch_size=2000
        )
        if added:
            ids = sorted(stakeholder.public_id for stakeholder in added)
            listed = {"ids": ids} if len(ids) <= NAMED_UP_TO else {"ids_hash": canonical_hash(ids)}
            work.record("audience.members_added", subject=f"audience:{audience.public_id}", body={"count": len(ids), **listed})
    return len(added)


def _require_colleagues(audience: Audience, wanted: Iterable[int]) -> None:
    outside = Stakeholder.objects.filter(pk__in=list(wanted)).exclude(kind__in=INSIDE).order_by("pk").first()
    if outside is not None:
        text = f"“{audience.name}” is internal: only colleagues (person, team) can be in it, and no {outside.kind}."
        raise InvalidInput(text, fields={"audiences": [text]})


def _check_fields(*, key: str, name: str, is_public: bool, is_internal: bool) -> None:
    fields: dict[str, list[str]] = {}
    if not key or key != slugify(key) or len(key) > 64:
        fields["key"] = ["Give a key of 1 to 64 lower-case letters, digits and hyphens."]
    if not name.strip() or len(name) > 120:
        fields["name"] = ["Give a name of 1 to 120 characters."]
    if is_public and is_internal:
        fields["is_internal"] = ["An audience shown on the public page cannot be internal: choose one of the two."]
    if fields:
        raise InvalidInput("Correct the fields named and send again.", fields=fields)
