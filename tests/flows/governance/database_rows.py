"""The rows that the world over the database is read from, and what must be so of them after each step."""

from collections.abc import Callable
from typing import Any

from django.db import connection

from accounts.actors import Actor, person, program
from accounts.models import User
from accounts.rules.scopes import Scope
from approvals.models import Release
from audit.models import Entry
from audit.services.verify import verify_log
from core.errors import DomainError
from incidents.models import Incident, Update
from incidents.queries import open_promises
from incidents.rules.content import Content
from tests.flows.governance.model import Model
from tests.flows.governance.model_rows import Words
from tests.flows.governance.seeing import Seen, content_of, words_of
from tests.flows.governance.stage import Stage
from tests.flows.governance.standing import check_release
from tests.flows.governance.worlds import LAWS
from tests.support.cast import TRAINED

# Rows of these are added and never taken away.
HISTORY = [
    "approvals_reviewround",
    "approvals_reviewslot",
    "approvals_review",
    "approvals_carriedreview",
    "approvals_dispute",
    "approvals_ruling",
    "approvals_override",
    "approvals_release",
    "approvals_releasehold",
    "approvals_releaseschedule",
    "incidents_update",
    "incidents_updaterevision",
    "incidents_updatecontributor",
    "audit_entry",
]
COUNTS = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in HISTORY)  # noqa: S608 - names of ours


class Rows:
    """One incident of the stage, with its updates."""

    def __init__(self, stage: Stage, model: Model, kind: str) -> None:
        self.stage, self.now = stage, model.now
        self.statement = stage.statements[model.statement_legal]
        update = stage.drafts[LAWS.index(model.law), kind]
        self.incident, self.updates = update.incident, [update.pk]
        self.counts = self._counts()
        self.checked: set[int] = set()

    @property
    def update(self) -> int:
        """The newest update that the acts are about."""
        return self.updates[-1]

    def _actor(self, account: str, *, proved: bool) -> Actor:
        at = self.now if proved else None
        return person(User.objects.get(pk=self.stage.users[account].pk), stepped_up_at=at, second_factor_at=at, second_factor_since=TRAINED)

    def _program(self, account: str) -> Actor:
        """A token with every scope."""
        return program(User.objects.get(pk=self.stage.users[account].pk), scopes=frozenset(Scope), token="walk")

    def _current(self) -> Any:
        current = Update.objects.select_related("current").get(pk=self.update).current
        assert current is not None
        return current

    def _number(self, *, stale: bool) -> int:
        return int(self._current().number) - stale

    def _content(self, words: Words) -> Content:
        old: Content = self._current().parsed()
        return content_of(words, old)

    def _counts(self) -> tuple[int, ...]:
        with connection.cursor() as cursor:
            cursor.execute(COUNTS)
            row: tuple[int, ...] = cursor.fetchone()
        return row

    def _done(self, act: Callable[[], object], *, says: bool = True) -> bool:
        """Done leaves entries in the log; refused leaves nothing at all behind."""
        size = Entry.objects.count()
        try:
            act()
        except DomainError:
            assert Entry.objects.count() == size, "a refusal left an entry"
            return False
        assert Entry.objects.count() > size or not says, "an act left no entry"
        return True

    def sights(self) -> list[Seen]:
        found = Update.objects.select_related("current", "release__revision").in_bulk(self.updates)
        return [_seen_of(found[pk]) for pk in self.updates]

    def check(self, model: Model) -> None:
        """No row of the history is lost, and each release stands on what the rows themselves say."""
        before, self.counts = self.counts, self._counts()
        assert all(old <= new for old, new in zip(before, self.counts, strict=True)), dict(zip(HISTORY, self.counts, strict=True))
        ours = Release.objects.filter(update_of__incident=self.incident)
        assert ours.count() == model.statements_out + sum(doc.out is not None for doc in model.docs)
        for release in ours.exclude(pk__in=self.checked).select_related("revision", "update_of", "round"):
            check_release(release)
            self.checked.add(release.pk)
        now = Incident.objects.get(pk=self.incident.pk)
        assert {flag for flag in ("data_breach", "regulated_system") if getattr(now, flag)} == model.flags
        assert now.restricted == model.restricted
        running = [(sorted(one.untold), one.due_at, one.made_by_id is None) for one in open_promises(now)]
        assert sorted(running) == sorted((sorted(one.untold), one.due, one.first) for one in model.promises)

    def check_at_the_end(self) -> None:
        """The log holds, and so do the constraints that wait for the end of the transaction."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        assert verify_log().bad_index is None


def _seen_of(update: Update) -> Seen:
    release = getattr(update, "release", None)
    assert update.current is not None
    return Seen(update.state, words_of(update.current.content), words_of(release.revision.content) if release else None)
