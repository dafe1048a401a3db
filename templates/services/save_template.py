"""Writing templates. A version is never changed: saving makes the next one."""

import re
from datetime import datetime
from itertools import count

from django.db import IntegrityError, transaction

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import UnitOfWork, unit_of_work
from core.errors import Conflict, InvalidInput, StaleRevision
from policies.rules.facts import KNOWN_WORDS
from stakeholders.queries import audience_keys, internal_audience_keys
from templates.models import TemplateVersion, UpdateTemplate
from templates.rules.keys import KEY
from templates.rules.variables import problems_of

LONGEST_TITLE = 200
LONGEST_BODY = 20_000


def create_template(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    category: str,
    status: str,
    audience_key: str,
    title: str,
    body: str,
    key: str = "",
    only_by_rule: bool = False,
) -> TemplateVersion:
    """A template for a place that has none: category (empty for any), status, audience; `only_by_rule` for rules alone.

    Without `key` one is made from the place. Raises `InvalidInput` naming the fields, `Conflict` when the place or the key
    is taken.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.TEMPLATE_WRITE)
        fields = _place_problems(name, category, status, audience_key) | _wording_problems(title, body, audience_key)
        if key and not KEY.fullmatch(key):
            fields["key"] = ["Use 1 to 64 small letters, digits and hyphens."]
        if fields:
            raise InvalidInput("Correct the fields named and send again.", fields=fields)
        place = {"category": category, "status": status, "audience_key": audience_key, "only_by_rule": only_by_rule}
        there = None if only_by_rule else UpdateTemplate.objects.filter(**place, retired_at__isnull=True).first()
        if there is not None:
            raise Conflict(f"“{there.name}” stands in this place already: change that template instead.", code="place_taken")
        if key and UpdateTemplate.objects.filter(key=key).exists():
            raise Conflict(f"Another template has the key {key}.", code="key_taken")
        template = UpdateTemplate(name=name.strip(), **place)
        template.key = key or free_key(f"{category or 'any'}-{status}-{audience_key}")
        try:
            with transaction.atomic():
                template.save()
        except IntegrityError as error:
            raise Conflict("Somebody else just wrote a template for this place.", code="place_taken") from error
        return _add_version(work, actor, template, number=1, title=title, body=body)


def free_key(wanted: str) -> str:
    """`wanted` as a key, with a number behind it where it is taken."""
    base = re.sub(r"[^a-z0-9-]+", "-", wanted.lower()).strip("-")[:60]
    taken = set(UpdateTemplate.objects.filter(key__startswith=base).values_list("key", flat=True))
    return base if base not in taken else next(key for number in count(2) if (key := f"{base}-{number}") not in taken)


def save_template(
    *, actor: Actor, now: datetime, template: UpdateTemplate, title: str, body: str, base: int | None = None
) -> TemplateVersion:
    """The next version of the wording; the newest one unchanged when nothing differs.

    `base` is the number of the version that was edited: when it is no longer the newest, raises `StaleRevision`. Raises
    `InvalidInput` naming `title` or `body`, `Conflict` for a retired template.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.TEMPLATE_WRITE)
        # The template's row serialises its versions: two people saving at once get two numbers, not one error.
        locked = UpdateTemplate.objects.select_for_update(no_key=True).get(pk=template.pk)
        if locked.retired_at is not None:
            raise Conflict("This template is retired: write a new one.", code="retired")
        newest = locked.versions.order_by("-number").first()
        number = newest.number if newest else 0
        if base is not None and base != number:
            raise StaleRevision(f"Version {number} was saved meanwhile. Look at it, then save yours against it.")
        fields = _wording_problems(title, body, locked.audience_key)
        if fields:
            raise InvalidInput("Correct the fields named and send again.", fields=fields)
        title, body = tidy(title, body)
        if newest is not None and (newest.title, newest.body) == (title, body):
            return newest
        return _add_version(work, actor, locked, number=number + 1, title=title, body=body)


def _add_version(work: UnitOfWork, actor: Actor, template: UpdateTemplate, *, number: int, title: str, body: str) -> TemplateVersion:
    title, body = tidy(title, body)
    version = template.versions.create(number=number, title=title, body=body, author=actor.user, created_at=work.now)
    work.record(
        "template.saved",
        subject=f"template:{template.public_id}",
        body={
            "version": number,
            "category": template.category,
            "status": template.status,
            "audience": template.audience_key,
            "title": title,
            "body": body,
        },
    )
    return version


def tidy(title: str, body: str) -> tuple[str, str]:
    """Browsers send CRLF (HTML, form submission); one form is stored, so that equal wording compares equal."""
    return title.strip(), body.replace("\r\n", "\n").replace("\r", "\n").strip()


def _place_problems(name: str, category: str, status: str, audience_key: str) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    if not name.strip() or len(name) > 120:
        fields["name"] = ["Give a name of 1 to 120 characters."]
    if category and category not in KNOWN_WORDS["category"]:
        fields["category"] = [f"Choose one of {', '.join(KNOWN_WORDS['category'])}, or leave it empty for any."]
    if status not in KNOWN_WORDS["status"]:
        fields["status"] = [f"Choose one of {', '.join(KNOWN_WORDS['status'])}."]
    known = audience_keys()
    if audience_key not in known:
        fields["audience"] = [f"Choose one of {', '.join(known)}."]
    return fields


def _wording_problems(title: str, body: str, audience_key: str) -> dict[str, list[str]]:
    internal = audience_key in internal_audience_keys()
    fields = form_problems(title, body)
    for name, text in (("title", title), ("body", body)):
        if found := problems_of(text, internal=internal):
            fields[name] = [*found, *fields.get(name, [])]
    return fields


def form_problems(title: str, body: str) -> dict[str, list[str]]:
    """Sentences about length, line breaks and characters, per field at fault."""
    fields: dict[str, list[str]] = {"title": [], "body": []}
    if not title.strip() or len(title) > LONGEST_TITLE or "\n" in title.strip() or "\r" in title.strip():
        fields["title"].append(f"Give a title of 1 to {LONGEST_TITLE} characters, on one line.")
    if not body.strip() or len(body) > LONGEST_BODY:
        fields["body"].append(f"Give a text of 1 to {LONGEST_BODY} characters.")
    for name, text in (("title", title), ("body", body)):
        if "\x00" in text:
            fields[name].append("Leave out the NUL character.")
    return {name: problems for name, problems in fields.items() if problems}
