"""The world of the real services over PostgreSQL. Each example runs behind a savepoint and is rolled back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts.actors import Actor, person
from accounts.models import Absence, RoleAssignment, TrainingRecord, User
from accounts.rules.training import Source
from accounts.services.persons import link_accounts
from approvals.models import Dispute, HoldingUse, Override, Release, ReleaseHold, Review, ReviewRound
from approvals.services import (
    claim_due_disputes,
    claim_ratification_steps,
    decide_ratification,
    dispute_passage,
    give_verdict,
    hold_incident,
    hold_update,
    lift_hold,
    override_release,
    release_holding,
    release_update,
    request_review,
    rule_dispute,
    run_due_schedules,
    run_slot_steps,
    start_correction,
    withdraw_dispute,
    withdraw_update,
)
from audit.models import Entry
from audit.services.verify import verify_log
from core.errors import DomainError
from incidents.models import Incident, Update, UpdateContributor
from incidents.rules.content import Content
from incidents.services import change_incident, revise_update, start_update
from policies.queries import active_policy
from templates.models import HoldingStatementVersion
from tests.flows.governance.machine import ACCOUNTS, LAWS
from tests.flows.governance.model import Model
from tests.flows.governance.model_rows import Law, Words
from tests.flows.governance.seeing import Seen, content_of, words_of
from tests.support.cast import NOW, TRAINED, TRAINED_UNTIL, Cast
from tests.support.factories import CUSTOMER_WORDS, INTERNAL_WORDS, make_incident
from tests.support.holding import approved_statement, seen_of
from tests.support.policies import put_in_force

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
HOUR = timedelta(hours=1)


class Stage:
    """What all examples begin with: the people, four laws chosen by an incident's tag, two approved statements."""

    def __init__(self) -> None:
        self.cast = Cast()
        self.users: dict[str, User] = {name: self.cast.user(name) for name in ACCOUNTS if name != "double"}
        double = User.objects.create(username="double", email="techlead.private@example.net", date_joined=NOW)
        RoleAssignment.objects.bulk_create(RoleAssignment(user=double, role=role) for role in ACCOUNTS["double"])
        for kind in ("communications", "legal"):
            TrainingRecord.objects.create(user=double, duty=kind, source=Source.COURSE, at=TRAINED, valid_until=TRAINED_UNTIL)
        link_accounts(actor=self.cast.actor("admin"), now=NOW, user=self.users["techlead"], other=double, reason="They told us.")
        self.users["double"] = double
        otherwise = active_policy().rules[-1]
        put_in_force(self.cast, [*(_rule(number, law) for number, law in enumerate(LAWS)), otherwise])
        early = NOW - HOUR
        self.statements: dict[bool, HoldingStatementVersion] = {
            legal: approved_statement(
                self.cast,
                now=early,
                valid_for=HOUR + timedelta(minutes=45),
                key="statement-legal" if legal else "statement-plain",
                scenario="data_breach" if legal else "disruption",
                title="We are looking into it",
                body="As of {{ now_utc }} we know no more.",
            )
            for legal in (False, True)
        }
        self.drafts = {(number, kind): self._draft(number, kind) for number in range(len(LAWS)) for kind in ("update", "drill")}

    def _draft(self, law: int, kind: str) -> Update:
        """By the commander, for customers and colleagues, on an incident of its own under that law."""
        commander = self.cast.actor("commander")
        incident = make_incident(actor=commander, tags=[f"law-{law}"])
        return start_update(
            actor=commander, now=NOW, incident=incident, status="investigating", variants=[CUSTOMER_WORDS, INTERNAL_WORDS], kind=kind
        )


def _rule(number: int, law: Law) -> dict[str, Any]:
    return {
        "key": f"law-{number}",
        "words": f"Incidents under law {number}.",
        "when": {"tags": [f"law-{number}"]},
        "then": {
            "outcome": "optional",
            "cadence": {"investigating": 15},
            "reviews": [{"kind": kind, "window_minutes": minutes} for kind, minutes in law.windows],
            "audiences": ["customers", "internal"],
            "publishes_watching": False,
            "training_required": law.training_required,
            "forbidden_channels": list(law.forbidden),
            "embargo": {"minutes_after_opening": law.embargo, "until": None, "audiences": []} if law.embargo else None,
            "override_fills_legal": law.override_fills_legal,
        },
    }


