"""The world of the pure rules alone: rows are values in lists, and every decision is the one the product's rules take over them.

Which row follows from which decision is done here as the services do it; whether it may be done is asked of the rules. Who sees
a restricted incident is no rule but a query, and told here once more.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from accounts.rules.availability import Place
from accounts.rules.roles import Permission
from accounts.rules.scopes import PERMISSIONS, Scope
from accounts.rules.spans import Span
from approvals.rules.correction import first_words
from approvals.rules.dispute import (
    DisputeState,
)
from approvals.rules.override import (
    LEGAL,
    Filled,
    OverrideFacts,
    OverrideState,
    RatificationFacts,
    SlotFacts,
    filled,
    may_decide,
    may_override,
    overridden_gate,
)
from approvals.rules.release import LATE_BOUND, beside_approval, is_too_late, may_release
from approvals.rules.review import Given
from approvals.rules.statements import StatementFacts, may_release_statements
from approvals.rules.words import Verdict
from incidents.rules.content import Content, Wording
from incidents.rules.content_check import CHANNELS
from incidents.rules.content_edit import wording_of
from incidents.rules.fields import unflags
from incidents.rules.words import UPDATE_MOVES, UpdateKind, UpdateState
from tests.flows.governance.model import Model
from tests.flows.governance.on_paper_words import PaperWords
from tests.flows.governance.paper_facts import UpdateRow
from tests.flows.governance.seeing import Seen, words_of


class Paper(PaperWords):
    """The world."""

    def override(self, account: str, *, proved: bool, stale: bool) -> bool:
        update, found, person = self.update, self.update.round, self.person[account]
        given = found.given if found else {}
        facts = OverrideFacts(
            state=update.state,
            revision_is_current=found is not None and not stale,
            slots=tuple(
                SlotFacts(kind, due, kind in given, *self._left(update, kind, person)) for kind, due in (found.due if found else {}).items()
            ),
            holds_permission=self.may(account, Permission.RELEASE_OVERRIDE),
            is_contributor=person in update.wrote,
            gave_review=any(one.reviewer == person for one in given.values()),
            open_disputes=len(update.open_disputes()),
            policy_fills_legal=self.law.override_fills_legal,
            holds_legal_role=self.may(account, Permission.REVIEW_LEGAL),
        )
        fills: Sequence[Filled] = filled(facts, self.now)
        if may_override(facts, self.now) or overridden_gate(self.release_facts(update, update.current, self.now), fills) or not proved:
            return False
        update.overridden_by, update.ratification = person, OverrideState.AWAITING
        self._release(update)
        return True

    def _left(self, update: UpdateRow, kind: str, by: str) -> tuple[int, int]:
        """How many persons can give the review, and how many can only as far as whoever overrides is concerned."""
        reviewed, wrote = {one.reviewer for one in update.round.given.values()} if update.round else set(), frozenset(update.wrote)
        able = self._able(self.places(kind, update, wrote)) - reviewed
        counted = self.places(kind, update, wrote, without=by)
        excused = {place.user for place in self.places(kind, update, frozenset(), without=by) if place.reasons}
        still = {self.person[account] for account in update.able.get(kind, set()) - update.hands - excused}
        return len(able), len((self._able(counted) | still) - reviewed - able)

    def _able(self, found: list[Place]) -> set[str]:
        return {self.person[place.user] for place in found if place.can_act and self.sees(place.user)}

    def _release(self, update: UpdateRow) -> None:
        update.move(UpdateState.RELEASED)
        update.out, update.plan = update.current, None

    def decide(self, account: str, doc: int, *, ratify: bool, proved: bool) -> bool:
        update, person = self.updates[doc], self.person[account]
        permitted = self.may(account, Permission.RELEASE_RATIFY)
        facts = RatificationFacts(update.ratification, permitted, person == update.overridden_by, person in update.wrote)
        if not proved or may_decide(facts):
            return False
        update.ratification = OverrideState.RATIFIED if ratify else OverrideState.REFUSED
        if not ratify and not self._on_its_way(update):
            self._correct(update, UpdateKind.CORRECTION)
        return True

    def _on_its_way(self, update: UpdateRow) -> bool:
        return any(other.corrects is update and UPDATE_MOVES[UpdateState(other.state)] for other in self.updates)

    def hold(self, account: str, *, whole: bool, lift: bool, proved: bool) -> bool:
        update = self.update
        if not proved or not self.may(account, Permission.RELEASE_HOLD):
            return False
        if whole:
            self.held = not lift
        elif not lift and update.state == UpdateState.WITHDRAWN:
            return False
        else:
            update.held = not lift
        return True

    def release(self, account: str, at: datetime | None, *, proved: bool, stale: bool, token: bool = False) -> bool:
        update = self.update
        if token or not proved or not self.may_send(account) or (at is not None and at <= self.now):
            return False
        if may_release(self.release_facts(update, update.current, at or self.now, stale=stale, planned=at is not None)):
            return False
        if at is None:
            self._release(update)
        else:
            update.plan = (at, account)
        return True

    def correct(self, account: str, kind: str, *, token: bool) -> bool:
        update = self.update
        by_token = not token or Permission.UPDATE_WRITE in PERMISSIONS[Scope.UPDATES_WRITE]
        if not by_token or not self.may(account, Permission.UPDATE_WRITE) or update.out is None or self._on_its_way(update):
            return False
        self._count(self._correct(update, UpdateKind(kind)), account)
        return True

    def _correct(self, update: UpdateRow, kind: UpdateKind) -> UpdateRow:
        assert update.out is not None
        wording = wording_of(first_words(kind=kind, released=update.out, at=self.now))
        content = Content("investigating", "major", wording=wording, audiences=tuple(sorted(wording)), channels=update.out.channels)
        self.updates.append(UpdateRow(kind, [content], wrote=set(update.wrote), hands=set(update.hands), corrects=update))
        return self.updates[-1]

    def withdraw(self, account: str) -> bool:
        update = self.update
        if not self.may(account, Permission.UPDATE_WRITE) or UpdateState.WITHDRAWN not in UPDATE_MOVES[UpdateState(update.state)]:
            return False
        update.move(UpdateState.WITHDRAWN)
        update.plan = None
        for dispute in update.open_disputes():
            dispute.state = DisputeState.OVERTAKEN
        return True

    def say_statement(self, account: str, *, proved: bool) -> bool:
        wording = {"customers": {"en": Wording("We look into it", "More soon.")}}
        channels = tuple(sorted(CHANNELS - set(self.law.forbidden)))
        content = Content("investigating", "major", wording=wording, audiences=("customers",), channels=channels)
        facts = StatementFacts("Disruption", "customers", "en", "approved", self.expires_at, approvals_hold=True)
        given = {LEGAL: Given("legal", Verdict.APPROVE, content.hash())} if self.legally_approved else {}
        beside = replace(self.release_facts(UpdateRow(UpdateKind.UPDATE, [content]), content, self.now), given=given)
        reasons = [*may_release_statements([facts], now=self.now), *beside_approval(beside)]
        if not proved or not self.may_send(account) or reasons:
            return False
        self.statements_out += 1
        return True

    def flag(self, account: str, flag: str, *, on: bool) -> None:
        unflag = self.may(account, Permission.INCIDENT_UNFLAG)
        takes_off = unflags(flag, flag in self.flags, on)
        if unflag or (self.may(account, Permission.INCIDENT_WRITE) and not takes_off):
            self.flags = self.flags | {flag} if on else self.flags - {flag}

    def restrict(self, account: str, *, on: bool) -> None:
        if self.may(account, Permission.INCIDENT_RESTRICT) and on != self.restricted:
            self.restricted = on
            self.granted |= {"commander", account} if on else set()

    def let_in(self, account: str, who: str) -> bool:
        if not self.may(account, Permission.INCIDENT_RESTRICT):
            return False
        self.granted.add(who)
        return True

    def give_roles(self, account: str, roles: set[str]) -> None:
        self.roles[account] = set(roles)

    def send_away(self, account: str, until: datetime) -> None:
        self.absent[account].append(Span(self.now, until))

    def clock(self, now: datetime) -> None:
        self.now = now
        due = [(update.plan, update) for update in self.updates if update.plan and update.plan[0] <= now]
        for (at, account), update in sorted(due, key=lambda one: one[0]):
            update.plan = None
            late = is_too_late(due_at=at, now=now, bound=LATE_BOUND)
            if (
                not late
                and self.sees(account)
                and self.may_send(account)
                and not may_release(self.release_facts(update, update.current, now))
            ):
                self._release(update)

    # Looking.

    def sights(self) -> list[Seen]:
        return [Seen(row.state, words_of(row.current.as_json()), words_of(row.out.as_json()) if row.out else None) for row in self.updates]

    def check(self, model: Model) -> None:
        assert (self.flags, self.restricted, self.statements_out) == (model.flags, model.restricted, model.statements_out)
        for update in self.updates:
            if update.out is not None:
                assert update.rounds[-1].content.hash() == update.out.hash() == update.current.hash()

    def check_at_the_end(self) -> None:
        return
