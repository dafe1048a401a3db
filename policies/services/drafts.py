"""Writing versions that are not in force."""

import json
from datetime import datetime
from typing import Any

from accounts.actors import Actor
from accounts.models import User
from accounts.rules.roles import Permission
from audit.services import UnitOfWork, unit_of_work
from core.errors import Conflict, InvalidInput, StaleRevision
from policies.models import PolicyVersion
from policies.queries import visible_version
from policies.rules.document import InvalidDocument, parse

LONGEST_NOTE = 200
LARGEST_DOCUMENT = 2_000_000


def start_draft(*, actor: Actor, now: datetime, based_on: PolicyVersion, note: str = "") -> PolicyVersion:
    """A new draft with the rules of another version, whatever state that is in: so a retired one can be proposed again.

    Raises `Forbidden`, `InvalidInput` naming the note.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        user = _writer(actor)
        return _create(work, user, rules=based_on.rules, note=note or f"Written from version {based_on.number}.", based_on=based_on)


def import_document(*, actor: Actor, now: datetime, text: str, note: str = "") -> PolicyVersion:
    """A new draft from JSON text, as `export_document` writes it. Raises `InvalidInput` naming every problem under `rules`."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        user = _writer(actor)
        if len(text) > LARGEST_DOCUMENT:
            raise InvalidInput("That is too long for a policy.", fields={"rules": ["Give at most 2,000,000 characters."]})
        try:
            rules = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InvalidInput("That is not JSON.", fields={"rules": [f"Correct the text: {error}."]}) from error
        return _create(work, user, rules=rules, note=note, based_on=None)


def create_draft(*, actor: Actor, now: datetime, rules: Any, note: str = "") -> PolicyVersion:
    """A new draft with these rules. Raises `Forbidden`, `InvalidInput` naming every problem under `rules`."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        return _create(work, _writer(actor), rules=rules, note=note, based_on=None)


def save_draft(*, actor: Actor, now: datetime, version: PolicyVersion, rules: Any, revision: int, note: str | None = None) -> PolicyVersion:
    """The draft with other rules, or another note; the same rules change nothing and make nobody an author.

    `revision` is the one that was edited. Raises `StaleRevision` when somebody saved meanwhile, `Conflict` when it is no draft
    any more, `InvalidInput` naming every problem under `rules` or `note`, `Forbidden`.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        user = _writer(actor)
        draft = locked_version(actor, version)
        _must_be_draft(draft)
        if draft.revision != revision:
            raise StaleRevision(f"Somebody saved this draft meanwhile (save {draft.revision}). Look at it, then make your change again.")
        written, said = _checked(rules), draft.note if note is None else _note(note)
        if (draft.rules, draft.note) == (written, said):
            return draft
        body = {"version": draft.number, "revision": draft.revision + 1, "note": said, **_difference(draft.rules, written)}
        draft.rules, draft.note, draft.revision = written, said, draft.revision + 1
        draft.save(update_fields=["rules", "note", "revision"])
        _wrote(draft, user, now)
        work.record("policy.draft_saved", subject=f"policy:{draft.number}", body=body)
        return draft


def throw_away_draft(*, actor: Actor, now: datetime, version: PolicyVersion) -> None:
    """Deletes a draft. Raises `Conflict` for anything else, `Forbidden`."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        _writer(actor)
        draft = locked_version(actor, version)
        _must_be_draft(draft)
        work.record("policy.draft_thrown_away", subject=f"policy:{draft.number}", body={"version": draft.number, "rules": draft.rules})
        draft.delete()


def locked_version(actor: Actor, version: PolicyVersion) -> PolicyVersion:
    """The version as it is now, until the unit of work ends. Raises `NotFound` when it was thrown away meanwhile."""
    visible_version(actor, version.number)
    return PolicyVersion.objects.select_for_update(no_key=True).get(pk=version.pk)


def lock_version_in_force() -> PolicyVersion | None:
    """The version in force, locked until the unit of work ends: whoever changes which versions there are takes it first."""
    active = PolicyVersion.objects.select_for_update(no_key=True).filter(state="active")
    # Whoever waited here for an activation finds the row waited for retired, and looks once more for the one now in force.
    return active.first() or active.all().first()


def _writer(actor: Actor) -> User:
    actor.require(Permission.POLICY_WRITE)
    return actor.require_person()


def _must_be_draft(version: PolicyVersion) -> None:
    if version.state != "draft":
        raise Conflict(f"Version {version.number} is {version.state} and stays as it is: start a draft from it.", code="not_a_draft")


def _create(work: UnitOfWork, user: User, *, rules: Any, note: str, based_on: PolicyVersion | None) -> PolicyVersion:
    written, said = _checked(rules), _note(note)
    # Two people who begin at once take two numbers.
    lock_version_in_force()
    newest = PolicyVersion.objects.order_by("-number").values_list("number", flat=True).first()
    number = (newest or 0) + 1
    draft = PolicyVersion.objects.create(number=number, rules=written, note=said, based_on=based_on, created_by=user, created_at=work.now)
    _wrote(draft, user, work.now)
    body = {"version": number, "note": said, "rules": written, "based_on": based_on.number if based_on else None}
    work.record("policy.draft_started", subject=f"policy:{number}", body=body)
    return draft


def _wrote(draft: PolicyVersion, user: User, now: datetime) -> None:
    draft.authors.update_or_create(user=user, defaults={"last_at": now}, create_defaults={"first_at": now, "last_at": now})


def _checked(rules: Any) -> list[dict[str, Any]]:
    """The rules with every part spelled out, so that a version says by itself what it decides."""
    try:
        return parse(rules).as_json()
    except InvalidDocument as refused:
        raise InvalidInput("Correct the rules named.", fields={"rules": refused.problems}) from refused


def _note(note: str) -> str:
    note = note.strip()
    if len(note) > LONGEST_NOTE or "\x00" in note:
        raise InvalidInput("Correct the note.", fields={"note": [f"Say what changed in at most {LONGEST_NOTE} characters."]})
    return note


def _difference(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> dict[str, Any]:
    """What a save changed: the rules that are new or otherwise, and the order of all."""
    before = {rule["key"]: rule for rule in old}
    return {"rules": [rule for rule in new if before.get(rule["key"]) != rule], "order": [rule["key"] for rule in new]}