@contextmanager
def rolled_back() -> Iterator[None]:
    """A savepoint that is never kept."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Database:
    """The world."""

    def __init__(self, stage: Stage, model: Model, kind: str, words: Words) -> None:
        self.stage, self.now = stage, model.now
        self.statement = stage.statements[model.statement_legal]
        update = stage.drafts[LAWS.index(model.law), kind]
        self.incident, self.updates = update.incident, [update.pk]
        if self._current().parsed() != self._content(words):
            self.edit("commander", words, stale=False)
        self.counts = self._counts()
        self.checked: set[int] = set()

    # Reading.

    @property
    def update(self) -> int:
        """The newest update that the acts are about."""
        return self.updates[-1]

    def _actor(self, account: str, *, proved: bool) -> Actor:
        at = self.now if proved else None
        return person(User.objects.get(pk=self.stage.users[account].pk), stepped_up_at=at, second_factor_at=at, second_factor_since=TRAINED)

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

    # Acting.

    def edit(self, account: str, words: Words, *, stale: bool) -> bool:
        content = self._content(words)
        says = content.hash() != self._current().content_hash
        base = self._number(stale=stale)
        actor = self._actor(account, proved=True)
        return self._done(
            lambda: revise_update(actor=actor, now=self.now, update_id=self.update, base_revision=base, content=content), says=says
        )

    def ask(self, account: str, *, proved: bool, stale: bool) -> bool:
        actor, revision = self._actor(account, proved=proved), self._number(stale=stale)
        return self._done(lambda: request_review(actor=actor, now=self.now, update_id=self.update, revision=revision))

    def judge(self, account: str, kind: str, *, agrees: bool, proved: bool, stale: bool) -> bool:
        actor, revision = self._actor(account, proved=proved), self._number(stale=stale)
        verdict = "approve" if agrees else "request_changes"
        return self._done(
            lambda: give_verdict(
                actor=actor, now=self.now, update_id=self.update, kind=kind, verdict=verdict, revision=revision, comment="Plainer."
            )
        )

    def dispute(self, account: str, kind: str, sentence: str, *, proved: bool) -> bool:
        actor, revision = self._actor(account, proved=proved), self._number(stale=False)
        return self._done(
            lambda: dispute_passage(
                actor=actor,
                now=self.now,
                update_id=self.update,
                kind=kind,
                revision=revision,
                audience="customers",
                language="en",
                field="body",
                quote=sentence,
                reason="Not so.",
            )
        )

    def _dispute(self, sentence: str) -> int:
        return Dispute.objects.get(update_of=self.update, state="open", quote=sentence).pk

    def rule(self, account: str, sentence: str, ruling: str, words: str, *, proved: bool, stale: bool) -> bool:
        actor, revision, dispute = self._actor(account, proved=proved), self._number(stale=stale), self._dispute(sentence)
        return self._done(
            lambda: rule_dispute(
                actor=actor, now=self.now, dispute_id=dispute, ruling=ruling, revision=revision, reason="Because.", words=words
            )
        )

    def take_back(self, account: str, sentence: str, *, proved: bool) -> bool:
        actor, dispute = self._actor(account, proved=proved), self._dispute(sentence)
        return self._done(lambda: withdraw_dispute(actor=actor, now=self.now, dispute_id=dispute))

    def override(self, account: str, *, proved: bool, stale: bool) -> bool:
        actor, revision = self._actor(account, proved=proved), self._number(stale=stale)
        return self._done(
            lambda: override_release(actor=actor, now=self.now, update_id=self.update, revision=revision, reason="Nobody answers.")
        )

    def decide(self, account: str, doc: int, *, ratify: bool, proved: bool) -> bool:
        actor, found = self._actor(account, proved=proved), Override.objects.get(update_of=self.updates[doc])
        act = lambda: decide_ratification(actor=actor, now=self.now, override_id=found.pk, ratify=ratify, reason="So.")  # noqa: E731 - one act
        done = self._done(act)
        found.refresh_from_db()
        if done and found.correction_id and found.correction_id not in self.updates:
            self.updates.append(found.correction_id)
        return done

    def hold(self, account: str, *, whole: bool, lift: bool, proved: bool) -> bool:
        actor = self._actor(account, proved=proved)
        if lift:
            subject = {"incident": self.incident} if whole else {"update_of": self.update}
            hold = ReleaseHold.objects.get(lifted_at=None, **subject)
            return self._done(lambda: lift_hold(actor=actor, now=self.now, hold_id=hold.public_id, reason="Go."))
        if whole:
            return self._done(lambda: hold_incident(actor=actor, now=self.now, incident_id=self.incident.pk, reason="Wait."))
        return self._done(lambda: hold_update(actor=actor, now=self.now, update_id=self.update, reason="Wait."))

    def release(self, account: str, at: datetime | None, *, proved: bool, stale: bool) -> bool:
        actor, revision = self._actor(account, proved=proved), self._number(stale=stale)
        return self._done(lambda: release_update(actor=actor, now=self.now, update_id=self.update, revision=revision, at=at))

    def correct(self, account: str) -> bool:
        actor = self._actor(account, proved=True)
        return self._done(
            lambda: self.updates.append(start_correction(actor=actor, now=self.now, update_id=self.update, kind="correction").pk)
        )

    def withdraw(self, account: str) -> bool:
        actor = self._actor(account, proved=True)
        return self._done(lambda: withdraw_update(actor=actor, now=self.now, update_id=self.update))

    def say_statement(self, account: str, *, proved: bool) -> bool:
        actor, version = self._actor(account, proved=proved), self.statement
        seen = seen_of(self.incident, version, now=self.now)
        names = [version.statement.public_id]
        return self._done(lambda: release_holding(actor=actor, now=self.now, incident_id=self.incident.pk, statements=names, seen=seen))

    def flag(self, account: str, *, on: bool) -> None:
        actor = self._actor(account, proved=True)
        try:
            change_incident(actor=actor, now=self.now, incident_id=self.incident.pk, data_breach=on, reason="Looked into.")
        except DomainError:
            return

    def give_roles(self, account: str, roles: set[str]) -> None:
        user = self.stage.users[account]
        RoleAssignment.objects.filter(user=user).delete()
        RoleAssignment.objects.bulk_create(RoleAssignment(user=user, role=role) for role in roles)

    def send_away(self, account: str, until: datetime) -> None:
        # As they say themselves: what others enter about them after the request opens no override.
        user = self.stage.users[account]
        Absence.objects.create(user=user, starts_at=self.now, ends_at=until, recorded_by=user, made_at=self.now)

    def clock(self, now: datetime) -> None:
        """Every clock of the room; what was told or let go once is not again."""
        self.now = now
        ticks = (run_due_schedules, run_slot_steps, claim_due_disputes, claim_ratification_steps)
        for tick in ticks:
            tick(now=now)
        assert [tick(now=now) for tick in ticks] == [0, 0, 0, 0]

    # Looking.

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
        assert Incident.objects.get(pk=self.incident.pk).data_breach == model.flagged

    def check_at_the_end(self) -> None:
        """The log holds, and so do the constraints that wait for the end of the transaction."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        assert verify_log().bad_index is None


