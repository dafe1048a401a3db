"""Revisions: one after the other, never overwritten, never forgotten."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from core.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleRevision
from incidents.models import Update, UpdateContributor, UpdateRevision
from incidents.rules.content import Content, Wording
from incidents.rules.content_edit import ContentEdit
from incidents.rules.words import UPDATE_MOVES, UpdateState
from incidents.services import revise_update, set_update_state
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident, make_update
from tests.support.log import audit_types

pytestmark = pytest.mark.django_db


def content_of(update: Update) -> Content:
    update.refresh_from_db()
    assert update.current is not None
    return update.current.parsed()


def worded(content: Content, body: str) -> Content:
    return replace(content, wording=content.wording | {"customers": {"en": Wording("Checkout is failing", body)}})


def test_an_edit_makes_the_next_revision_and_remembers_who_wrote(cast: Cast) -> None:
    update = make_update(actor=cast.actor("commander"))
    revision = revise_update(
        actor=cast.actor("comms"), now=NOW, update_id=update.pk, base_revision=1, content=worded(content_of(update), "New words.")
    )
    assert (revision.number, revision.author) == (2, cast.comms)
    assert set(update.contributors.values_list("user__username", flat=True)) == {"commander", "comms"}
    assert audit_types(f"update:{update.public_id}") == ["update.started", "update.revised", "update.revised"]


def test_an_older_tab_is_told_and_overwrites_nothing(cast: Cast) -> None:
    update = make_update()
    start = content_of(update)
    revise_update(actor=cast.actor("comms"), now=NOW, update_id=update.pk, base_revision=1, content=worded(start, "First tab."))
    with pytest.raises(StaleRevision, match="Revision 2 is newer than 1"):
        revise_update(actor=cast.actor("comms"), now=NOW, update_id=update.pk, base_revision=1, content=worded(start, "Second tab."))
    assert content_of(update).wording["customers"]["en"].body == "First tab."


def test_saving_the_same_words_again_is_harmless(cast: Cast) -> None:
    update = make_update()
    content = worded(content_of(update), "Once.")
    for _ in range(2):
        revision = revise_update(actor=cast.actor("comms"), now=NOW, update_id=update.pk, base_revision=1, content=content)
        assert revision.number == 2


@pytest.mark.parametrize("state", [UpdateState.IN_REVIEW, UpdateState.APPROVED])
def test_an_edit_brings_an_update_back_to_draft(cast: Cast, state: UpdateState) -> None:
    update = make_update()
    for step in (UpdateState.IN_REVIEW, UpdateState.APPROVED):
        set_update_state(actor=cast.system(), now=NOW, update=update, to=step)
        if step is state:
            break
    revise_update(actor=cast.actor("comms"), now=NOW, update_id=update.pk, base_revision=1, content=worded(content_of(update), "Changed."))
    update.refresh_from_db()
    assert update.state == "draft"
    assert audit_types(f"update:{update.public_id}")[-2:] == ["update.revised", "update.moved"]


def test_empty_words_are_kept_and_impossible_ones_refused(cast: Cast) -> None:
    update = make_update()
    emptied = worded(content_of(update), "")
    assert revise_update(actor=cast.actor("comms"), now=NOW, update_id=update.pk, base_revision=1, content=emptied).number == 2
    with pytest.raises(InvalidInput):
        revise_update(actor=cast.actor("comms"), now=NOW, update_id=update.pk, base_revision=2, content=worded(emptied, "x" * 20_001))


@pytest.mark.parametrize("name", ["outsider", "auditor", "legal"])
def test_who_may_not_write_changes_nothing(cast: Cast, name: str) -> None:
    update = make_update()
    with pytest.raises((Forbidden, NotFound)):
        revise_update(actor=cast.actor(name), now=NOW, update_id=update.pk, base_revision=1, content=worded(content_of(update), "x"))
    assert update.revisions.count() == 1


def test_a_hidden_update_is_missing(cast: Cast) -> None:
    update = make_update(incident=make_incident(restricted=True))
    for update_id in (update.pk, 0):
        with pytest.raises(NotFound, match=r"^Not found\.$"):
            revise_update(actor=cast.actor("comms"), now=NOW, update_id=update_id, base_revision=1, content=content_of(update))


def test_the_database_refuses_to_change_what_was_written() -> None:
    update = make_update()
    other = make_update()
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        UpdateRevision.objects.filter(update_of=update).update(author_ref="someone")
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM incidents_updaterevision")
    with pytest.raises(IntegrityError, match="belongs to another"), transaction.atomic():
        Update.objects.filter(pk=update.pk).update(current=other.current)


def test_the_database_forgets_no_contributor(cast: Cast) -> None:
    update = make_update(actor=cast.actor("commander"))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with pending checks cannot be truncated anyway
    for change in (
        "DELETE FROM incidents_updatecontributor",
        "UPDATE incidents_updatecontributor SET user_id = (SELECT id FROM accounts_user WHERE username = 'comms')",
        "TRUNCATE incidents_updatecontributor",
    ):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    assert UpdateContributor.objects.get(update_of=update).user == cast.commander


class Editing(RuleBasedStateMachine):
    """Three tabs edit one update, people move it along, and a model says what must come of it."""

    cast: Cast

    @initialize()
    def start(self) -> None:
        self.update = make_update()
        self.start_content = content_of(self.update)
        self.bodies = [self.start_content.wording["customers"]["en"].body]
        self.state = UpdateState.DRAFT
        self.tabs = {"comms": 1, "techlead": 1, "commander": 1}
        self.wrote: set[str] = set()

    @rule(name=st.sampled_from(["comms", "techlead", "commander"]))
    def load(self, name: str) -> None:
        self.tabs[name] = len(self.bodies)

    @rule(name=st.sampled_from(["comms", "techlead", "commander"]), body=st.sampled_from(["One.", "Two.", "Three.", ""]))
    def save(self, name: str, body: str) -> None:
        actor, base, content = self.cast.actor(name), self.tabs[name], worded(self.start_content, body)
        closed = self.state in {UpdateState.RELEASED, UpdateState.WITHDRAWN}
        try:
            revision = revise_update(actor=actor, now=NOW, update_id=self.update.pk, base_revision=base, content=content)
        except StaleRevision:
            assert base != len(self.bodies)
            assert body != self.bodies[-1]
            return
        except Conflict:
            assert closed
            return
        if body == self.bodies[-1]:
            assert revision.number == len(self.bodies)
            return
        assert base == len(self.bodies)
        assert not closed
        self.bodies.append(body)
        self.tabs[name] = revision.number
        self.wrote.add(name)
        self.state = UpdateState.DRAFT
        assert revision.number == len(self.bodies)

    @rule(to=st.sampled_from([UpdateState.DRAFT, UpdateState.IN_REVIEW, UpdateState.APPROVED]))
    def move(self, to: UpdateState) -> None:
        self._move(to)

    @precondition(lambda self: len(self.bodies) > 3)
    @rule()
    def withdraw(self) -> None:
        self._move(UpdateState.WITHDRAWN)

    @precondition(lambda self: self.state is UpdateState.APPROVED)
    @rule()
    def call_it_released(self) -> None:
        """Without a release: the room above keeps it from being said (`approvals_released_has_release`)."""
        with pytest.raises(IntegrityError, match="is released exactly when"):
            set_update_state(actor=self.cast.system(), now=NOW, update=self.update, to=UpdateState.RELEASED)

    def _move(self, to: UpdateState) -> None:
        if to in UPDATE_MOVES[self.state]:
            set_update_state(actor=self.cast.system(), now=NOW, update=self.update, to=to)
            self.state = to
            return
        with pytest.raises(Conflict):
            set_update_state(actor=self.cast.system(), now=NOW, update=self.update, to=to)

    @invariant()
    def the_record_is_whole(self) -> None:
        update = Update.objects.get(pk=self.update.pk)
        revisions = list(update.revisions.order_by("number"))
        assert [revision.number for revision in revisions] == list(range(1, len(self.bodies) + 1))
        assert [revision.parsed().wording["customers"]["en"].body for revision in revisions] == self.bodies
        assert all(revision.content_hash == revision.parsed().hash() for revision in revisions)
        assert update.current == revisions[-1]
        assert update.state == self.state
        assert set(update.contributors.values_list("user__username", flat=True)) == self.wrote
        assert audit_types(f"update:{update.public_id}").count("update.revised") == len(self.bodies)


def test_whatever_three_tabs_do_nothing_is_lost_and_nothing_is_overwritten(cast: Cast) -> None:
    Editing.cast = cast
    run_state_machine_as_test(Editing, settings=settings(max_examples=12, stateful_step_count=14, deadline=None))


def test_an_edit_keeps_what_it_does_not_name() -> None:
    content = Content(status="investigating", impact="minor", audiences=("customers",), wording={"customers": {"en": Wording("a", "b")}})
    assert ContentEdit().apply(content) == content
    assert ContentEdit(next_update_minutes=5).apply(content) == replace(content, next_update_minutes=5)
