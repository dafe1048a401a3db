"""The queues and an override's list take as many queries for twenty as for one, and say the same as asking one by one."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from guardian.shortcuts import assign_perm

from accounts.actors import person
from accounts.models import RoleAssignment, User
from accounts.rules.roles import Role
from approvals.queries import review_blockers, review_queue
from approvals.queries.responsible import responsible_for
from approvals.queries.statement_queue import statement_queue
from approvals.queries.statements import statement_blockers
from incidents.models import Incident
from incidents.queries.seeing import who_sees
from templates.services import save_statement
from tests.approvals.acts import ask, draft, edit, say
from tests.support.cast import NOW, PEOPLE, Cast
from tests.support.factories import make_incident
from tests.support.holding import ask_for_review, say_of, write_statement

pytestmark = pytest.mark.django_db
READERS = ("techlead", "comms", "comms2", "legal", "commander")


def counted(read: object, *arguments: object, **named: object) -> int:
    assert callable(read)
    with CaptureQueriesContext(connection) as queries:
        read(*arguments, **named)
    return len(queries)


def some_rounds(cast: Cast, count: int) -> None:
    """Rounds of every shape: untouched, half given, carried over to another, asked for by a reviewer."""
    for index in range(count):
        update = draft(cast, by="comms" if index % 3 == 2 else "commander")
        ask(cast, update, by="comms" if index % 3 == 2 else "commander")
        if index % 3 == 1:
            say(cast, update, "technical")
            say(cast, update, "communications", "request_changes", comment="Shorter.", by="comms2")
            ask(cast, update)
        if index % 4 == 3:
            edit(cast, update, by="techlead")
            ask(cast, update)


def some_statements(cast: Cast, count: int) -> None:
    for index in range(count):
        version = write_statement(cast, key=f"s-{index}", name=f"Statement {index}")
        if index % 2:
            version = save_statement(actor=cast.actor("comms2"), now=NOW, statement=version.statement, title="T", body="Words.", base=1)
        ask_for_review(cast, version)
        if index % 3 == 0:
            say_of(cast, version, "technical")


def test_the_queue_of_updates_takes_the_same_few_queries_however_long(cast: Cast) -> None:
    some_rounds(cast, 1)
    actor = cast.actor("techlead")
    one = counted(review_queue, actor, NOW)
    some_rounds(cast, 12)
    assert len(review_queue(actor, NOW)) >= 20
    assert counted(review_queue, actor, NOW) <= one <= 18


def test_the_queue_of_statements_takes_the_same_few_queries_however_long(cast: Cast) -> None:
    some_statements(cast, 1)
    actor = cast.actor("comms2")
    one = counted(statement_queue, actor, NOW)
    some_statements_later(cast)
    assert len(statement_queue(actor, NOW)) >= 14
    assert counted(statement_queue, actor, NOW) <= one <= 16


def some_statements_later(cast: Cast) -> None:
    for index in range(1, 9):
        version = write_statement(cast, key=f"t-{index}", name=f"Later {index}")
        ask_for_review(cast, version)


@pytest.mark.parametrize("name", READERS)
def test_both_queues_say_what_asking_one_by_one_says(cast: Cast, name: str) -> None:
    RoleAssignment.objects.create(user=cast.comms2, role=Role.TECHNICAL_LEAD)
    some_rounds(cast, 8)
    some_statements(cast, 6)
    actor = cast.actor(name)
    for item in review_queue(actor, NOW):
        assert list(item.reasons) == review_blockers(actor=actor, update=item.update, kind=item.slot.kind, at=NOW)
    for line in statement_queue(actor, NOW):
        assert list(line.reasons) == statement_blockers(actor=actor, version=line.version, kind=line.slot.kind, at=NOW)


def test_whom_an_override_tells_is_read_for_everybody_at_once(cast: Cast) -> None:
    update = draft(cast)
    review_round = ask(cast, update)
    few = counted(responsible_for, update, review_round, now=NOW)
    users = User.objects.bulk_create(User(username=f"legal{index}", email=f"legal{index}@example.com") for index in range(20))
    RoleAssignment.objects.bulk_create(RoleAssignment(user=user, role=Role.LEGAL) for user in users)
    assert len(responsible_for(update, review_round, now=NOW)) > 20
    assert counted(responsible_for, update, review_round, now=NOW) <= few


@pytest.mark.parametrize("restricted", [False, True])
def test_who_sees_an_incident_is_what_each_would_see(cast: Cast, restricted: bool) -> None:
    incident = make_incident(actor=cast.actor("commander"))
    Incident.objects.filter(pk=incident.pk).update(restricted=restricted)
    incident.refresh_from_db()
    group = Group.objects.create(name="team:x")
    cast.pr.groups.add(group)
    assign_perm("incidents.view_incident", cast.legal, incident)
    assign_perm("incidents.view_incident", cast.outsider, incident)
    assign_perm("incidents.view_incident", group, incident)
    User.objects.filter(pk=cast.comms.pk).update(is_active=False)
    users = list(User.objects.filter(username__in=PEOPLE))
    each = {user.pk for user in users if Incident.objects.visible_to(person(user)).filter(pk=incident.pk).exists()}
    assert who_sees(users, incident) == each
    assert counted(who_sees, users, incident) <= 3
