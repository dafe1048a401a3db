"""The world of the pure rules alone: rows are values in lists, and every decision is the one the product's rules take over them.

Which row follows from which decision is done here as the services do it; whether it may be done is asked of the rules.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from accounts.rules.roles import Permission
from accounts.rules.spans import Span
from approvals.rules.correction import first_words
from approvals.rules.dispute import (
    CLOSED_BY,
    DisputeState,
    Passage,
    RulingFacts,
    RulingKind,
    marked,
    may_rule,
    only_deletes,
    quoted,
    reworded,
    text_of,
)
from approvals.rules.dispute import struck as without
from approvals.rules.legal import LEGAL_WINDOW_MINUTES, LegalFacts, needs_legal
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
from approvals.rules.readiness import scheduled_for, what_is_missing
from approvals.rules.release import LATE_BOUND, beside_approval, is_too_late, may_release
from approvals.rules.review import Given, is_complete, may_review
from approvals.rules.statements import StatementFacts, may_release_statements
from approvals.rules.voiding import stands_because
from approvals.rules.words import Verdict
from incidents.rules.content import Content, ScheduleMode, Wording
from incidents.rules.content_edit import wording_of
from incidents.rules.fields import unflags
from incidents.rules.words import UPDATE_MOVES, UpdateKind, UpdateState
from tests.flows.governance.model import Model
from tests.flows.governance.model_rows import Words
from tests.flows.governance.paper_facts import AUDIENCES, DisputeRow, PaperFacts, RoundRow, UpdateRow, blocks
from tests.flows.governance.seeing import Seen, content_of, words_of


class Paper(PaperFacts):
    """The world."""

    def edit(self, account: str, words: Words, *, stale: bool) -> bool:
        update, content = self.update, content_of(words, self.update.current)
        if not self.may(account, Permission.UPDATE_WRITE):
            return False
        if content.hash() == update.current.hash():
            return True
        if not UPDATE_MOVES[UpdateState(update.state)] or stale:
            return False
        update.wrote.add(self.person[account])
        update.only_struck.discard(self.person[account])
        self._revise(update, content)
        if update.state != UpdateState.DRAFT:
            update.move(UpdateState.DRAFT)
        return True

    def _revise(self, update: UpdateRow, content: Content) -> None:
        update.revisions.append(content)
        if update.round:
            update.round.live = False
        update.plan = None
        for dispute in update.open_disputes():
            if marked(content, dispute.passage) is None:
                dispute.state = DisputeState.OVERTAKEN

    def ask(self, account: str, *, proved: bool, stale: bool) -> bool:
        update, content = self.update, self.update.current
        if not self.may(account, Permission.UPDATE_WRITE) or update.state != UpdateState.DRAFT or stale:
            return False
        owed = self.owed(update)
        if what_is_missing(content, audiences=AUDIENCES, now=self.now, owed=owed) or list(blocks(content)):
            return False
        if content.schedule_mode != ScheduleMode.BY_HAND and not (proved and self.may(account, Permission.UPDATE_RELEASE)):
            return False
        update.wrote.add(self.person[account])
        update.only_struck.discard(self.person[account])
        windows = {kind: timedelta(minutes=minutes) for kind, minutes in self.law.windows}
        if needs_legal(LegalFacts(data_breach=self.flagged, outside=frozenset(content.audiences) - {"internal"})):
            windows.setdefault(LEGAL, timedelta(minutes=LEGAL_WINDOW_MINUTES))
        before = update.rounds[-1] if update.rounds else None
        update.move(UpdateState.IN_REVIEW)
        self._open(update, account, windows, before, lambda kind, old: stands_because(kind, old=old, new=content) is not None)
        return True

    def _open(
        self,
        update: UpdateRow,
        account: str,
        windows: dict[str, timedelta],
        before: RoundRow | None,
        stands: Callable[[str, Content], bool],
        *,
        struck: bool = False,
    ) -> None:
        content = update.current
        round_ = RoundRow(content, account, self.now, {kind: self.now + window for kind, window in windows.items()})
        for kind, given in before.given.items() if before else ():
            may_stand = given.verdict == Verdict.APPROVE and kind in windows and given.reviewer not in update.wrote
            if before and may_stand and any(stands(kind, old) for old in (before.read[kind], *before.left.get(kind, ()))):
                round_.given[kind] = Given(given.reviewer, Verdict.APPROVE, content.hash())
                round_.read[kind] = before.read[kind]
                round_.left[kind] = (*before.left.get(kind, ()), *((content,) if struck else ()))
        update.rounds.append(round_)
        self._settle(update)

    def _settle(self, update: UpdateRow) -> None:
        found = update.round
        if found is None or update.state != UpdateState.IN_REVIEW or update.open_disputes():
            return
        contributors = frozenset(update.wrote)
        if is_complete(asked=frozenset(found.due), given=found.given, contributors=contributors, content_hash=found.content.hash()):
            update.move(UpdateState.APPROVED)
            if found.content.schedule_mode != ScheduleMode.BY_HAND:
                update.plan = (scheduled_for(found.content) or self.now, found.asked_by)

    def judge(self, account: str, kind: str, *, agrees: bool, proved: bool, stale: bool) -> bool:
        update, found = self.update, self.update.round
        if not proved or may_review(self.review_facts(account, kind, stale=stale)) or found is None:
            return False
        person = self.person[account]
        found.given[kind] = Given(person, Verdict.APPROVE if agrees else Verdict.REQUEST_CHANGES, found.content.hash())
        found.read[kind] = found.content
        found.reviewers.add(person)
        if agrees:
            self._settle(update)
        else:
            found.live = False
            update.move(UpdateState.DRAFT)
        return True

    def dispute(self, account: str, kind: str, sentence: str, *, proved: bool) -> bool:
        update, found = self.update, self.update.round
        if not proved or may_review(self.review_facts(account, kind, stale=False)) or found is None:
            return False
        passage = quoted(found.content, Passage("customers", "en", "body", 0, len(sentence), sentence), exact=False)
        if isinstance(passage, str) or any(dispute.passage.quote == sentence for dispute in update.open_disputes()):
            return False
        update.disputes.append(DisputeRow(passage, self.person[account], found.reviewers))
        return True

    def _dispute(self, sentence: str) -> DisputeRow:
        return next(dispute for dispute in self.update.open_disputes() if dispute.passage.quote == sentence)

    def rule(self, account: str, sentence: str, ruling: str, words: str, *, proved: bool, stale: bool) -> bool:
        update, dispute, person = self.update, self._dispute(sentence), self.person[account]
        passage, old, kind = marked(update.current, dispute.passage), update.round, RulingKind(ruling)
        facts = RulingFacts(
            state=dispute.state,
            holds_permission=self.may(account, Permission.DISPUTE_RULE),
            arbiter=person,
            disputed_by=dispute.by,
            contributors=frozenset(update.wrote - update.only_struck),
            reviewers=frozenset(dispute.reviewers),
            revision_is_current=not stale,
            update_is_closed=not UPDATE_MOVES[UpdateState(update.state)],
            passage_stands=passage is not None,
        )
        if not proved or may_rule(facts) or passage is None:
            return False
        if kind is RulingKind.UPHOLD:
            dispute.state = CLOSED_BY[kind]
            self._settle(update)
            return True
        before = update.current
        content = without(before, passage) if kind is RulingKind.STRIKE else reworded(before, passage, words)
        if not text_of(content, passage):
            return False
        assert only_deletes(before, content, passage) == (kind is RulingKind.STRIKE)
        dispute.state = CLOSED_BY[kind]
        if kind is RulingKind.REWORD:
            update.only_struck.discard(person)
        elif person not in update.wrote:
            update.only_struck.add(person)
        update.wrote.add(person)
        self._revise(update, content)
        if old is not None:
            windows = {kind_: due - old.opened_at for kind_, due in old.due.items()}
            self._open(update, old.asked_by, windows, old, lambda _kind, _old: kind is RulingKind.STRIKE, struck=kind is RulingKind.STRIKE)
        return True

    def take_back(self, account: str, sentence: str, *, proved: bool) -> bool:
        dispute = self._dispute(sentence)
        if not proved or self.person[account] != dispute.by:
            return False
        dispute.state = DisputeState.WITHDRAWN
        self._settle(self.update)
        return True

    def override(self, account: str, *, proved: bool, stale: bool) -> bool:
        update, found, person = self.update, self.update.round, self.person[account]
        given = found.given if found else {}
        facts = OverrideFacts(
            state=update.state,
            revision_is_current=found is not None and not stale,
            slots=tuple(
                SlotFacts(kind, due, kind in given, self._eligible(update, kind)) for kind, due in (found.due if found else {}).items()
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

    def _eligible(self, update: UpdateRow, kind: str) -> int:
        reviewed = {one.reviewer for one in update.round.given.values()} if update.round else set()
        able = (place for place in self.places(kind, update, frozenset(update.wrote)) if place.can_act)
        return sum(self.person[place.user] not in reviewed for place in able)

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
            self._correct(update, set())
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

    def release(self, account: str, at: datetime | None, *, proved: bool, stale: bool) -> bool:
        update = self.update
        if not proved or not self.may_send(account) or (at is not None and at <= self.now):
            return False
        if may_release(self.release_facts(update, update.current, at or self.now, stale=stale, planned=at is not None)):
            return False
        if at is None:
            self._release(update)
        else:
            update.plan = (at, account)
        return True

    def correct(self, account: str) -> bool:
        update = self.update
        if not self.may(account, Permission.UPDATE_WRITE) or update.out is None or self._on_its_way(update):
            return False
        self._correct(update, {self.person[account]})
        return True

    def _correct(self, update: UpdateRow, wrote: set[str]) -> None:
        assert update.out is not None
        wording = wording_of(first_words(kind=UpdateKind.CORRECTION, released=update.out, at=self.now))
        content = Content("investigating", "major", wording=wording, audiences=tuple(sorted(wording)), channels=update.out.channels)
        self.updates.append(UpdateRow(UpdateKind.CORRECTION, [content], wrote=wrote | update.wrote, corrects=update))

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
        channels = tuple(sorted({"email", "page"} - set(self.law.forbidden)))
        content = Content("investigating", "major", wording=wording, audiences=("customers",), channels=channels)
        facts = StatementFacts("Disruption", "customers", "en", "approved", self.expires_at, approvals_hold=True)
        given = {LEGAL: Given("legal", Verdict.APPROVE, content.hash())} if self.legally_approved else {}
        beside = replace(self.release_facts(UpdateRow(UpdateKind.UPDATE, [content]), content, self.now), given=given)
        reasons = [*may_release_statements([facts], now=self.now), *beside_approval(beside)]
        if not proved or not self.may_send(account) or reasons:
            return False
        self.statements_out += 1
        return True

    def flag(self, account: str, *, on: bool) -> None:
        unflag = self.may(account, Permission.INCIDENT_UNFLAG)
        if not (unflag or self.may(account, Permission.INCIDENT_WRITE)) or (unflags("data_breach", self.flagged, on) and not unflag):
            return
        self.flagged = on

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
            if not late and self.may_send(account) and not may_release(self.release_facts(update, update.current, now)):
                self._release(update)

    # Looking.

    def sights(self) -> list[Seen]:
        return [Seen(row.state, words_of(row.current.as_json()), words_of(row.out.as_json()) if row.out else None) for row in self.updates]

    def check(self, model: Model) -> None:
        assert (self.flagged, self.statements_out) == (model.flagged, model.statements_out)
        for update in self.updates:
            if update.out is not None:
                assert update.rounds[-1].content.hash() == update.out.hash() == update.current.hash()

    def check_at_the_end(self) -> None:
        return
