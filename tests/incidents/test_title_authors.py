"""Whoever wrote the incident's title, or the words that a draft repeats, counts as one who wrote at the draft."""

import importlib
from datetime import timedelta

import pytest
from django.db import connection

from accounts.actors import source
from accounts.models import User
from approvals.services import request_review
from core.errors import Forbidden
from incidents.models import Incident, Update, UpdateContributor
from incidents.queries import open_promise
from incidents.rules.content_edit import ContentEdit, Variant
from incidents.rules.words import Status
from incidents.services import change_incident, record_milestone, revise_update
from incidents.services.drafting import renders_title
from incidents.services.nothing_new import prepare_nothing_new
from tests.approvals.acts import approve, ask, number, release, say
from tests.support.cast import NOW, Cast
from tests.support.factories import CUSTOMER_WORDS, INTERNAL_WORDS, make_incident, make_update

pytestmark = pytest.mark.django_db


def hands_in(update: Update | None) -> set[User]:
    assert update is not None
    return {one.user for one in UpdateContributor.objects.filter(update_of=update)}


def milestone_draft(cast: Cast, incident: Incident) -> Update:
    made = record_milestone(actor=cast.actor("responder"), now=NOW, incident=incident, kind="cause_found").draft
    assert made is not None
    return made


def titled(cast: Cast, by: str) -> Incident:
    incident = make_incident(actor=cast.actor("commander"))
    changed = change_incident(actor=cast.actor(by), now=NOW, incident_id=incident.pk, title="A disk of the checkout is full")
    assert changed.title_by == cast.user(by)
    return changed


def test_the_techlead_who_wrote_the_title_does_not_approve_the_draft_that_shows_it(cast: Cast) -> None:
    made = milestone_draft(cast, titled(cast, "techlead"))
    assert hands_in(made) == {cast.techlead}
    write(cast, made)
    request_review(actor=cast.actor("commander"), now=NOW, update_id=made.pk, revision=number(made))
    with pytest.raises(Forbidden) as refusal:
        say(cast, made, "technical", by="techlead")
    assert refusal.value.code == "contributor"


def test_who_opened_the_incident_wrote_its_title(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("techlead"))
    assert incident.title_by == cast.techlead
    assert hands_in(milestone_draft(cast, incident)) == {cast.techlead}


def test_a_title_that_a_tool_wrote_is_nobodys(cast: Cast) -> None:
    assert hands_in(milestone_draft(cast, make_incident(actor=source("alertmanager")))) == set()


def test_somebodys_own_words_do_not_show_the_title(cast: Cast) -> None:
    made = make_update(incident=titled(cast, "techlead"), actor=cast.actor("commander"))
    assert hands_in(made) == {cast.commander}


def test_a_template_for_customers_shows_no_title(cast: Cast) -> None:
    incident = titled(cast, "techlead")
    assert renders_title(incident, Status.IDENTIFIED, ["customers", "internal"])
    assert not renders_title(incident, Status.IDENTIFIED, ["customers"])


def test_nothing_new_repeats_a_headline_and_counts_who_wrote_it(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"))
    said = make_update(incident=incident, actor=cast.actor("techlead2"))
    ask(cast, said)
    approve(cast, said)
    release(cast, said)
    incident.updates.exclude(pk=said.pk).update(state="withdrawn")
    promise = open_promise(incident)
    assert promise is not None
    made = prepare_nothing_new(Incident.objects.get(pk=incident.pk), promise, now=NOW + timedelta(minutes=10))
    assert hands_in(made) == {cast.techlead2, cast.commander}


def test_the_migration_reads_the_log_and_fills_in_drafts_under_way(cast: Cast) -> None:
    renamed = titled(cast, "techlead")
    made = milestone_draft(cast, renamed)
    opened = make_incident(actor=cast.actor("comms"))
    unwrite(made)
    Incident.objects.update(title_by=None)
    with connection.cursor() as cursor:
        cursor.execute(importlib.import_module("incidents.migrations.0013_title_by_filled_in").FILL_IN)
    assert {one.pk: one.title_by for one in Incident.objects.all()} == {renamed.pk: cast.techlead, opened.pk: cast.comms}
    assert hands_in(made) == {cast.techlead}


def unwrite(made: Update) -> None:
    """As a draft was before the title's author counted."""
    names = ("incidents_contributor_no_change",)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in names:
            cursor.execute(f"ALTER TABLE incidents_updatecontributor DISABLE TRIGGER {name}")
        UpdateContributor.objects.filter(update_of=made).delete()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in names:
            cursor.execute(f"ALTER TABLE incidents_updatecontributor ENABLE ALWAYS TRIGGER {name}")


def write(cast: Cast, made: Update) -> None:
    """By the commander, to the end."""
    assert made.current is not None
    variants = tuple(Variant(**words) for words in (CUSTOMER_WORDS, INTERNAL_WORDS))
    content = ContentEdit(variants=variants).apply(made.current.parsed())
    revise_update(actor=cast.actor("commander"), now=NOW, update_id=made.pk, base_revision=1, content=content)