def check_release(release: Release) -> None:
    """Its words are those of the revision; on them stand a review of every kind asked for, an override, or statements."""
    assert release.content_hash == release.revision.content_hash == release.revision.parsed().hash()
    assert release.update_of.kind != "drill"
    assert release.update_of.current_id == release.revision_id
    if release.round is None:
        uses = HoldingUse.objects.filter(revision=release.revision).select_related("version")
        assert uses
        for use in uses:
            assert use.version.state == "approved"
            assert use.version.expires_at is not None
            assert use.version.expires_at > release.released_at
        return
    wrote = {row.user.person for row in UpdateContributor.objects.filter(update_of=release.update_of).select_related("user")}
    approvals = _approvals(release.round, release.content_hash)
    people = [reviewer.person for reviewer in approvals.values()]
    assert len(set(people)) == len(people)
    assert not set(people) & wrote
    missing = set(release.round.slots.values_list("kind", flat=True)) - set(approvals)
    if release.overridden:
        override = Override.objects.get(update_of=release.update_of)
        assert override.content_hash == release.content_hash
        assert release.released_at - override.second_factor_at <= timedelta(minutes=5)
        assert override.by.person not in wrote | set(people)
        assert {one["kind"] for one in override.fills} == missing
        assert override.steps.exists()
        return
    assert not missing


def _approvals(round_: ReviewRound, words: str) -> dict[str, User]:
    own = Review.objects.filter(round=round_, verdict="approve", content_hash=words).select_related("slot", "reviewer")
    carried = round_.carried_reviews.filter(to_hash=words).select_related("slot", "review__reviewer")
    return {review.slot.kind: review.reviewer for review in own} | {row.slot.kind: row.review.reviewer for row in carried}


def _seen_of(update: Update) -> Seen:
    release = getattr(update, "release", None)
    assert update.current is not None
    return Seen(update.state, words_of(update.current.content), words_of(release.revision.content) if release else None)
