"""What the database keeps is not taken along by a deletion either: Django would promise what a trigger refuses."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from tests.architecture.test_emptying import DELETE, RECORDS, ROW, triggers

FOLLOWING = (models.CASCADE, models.SET_NULL, models.SET_DEFAULT)
# Who wrote a draft of the policy goes with the draft, which may be thrown away; both triggers let exactly that through.
WITH_THEIR_DRAFT = "policies.PolicyVersionAuthor.version"


def kept_tables() -> set[str]:
    """Tables of which a trigger refuses, or may refuse, that a row is taken away; and the records beside them."""
    return RECORDS | {table for table, _, kind in triggers() if kind & ROW and kind & DELETE}


def following() -> Iterator[models.ForeignKey[models.Model, models.Model]]:
    """Every foreign key that changes or deletes its row when the row it names is deleted."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey) and field.remote_field.on_delete in FOLLOWING:
                yield field


@pytest.mark.django_db
def test_no_row_that_is_kept_goes_or_changes_with_the_row_it_names() -> None:
    kept = kept_tables()
    assert {"incidents_timelineentry", "incidents_policydecision", "incidents_updatepromise", "approvals_review"} <= kept
    assert [str(field) for field in following() if field.model._meta.db_table in kept] == [WITH_THEIR_DRAFT]


@pytest.mark.django_db
def test_nothing_waits_for_the_deletion_of_a_row_that_is_kept() -> None:
    kept = kept_tables()
    assert [str(field) for field in following() if field.remote_field.model._meta.db_table in kept] == [WITH_THEIR_DRAFT]
