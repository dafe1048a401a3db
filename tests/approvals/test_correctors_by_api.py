"""By whichever road a correction was started, whoever had a hand in the wrong words reviews it not, and one is on its way at a time."""

import importlib
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from approvals.models import Override
from approvals.services import withdraw_update
from core.errors import Forbidden
from incidents.models import Update, UpdateContributor
from tests.approvals.acts import ask, edit, say
from tests.approvals.disputing import decide, half_reviewed, override
from tests.approvals.test_constraints import Refusal
from tests.approvals.test_corrections import LATER, correct, wrong_update
from tests.approvals.test_correctors import finish, hands_in, wrong_words_of
from tests.approvals.test_holding_release import incident_with_checkout
from tests.incidents.conftest import Api
from tests.incidents.conftest import api as api  # noqa: PLC0414 - the fixture
from tests.support.cast import NOW, Cast
from tests.support.factories import CUSTOMER_WORDS, INTERNAL_WORDS
from tests.support.holding import approved_statement, let_out_holding

pytestmark = pytest.mark.django_db


def post(client: APIClient, wrong: Update, kind: str = "correction") -> Any:
    body = {"incident": wrong.incident.public_id, "status": "investigating", "kind": kind, "corrects": wrong.public_id}
    return client.post("/api/v1/updates/", body | {"variants": [{**CUSTOMER_WORDS}, {**INTERNAL_WORDS}]})


def by_api(client: APIClient, wrong: Update) -> Update:
    answer = post(client, wrong)
    assert answer.status_code == 201, answer.content
    return Update.objects.get(public_id=answer.json()["id"])


def by_sql(wrong: Update) -> Update:
    """A row past every service."""
    return Update.objects.create(incident=wrong.incident, kind="retraction", corrects=wrong, created_by="nobody", created_at=LATER)


def test_who_wrote_the_wrong_words_does_not_approve_a_correction_started_by_api(cast: Cast, api: Api) -> None:
    made = by_api(api("commander"), wrong_words_of(cast, "techlead2").update_of)
    finish(cast, made)
    with pytest.raises(Forbidden) as refusal:
        say(cast, made, "technical", by="techlead2", now=LATER)
    assert refusal.value.code == "contributor"
    say(cast, made, "technical", now=LATER)


def test_who_wrote_a_holding_statement_counts_in_a_correction_by_whichever_road(cast: Cast) -> None:
    version = approved_statement(cast)
    released = let_out_holding(cast, incident_with_checkout(cast), version, now=NOW)
    authors = {one.user for one in version.statement.contributors.all()}
    assert cast.comms in authors
    assert authors <= hands_in(by_sql(released.update_of))


def test_one_correction_is_on_its_way_by_whichever_road(cast: Cast, api: Api) -> None:
    wrong = wrong_update(cast)
    made = correct(cast, wrong)
    answer = post(api("commander"), wrong, kind="retraction")
    assert (answer.status_code, answer.json()["code"]) == (409, "correction_open")
    with Refusal("incidents_one_correction_on_its_way"):
        by_sql(wrong)
    withdraw_update(actor=cast.actor("commander"), now=LATER, update_id=made.pk)
    assert by_sql(wrong).state == "draft"
    with Refusal("incidents_one_correction_on_its_way"):
        Update.objects.filter(pk=made.pk).update(state="draft")


def test_a_refusal_takes_up_a_correction_started_by_api_without_its_authors_as_reviewers(cast: Cast, api: Api) -> None:
    update = half_reviewed(cast)
    edit(cast, update, by="techlead2")
    ask(cast, update)
    override(cast, update)
    made = by_api(api("commander"), Update.objects.get(pk=update.pk))
    decided = decide(cast, Override.objects.get(update_of=update), ratify=False, reason="It was wrong.")
    assert decided.correction == made
    assert {cast.techlead2, cast.commander} <= hands_in(made)


def test_an_author_noted_later_counts_in_the_correction_too(cast: Cast) -> None:
    wrong = wrong_update(cast)
    made = correct(cast, wrong)
    assert cast.pr not in hands_in(made)
    UpdateContributor.objects.create(update_of=wrong, user=cast.pr, since=LATER)
    assert cast.pr in hands_in(made)


def test_the_migration_fills_in_the_authors_of_corrections_under_way(cast: Cast) -> None:
    wrong = wrong_words_of(cast, "techlead2").update_of
    made = past_the_triggers(wrong)
    assert hands_in(made) == set()
    run("incidents.migrations.0011_authors_of_what_is_put_right")
    assert {cast.techlead2, cast.commander} <= hands_in(made)


def test_the_migration_fills_in_who_prepared_the_statement(cast: Cast) -> None:
    version = approved_statement(cast)
    made = past_the_triggers(let_out_holding(cast, incident_with_checkout(cast), version, now=NOW).update_of)
    run("approvals.migrations.0018_statements_put_right")
    assert {one.user for one in version.statement.contributors.all()} <= hands_in(made)


def past_the_triggers(wrong: Update) -> Update:
    """A correction as one was started by API before its authors were counted."""
    names = ("incidents_correction_counts_authors", "approvals_correction_counts_who_prepared")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in names:
            cursor.execute(f"ALTER TABLE incidents_update DISABLE TRIGGER {name}")
        made = by_sql(wrong)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in names:
            cursor.execute(f"ALTER TABLE incidents_update ENABLE ALWAYS TRIGGER {name}")
    return made


def run(migration: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(importlib.import_module(migration).FILL_IN)
