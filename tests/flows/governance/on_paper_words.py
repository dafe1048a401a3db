"""The world of the pure rules, its half about words: edits, requests, verdicts, disputes and rulings."""

from collections.abc import Callable
from datetime import timedelta

from accounts.rules.roles import Permission
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
from approvals.rules.legal import LEGAL_WINDOW_MINUTES, needs_legal
from approvals.rules.override import (
    LEGAL,
)
from approvals.rules.readiness import scheduled_for, what_is_missing
from approvals.rules.review import Given, is_complete, may_review
from approvals.rules.voiding import stands_because
from approvals.rules.words import Verdict
from incidents.rules.content import Content, ScheduleMode
from incidents.rules.words import UPDATE_MOVES, UpdateState
from tests.flows.governance.model_rows import Words
from tests.flows.governance.paper_facts import AUDIENCES, DisputeRow, PaperFacts, RoundRow, UpdateRow, blocks
from tests.flows.governance.seeing import content_of


class PaperWords(PaperFacts):
    """With what is done to the words."""

    def edit(self, account: str, words: Words, *, stale: bool) -> bool:
        update, content = self.update, content_of(words, self.update.current)
        if not self.may(account, Permission.UPDATE_WRITE):
            return False
        if content.hash() == update.current.hash():
            return True
        if not UPDATE_MOVES[UpdateState(update.state)] or stale:
            return False
        self._count(update, account)
        self._revise(update, content)
        if update.state != UpdateState.DRAFT:
            update.move(UpdateState.DRAFT)
        return True

    def _count(self, update: UpdateRow, account: str) -> None:
        update.wrote.add(self.person[account])
        update.only_struck.discard(self.person[account])
        update.hands.add(account)

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
        self._count(update, account)
        windows = {kind: timedelta(minutes=minutes) for kind, minutes in self.law.windows}
        if needs_legal(self.legal_facts(content)):
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
        reworded: bool = False,
    ) -> None:
        content = update.current
        due = {kind: self.now + window for kind, window in windows.items()}
        round_ = RoundRow(content, account, self.now, due, reworded=reworded)
        for kind, given in before.given.items() if before else ():
            may_stand = given.verdict == Verdict.APPROVE and kind in windows and given.reviewer not in update.wrote
            if before and may_stand and any(stands(kind, old) for old in (before.read[kind], *before.left.get(kind, ()))):
                round_.given[kind] = Given(given.reviewer, Verdict.APPROVE, content.hash())
                round_.read[kind] = before.read[kind]
                round_.left[kind] = (*before.left.get(kind, ()), *((content,) if struck else ()))
        update.rounds.append(round_)
        for kind in round_.due.keys() - round_.given.keys():
            able = {place.user for place in self.places(kind, update, frozenset(update.wrote)) if place.can_act and self.sees(place.user)}
            update.able.setdefault(kind, set()).update(able)
        self._settle(update)

    def _settle(self, update: UpdateRow) -> None:
        found = update.round
        if found is None or update.state != UpdateState.IN_REVIEW or update.open_disputes():
            return
        contributors = frozenset(update.wrote)
        if is_complete(asked=frozenset(found.due), given=found.given, contributors=contributors, content_hash=found.content.hash()):
            update.move(UpdateState.APPROVED)
            if found.content.schedule_mode != ScheduleMode.BY_HAND and not found.reworded:
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
        update.hands.add(account)
        self._revise(update, content)
        if old is not None:
            windows = {kind_: due - old.opened_at for kind_, due in old.due.items()}
            struck = kind is RulingKind.STRIKE
            self._open(update, old.asked_by, windows, old, lambda *_: struck, struck=struck, reworded=old.reworded or not struck)
        return True

    def take_back(self, account: str, sentence: str, *, proved: bool) -> bool:
        dispute = self._dispute(sentence)
        if not proved or not self.sees(account) or self.person[account] != dispute.by:
            return False
        dispute.state = DisputeState.WITHDRAWN
        self._settle(self.update)
        return True
