"""The world of the real services over PostgreSQL."""

import contextlib
from datetime import datetime

from accounts.models import Absence, RoleAssignment
from approvals.models import Dispute, Override, ReleaseHold
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
from core.errors import DomainError
from incidents.models import Incident
from incidents.services import change_incident, revise_update
from incidents.services.change_incident import Changes
from incidents.services.grant_access import grant_access
from tests.flows.governance.database_rows import Rows
from tests.flows.governance.model import Model
from tests.flows.governance.model_rows import Words
from tests.flows.governance.stage import Stage
from tests.support.holding import seen_of


class Database(Rows):
    """The world."""

    def __init__(self, stage: Stage, model: Model, kind: str, words: Words) -> None:
        super().__init__(stage, model, kind)
        if self._current().parsed() != self._content(words):
            self.edit("commander", words, stale=False)

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

    def release(self, account: str, at: datetime | None, *, proved: bool, stale: bool, token: bool = False) -> bool:
        actor, revision = self._program(account) if token else self._actor(account, proved=proved), self._number(stale=stale)
        return self._done(lambda: release_update(actor=actor, now=self.now, update_id=self.update, revision=revision, at=at))

    def correct(self, account: str, kind: str, *, token: bool) -> bool:
        actor = self._program(account) if token else self._actor(account, proved=True)
        return self._done(lambda: self.updates.append(start_correction(actor=actor, now=self.now, update_id=self.update, kind=kind).pk))

    def withdraw(self, account: str) -> bool:
        actor = self._actor(account, proved=True)
        return self._done(lambda: withdraw_update(actor=actor, now=self.now, update_id=self.update))

    def say_statement(self, account: str, *, proved: bool) -> bool:
        actor, version = self._actor(account, proved=proved), self.statement
        seen = seen_of(self.incident, version, now=self.now)
        names = [version.statement.public_id]
        return self._done(lambda: release_holding(actor=actor, now=self.now, incident_id=self.incident.pk, statements=names, seen=seen))

    def flag(self, account: str, flag: str, *, on: bool) -> None:
        changes: Changes = {"data_breach": on} if flag == "data_breach" else {"regulated_system": on}
        self._change(account, changes)

    def restrict(self, account: str, *, on: bool) -> None:
        self._change(account, {"restricted": on})

    def _change(self, account: str, changes: Changes) -> None:
        actor = self._actor(account, proved=True)
        with contextlib.suppress(DomainError):
            change_incident(actor=actor, now=self.now, incident_id=self.incident.pk, reason="Looked into.", **changes)

    def let_in(self, account: str, who: str) -> bool:
        actor = self._actor(account, proved=True)
        incident = Incident.objects.get(pk=self.incident.pk)
        return self._done(lambda: grant_access(actor=actor, now=self.now, incident=incident, to=self.stage.users[who]), says=False)

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
