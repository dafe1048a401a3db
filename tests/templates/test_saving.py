"""Saving a template makes a version; versions stay."""

import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.rules.scopes import Scope
from audit.models import Entry
from core.errors import Conflict, Forbidden, InvalidInput, StaleRevision
from templates.models import TemplateVersion, UpdateTemplate
from templates.queries import template_for
from templates.services import create_template, save_template
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db


def shipped() -> UpdateTemplate:
    return UpdateTemplate.objects.get(category="", status="resolved", audience_key="customers")


def created(cast: Cast, **changes: Any) -> TemplateVersion:
    values = {
        "name": "Database, resolved",
        "category": "database",
        "status": "resolved",
        "audience_key": "customers",
        "title": "Resolved: {{ component_names }}",
        "body": "It works again.",
    } | changes
    return create_template(actor=cast.actor("comms"), now=NOW, **values)


def test_saving_makes_the_next_version_and_keeps_the_earlier_one(cast: Cast) -> None:
    first = shipped().versions.get()
    second = save_template(actor=cast.actor("comms"), now=NOW, template=shipped(), title="All clear", body="It works.\r\nThank you. ")
    assert (second.number, second.author, second.body) == (2, cast.comms, "It works.\nThank you.")
    assert template_for("other", "resolved", "customers") == second
    assert TemplateVersion.objects.get(pk=first.pk).body == first.body
    entry = Entry.objects.get(type="template.saved")
    assert entry.subject == f"template:{shipped().public_id}"
    assert entry.actor == f"user:{cast.comms.pk}"


def test_saving_the_same_words_makes_no_version(cast: Cast) -> None:
    first = shipped().versions.get()
    again = save_template(actor=cast.actor("comms"), now=NOW, template=shipped(), title=first.title, body=first.body.replace("\n", "\r\n"))
    assert again == first
    assert not Entry.objects.filter(type="template.saved").exists()


def test_saving_over_somebody_elses_version_is_refused(cast: Cast) -> None:
    save_template(actor=cast.actor("comms2"), now=NOW, template=shipped(), title="Theirs", body="Theirs.", base=1)
    with pytest.raises(StaleRevision, match="Version 2 was saved meanwhile"):
        save_template(actor=cast.actor("comms"), now=NOW, template=shipped(), title="Mine", body="Mine.", base=1)
    assert shipped().versions.count() == 2


@pytest.mark.parametrize(
    ("title", "body", "field", "said"),
    [
        ("", "Text.", "title", "1 to 200"),
        ("x" * 201, "Text.", "title", "1 to 200"),
        ("Two\nlines", "Text.", "title", "one line"),
        ("Title", " ", "body", "Give a text"),
        ("Title", "{{ incident_title }}", "body", "internal"),
        ("Title", "a\x00b", "body", "NUL"),
        ("{{ severity }}", "Text.", "title", "internal"),
        ("Title", "{{ config }}", "body", "no variable “config”"),
    ],
)
def test_bad_wording_is_refused_with_field_and_cure(cast: Cast, title: str, body: str, field: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        save_template(actor=cast.actor("comms"), now=NOW, template=shipped(), title=title, body=body)
    assert said in " ".join(refused.value.fields[field])
    assert shipped().versions.count() == 1


def test_internal_wording_may_name_internal_things(cast: Cast) -> None:
    template = UpdateTemplate.objects.get(category="", status="resolved", audience_key="internal")
    saved = save_template(actor=cast.actor("comms"), now=NOW, template=template, title="{{ incident_title }}", body="{{ severity }}")
    assert saved.number == 2


def test_a_new_template_serves_its_place(cast: Cast) -> None:
    made = created(cast)
    assert template_for("database", "resolved", "customers") == made
    assert template_for("network", "resolved", "customers") != made


def test_a_place_holds_one_template_until_it_is_retired(cast: Cast) -> None:
    made = created(cast)
    with pytest.raises(Conflict, match="stands in this place already"):
        created(cast)
    UpdateTemplate.objects.filter(pk=made.template.pk).update(retired_at=NOW)
    with pytest.raises(Conflict, match="retired"):
        save_template(actor=cast.actor("comms"), now=NOW, template=made.template, title="x", body="x")
    assert template_for("database", "resolved", "customers") != made
    assert created(cast).template != made.template


@pytest.mark.parametrize(
    ("field", "value"), [("name", " "), ("category", "weather"), ("status", "postponed"), ("audience_key", "nobody"), ("title", "{{ x }}")]
)
def test_a_place_that_cannot_be_is_refused_by_field(cast: Cast, field: str, value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        created(cast, **{field: value})
    assert set(refused.value.fields) == {field.removesuffix("_key")}
    assert not UpdateTemplate.objects.filter(category="database").exists()


@pytest.mark.parametrize("name", ["outsider", "commander", "techlead", "auditor", "responder", "legal"])
def test_who_may_not_write_templates_writes_none(cast: Cast, name: str) -> None:
    with pytest.raises(Forbidden):
        save_template(actor=cast.actor(name), now=NOW, template=shipped(), title="x", body="x")
    with pytest.raises(Forbidden):
        save_template(actor=cast.program("comms", *Scope), now=NOW, template=shipped(), title="x", body="x")
    assert shipped().versions.count() == 1


@pytest.mark.parametrize(
    "statement",
    ["UPDATE templates_templateversion SET body = 'x'", "DELETE FROM templates_templateversion", "TRUNCATE templates_templateversion"],
)
def test_the_database_refuses_to_change_a_version(statement: str) -> None:
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_once_get_two_versions(cast: Cast) -> None:
    template, actors = shipped(), [cast.actor("comms"), cast.actor("comms2")]
    start, failures = threading.Barrier(2), []

    def save(position: int) -> None:
        try:
            for round_ in range(5):
                start.wait(timeout=10)
                save_template(actor=actors[position], now=NOW, template=template, title=f"{position}", body=f"Round {round_}.")
        except Exception as error:  # noqa: BLE001 - whatever a thread meets is the test's business
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=[position]) for position in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(template.versions.values_list("number", flat=True)) == list(range(1, 12))
