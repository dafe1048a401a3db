"""Writing holding statements: versions stay, writers are remembered, expiry is told once; what the database refuses."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.errors import Conflict, Forbidden, InvalidInput, StaleRevision
from notifications.models import Delivery, Message
from templates.events import HoldingStatementExpiring
from templates.models import HoldingContributor, HoldingStatement, HoldingStatementVersion, TemplateRule
from templates.queries import statement_views
from templates.services import remind_of_expiry, retire_statement, save_rules, save_statement
from templates.services.save_rules import RuleInput
from tests.approvals.test_constraints import Refusal, sql
from tests.support.cast import NOW, Cast
from tests.support.heard import failing
from tests.support.holding import WORDS, approve_statement, approved_statement, write_statement
from tests.support.log import audit_types

pytestmark = pytest.mark.django_db


def again(cast: Cast, version: HoldingStatementVersion, by: str = "comms", base: int = 1, **other: Any) -> HoldingStatementVersion:
    words = {"title": version.title, "body": version.body} | other
    return save_statement(actor=cast.actor(by), now=NOW, statement=version.statement, base=base, **words)


def test_saving_makes_the_next_version_and_remembers_every_writer(cast: Cast) -> None:
    first = write_statement(cast)
    assert first.body == WORDS["body"].replace("{{started_at_utc}}", "{{ started_at_utc }}")
    second = again(cast, first, by="comms2", body="New words.")
    first.refresh_from_db()
    assert (first.state, second.number, second.state) == ("retired", 2, "draft")
    assert set(HoldingContributor.objects.values_list("user__username", flat=True)) == {"comms", "comms2"}
    assert audit_types(f"holding:{first.statement.public_id}") == ["holding.saved", "holding.saved"]


def test_the_same_words_make_no_version_except_to_renew_an_approval(cast: Cast) -> None:
    draft = write_statement(cast)
    assert again(cast, draft, renew=True) == draft
    approve_statement(cast, draft)
    assert again(cast, draft).number == 1
    renewed = again(cast, draft, renew=True)
    assert (renewed.number, renewed.content_hash, renewed.state) == (2, draft.content_hash, "draft")


def test_saving_over_somebody_elses_version_is_refused(cast: Cast) -> None:
    first = write_statement(cast)
    again(cast, first, by="comms2", body="Theirs.")
    with pytest.raises(StaleRevision, match="Version 2"):
        again(cast, first, body="Mine.")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"key": "Not a key"}, "key"),
        ({"name": " "}, "name"),
        ({"scenario": "weather"}, "scenario"),
        ({"audience_key": "nobody"}, "audience"),
        ({"language": "english"}, "language"),
        ({"title": ""}, "title"),
        ({"title": "{{ severity }}"}, "title"),
        ({"body": "{{ cause }}"}, "body"),
        ({"body": "a\x00b"}, "body"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_field(cast: Cast, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        write_statement(cast, **changes)
    assert field in refused.value.fields


def test_a_key_is_given_once(cast: Cast) -> None:
    write_statement(cast)
    with pytest.raises(Conflict, match="Another statement"):
        write_statement(cast)


@pytest.mark.parametrize("name", ["outsider", "responder", "techlead", "legal", "auditor"])
def test_writing_takes_the_permission(cast: Cast, name: str) -> None:
    version = write_statement(cast)
    with pytest.raises(Forbidden):
        write_statement(cast, by=name, key="mine")
    with pytest.raises(Forbidden):
        again(cast, version, by=name, body="Mine.")
    with pytest.raises(Forbidden):
        retire_statement(actor=cast.actor(name), now=NOW, statement=version.statement, number=1)


def test_what_is_in_force_can_be_taken_out_of_force_once(cast: Cast) -> None:
    version = approved_statement(cast)
    retire_statement(actor=cast.actor("comms"), now=NOW, statement=version.statement, number=1)
    with pytest.raises(Conflict):
        retire_statement(actor=cast.actor("comms"), now=NOW, statement=version.statement, number=1)


@pytest.mark.parametrize(("days", "standing"), [(0, "approved"), (75, "approved"), (76, "expiring"), (90, "expired")])
def test_a_statement_stands_by_the_clock(cast: Cast, days: int, standing: str) -> None:
    version = approved_statement(cast)
    (view,) = statement_views([version.statement], NOW + timedelta(days=days))
    assert view.standing == standing


def test_the_reminder_comes_a_fortnight_before_and_once(cast: Cast) -> None:
    version = approved_statement(cast)
    assert remind_of_expiry(now=NOW + timedelta(days=76) - timedelta(seconds=1)) == 0
    assert remind_of_expiry(now=NOW + timedelta(days=76)) == 1
    assert remind_of_expiry(now=NOW + timedelta(days=77)) == 0
    message = Message.objects.get(source_key=f"holding-expiry:{version.pk}")
    told = set(Delivery.objects.filter(message=message).values_list("user__username", flat=True))
    assert {"comms", "comms2", "commander"} <= told
    assert "outsider" not in told
    assert "expires soon" in message.wording[""]["title"]


def test_one_broken_statement_keeps_no_other_quiet(cast: Cast) -> None:
    broken, well = approved_statement(cast), approved_statement(cast, key="other")
    with failing(HoldingStatementExpiring, where=lambda event: event.version_id == broken.pk):
        assert remind_of_expiry(now=NOW + timedelta(days=76)) == 1
    assert list(HoldingStatementVersion.objects.filter(expiry_told_at__isnull=False)) == [well]
    assert remind_of_expiry(now=NOW + timedelta(days=76)) == 1


def test_after_an_outage_one_reminder_says_that_it_has_expired(cast: Cast) -> None:
    version = approved_statement(cast)
    assert remind_of_expiry(now=NOW + timedelta(days=100)) == 1
    assert "has expired" in Message.objects.get(source_key=f"holding-expiry:{version.pk}").wording[""]["title"]


def test_what_is_shipped_is_a_draft(cast: Cast) -> None:
    shipped = HoldingStatementVersion.objects.filter(author__isnull=True)
    assert shipped.count() == 3
    assert {version.state for version in shipped} == {"draft"}


def change(version: HoldingStatementVersion, **fields: Any) -> None:
    HoldingStatementVersion.objects.filter(pk=version.pk).update(**fields)


def test_a_version_keeps_its_words_in_the_database(cast: Cast) -> None:
    version = write_statement(cast)
    for fields in ({"title": "Other"}, {"body": "Other"}, {"content_hash": "0" * 64}, {"number": 7}):
        with Refusal("templates_holding_no_change"):
            change(version, **fields)
    with Refusal("templates_holding_no_change"):
        sql(f"DELETE FROM templates_holdingstatementversion WHERE id = {version.pk}")  # noqa: S608 - a number
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with Refusal("templates_holding_no_truncate"):
        sql("TRUNCATE templates_holdingstatementversion CASCADE")


def test_a_version_moves_one_way_in_the_database(cast: Cast) -> None:
    version = approved_statement(cast)
    with Refusal("templates_holding_moves"):
        change(version, state="draft")
    change(version, state="retired")
    with Refusal("templates_holding_moves"):
        change(version, state="approved")
    with Refusal("templates_holding_begins_as_draft"):
        version.statement.versions.create(
            number=9, title="t", body="b", content_hash="0" * 64, created_at=NOW, state="retired", retired_at=NOW
        )


def test_an_expiry_is_given_with_the_request_stays_and_lies_near(cast: Cast) -> None:
    version = write_statement(cast)
    with Refusal("templates_holding_has_expiry"):
        change(version, state="in_review")
    with Refusal("templates_holding_expires_in_time"):
        change(version, state="in_review", requested_at=NOW, expires_at=NOW + timedelta(days=181))
    with Refusal("templates_holding_expires_in_time"):
        change(version, state="in_review", requested_at=NOW, expires_at=NOW)
    change(version, state="in_review", requested_at=NOW, expires_at=NOW + timedelta(days=180))
    with Refusal("templates_holding_no_change"):
        change(version, expires_at=NOW + timedelta(days=179))


def test_one_version_is_made_at_a_time_and_one_is_in_force(cast: Cast) -> None:
    version = write_statement(cast)
    words = {"title": "t", "body": "b", "content_hash": "0" * 64, "created_at": NOW}
    with Refusal("templates_one_holding_in_the_making"):
        version.statement.versions.create(number=2, **words)
    with Refusal("templates_holding_version_once"):
        version.statement.versions.create(number=1, state="draft", **words)


def test_a_reminder_is_told_once_in_the_database(cast: Cast) -> None:
    version = approved_statement(cast)
    change(version, expiry_told_at=NOW)
    with Refusal("templates_holding_no_change"):
        change(version, expiry_told_at=None)


def test_a_statement_keeps_what_it_is_for(cast: Cast) -> None:
    version = write_statement(cast)
    for fields in ({"audience_key": "internal"}, {"scenario": "slow"}, {"language": "de"}, {"key": "other"}):
        with Refusal("templates_holding_keeps_place"):
            HoldingStatement.objects.filter(pk=version.statement_id).update(**fields)
    HoldingStatement.objects.filter(pk=version.statement_id).update(name="A better name")


def test_a_writer_is_never_forgotten(cast: Cast) -> None:
    write_statement(cast)
    with Refusal("templates_holding_contributor_kept"):
        HoldingContributor.objects.all().delete()
    with Refusal("templates_holding_contributor_kept"):
        HoldingContributor.objects.update(user=cast.comms2)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with Refusal("templates_holding_contributor_no_truncate"):
        sql("TRUNCATE templates_holdingcontributor")


def test_saved_rules_stay_and_ask_for_something(cast: Cast) -> None:
    rule = RuleInput("network", ("eu",), "network-monitoring-customers")
    saved = save_rules(actor=cast.actor("comms"), now=NOW, rules=[rule])
    assert saved is not None
    row = saved.rules.get()
    with Refusal("templates_rule_asks_something"):
        TemplateRule.objects.create(rule_set=saved, position=2, category="", tags=[], template=row.template)
    with Refusal("templates_rule_position_once"):
        TemplateRule.objects.create(rule_set=saved, position=1, category="network", template=row.template)
    for table in ("templates_templaterule", "templates_templateruleset"):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            sql(f"UPDATE {table} SET id = id")  # noqa: S608 - names of our own
