"""Versions that have been in force are kept as they were, by the database itself."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from policies.models import PolicyVersion
from policies.queries import active_policy
from tests.support.cast import NOW

pytestmark = pytest.mark.django_db


def draft(number: int = 2) -> PolicyVersion:
    return PolicyVersion.objects.create(number=number, state="draft", rules=[], created_at=NOW)


@pytest.mark.parametrize("change", [{"rules": []}, {"number": 9}, {"state": "draft"}])
def test_the_version_in_force_cannot_be_rewritten(change: dict[str, object]) -> None:
    with pytest.raises(DatabaseError, match="kept as it was"), transaction.atomic():
        PolicyVersion.objects.filter(state="active").update(**change)


def test_the_version_in_force_cannot_be_deleted() -> None:
    with pytest.raises(DatabaseError, match="kept as it was"), transaction.atomic():
        active_policy().delete()


def test_a_retired_version_stays_retired() -> None:
    PolicyVersion.objects.filter(state="active").update(state="retired")
    with pytest.raises(DatabaseError, match="kept as it was"), transaction.atomic():
        PolicyVersion.objects.filter(number=1).update(state="active")


def test_a_draft_may_be_rewritten_activated_and_thrown_away() -> None:
    written = draft()
    PolicyVersion.objects.filter(pk=written.pk).update(rules=[{"key": "another"}])
    written.delete()
    another = draft()
    PolicyVersion.objects.filter(state="active").update(state="retired")
    PolicyVersion.objects.filter(pk=another.pk).update(state="active")
    assert active_policy().number == 2


def test_two_versions_are_never_in_force_at_once() -> None:
    with pytest.raises(IntegrityError, match="policies_one_active"), transaction.atomic():
        PolicyVersion.objects.filter(pk=draft().pk).update(state="active")
