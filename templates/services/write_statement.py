"""Writing holding statements. A version is never changed: saving makes the next one, and every writer is remembered."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import UnitOfWork, unit_of_work
from core.errors import Conflict, InvalidInput, NotFound, StaleRevision
from core.events import publish
from stakeholders.queries import audience_keys
from stakeholders.rules.languages import is_language
from templates.events import HoldingVersionReplaced
from templates.models import HoldingContributor, HoldingStatement, HoldingStatementVersion
from templates.rules.holding import SCENARIOS, HoldingState, holding_hash, holding_problems, tidy_placeholders
from templates.rules.keys import KEY
from templates.services.save_template import form_problems, tidy


def create_statement(
    *,
    actor: Actor,
    now: datetime,
    key: str,
    name: str,
    scenario: str,
    audience_key: str,
    title: str,
    body: str,
    language: str = "en",
) -> HoldingStatementVersion:
    """A statement with its first draft. Raises `InvalidInput` naming the fields, `Conflict` for a key that is taken, `Forbidden`."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.HOLDING_WRITE)
        title, body = _tidy(title, body)
        fields = _place_problems(key, name, scenario, audience_key, language) | _wording_problems(title, body)
        if fields:
            raise InvalidInput("Correct the fields named and send again.", fields=fields)
        try:
            with transaction.atomic():
                statement = HoldingStatement.objects.create(
                    key=key, name=name.strip(), scenario=scenario, audience_key=audience_key, language=language, created_at=now
                )
        except IntegrityError as error:
            raise Conflict(f"Another statement has the key {key}.", code="key_taken", fields={"key": ["Choose another key."]}) from error
        return _add_version(work, actor, statement, number=1, title=title, body=body)


def save_statement(
    *, actor: Actor, now: datetime, statement: HoldingStatement, title: str, body: str, base: int, renew: bool = False
) -> HoldingStatementVersion:
    """The next version, as a draft; the newest one unchanged when the words are the same, except to `renew` an approval.

    A draft or a version in review is replaced, and the review of it ends; an approved version stays in force beside the
    draft. `base` is the number of the version edited. Raises `StaleRevision`, `InvalidInput`, `Forbidden`.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.HOLDING_WRITE)
        locked = lock_statement(statement.pk)
        newest = locked.versions.order_by("-number").first()
        if newest is None:
            raise RuntimeError(f"Holding statement {locked.pk} has no version.")
        if newest.number != base:
            raise StaleRevision(f"Version {newest.number} was saved meanwhile. Look at it, then save yours against it.")
        title, body = _tidy(title, body)
        if fields := _wording_problems(title, body):
            raise InvalidInput("Correct the fields named and send again.", fields=fields)
        making = newest.state in {HoldingState.DRAFT, HoldingState.IN_REVIEW}
        if (newest.title, newest.body) == (title, body) and (making or not renew):
            return newest
        if making:
            _retire(newest, now)
            publish(HoldingVersionReplaced(version_id=newest.pk, statement_id=locked.pk, actor=actor.ref, at=now))
        return _add_version(work, actor, locked, number=newest.number + 1, title=title, body=body)


def lock_statement(pk: int) -> HoldingStatement:
    """The statement's row, locked: it orders everything done to its versions. Raises `NotFound`."""
    statement = HoldingStatement.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if statement is None:
        raise NotFound
    return statement


def remember_contributor(statement: HoldingStatement, actor: Actor, now: datetime) -> None:
    """Whoever wrote or put forward is never forgotten, and never approves."""
    if actor.user is not None:
        HoldingContributor.objects.get_or_create(statement=statement, user=actor.user, defaults={"since": now})


def _add_version(
    work: UnitOfWork, actor: Actor, statement: HoldingStatement, *, number: int, title: str, body: str
) -> HoldingStatementVersion:
    place = {"scenario": statement.scenario, "audience": statement.audience_key, "language": statement.language}
    version = statement.versions.create(
        number=number,
        title=title,
        body=body,
        content_hash=holding_hash(key=statement.key, title=title, body=body, **place),
        author=actor.user,
        created_at=work.now,
    )
    remember_contributor(statement, actor, work.now)
    work.record(
        "holding.saved",
        subject=f"holding:{statement.public_id}",
        body={
            "key": statement.key,
            **place,
            "version": number,
            "content_hash": version.content_hash,
            "title": title,
            "body": body,
        },
    )
    return version


def _retire(version: HoldingStatementVersion, now: datetime) -> None:
    version.state, version.retired_at = HoldingState.RETIRED, now
    version.save(update_fields=["state", "retired_at"])


def _tidy(title: str, body: str) -> tuple[str, str]:
    title, body = tidy(title, body)
    return tidy_placeholders(title), tidy_placeholders(body)


def _wording_problems(title: str, body: str) -> dict[str, list[str]]:
    fields = form_problems(title, body)
    for name, text in (("title", title), ("body", body)):
        if found := holding_problems(text):
            fields[name] = [*found, *fields.get(name, [])]
    return fields


def _place_problems(key: str, name: str, scenario: str, audience_key: str, language: str) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    if not KEY.fullmatch(key):
        fields["key"] = ["Use 1 to 64 small letters, digits and hyphens."]
    if not name.strip() or len(name) > 120 or not name.strip().isprintable():
        fields["name"] = ["Give a name of 1 to 120 characters, on one line."]
    if scenario not in SCENARIOS:
        fields["scenario"] = [f"Choose one of {', '.join(SCENARIOS)}."]
    known = audience_keys()
    if audience_key not in known:
        fields["audience"] = [f"Choose one of {', '.join(known)}."]
    if len(language) > 16 or not is_language(language):
        fields["language"] = ["Give a language tag, for instance en or pt-BR."]
    return fields
