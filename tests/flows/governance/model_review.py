"""The model's half about words: who sees them, edits, asks for review, judges, disputes and rules."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.flows.governance.model_rows import (
    CADENCE,
    GAP,
    LEAK,
    LIVE,
    NAMED,
    REVIEWER,
    WRITERS,
    Account,
    Approval,
    Dispute,
    Doc,
    Law,
    Person,
    Promise,
    Round,
    Words,
)


@dataclass
class Reviewing:
    """The incident with its updates, the people, and the time."""

    now: datetime
    law: Law
    person: dict[Account, Person]
    roles: dict[Account, set[str]]
    trained: set[tuple[Account, str]]
    opened: datetime = field(init=False)
    docs: list[Doc] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    restricted: bool = False
    granted: set[Account] = field(default_factory=set)
    held: bool = False
    away: dict[Account, datetime] = field(default_factory=dict)
    statement_expires: datetime | None = None
    statement_legal: bool = False
    statements_out: int = 0
    promises: list[Promise] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.opened = self.now
        self.promises = [Promise(set(NAMED), self.now + CADENCE, first=True)]

    @property
    def doc(self) -> Doc:
        """The update that the acts are about: the newest."""
        return self.docs[-1]

    def has(self, account: Account, roles: set[str]) -> bool:
        """Whether the account holds one of the roles."""
        return bool(self.roles[account] & roles)

    def sees(self, account: Account) -> bool:
        """Everyone with a role; of a restricted incident whoever was let in."""
        return bool(self.roles[account]) and (not self.restricted or account in self.granted)

    def is_away(self, account: Account, *, to: Person = "") -> bool:
        """Absent, as they said themselves; `to` a person who would gain by it, what they said themselves counts for nothing."""
        return self.away.get(account, self.now) > self.now and self.person[account] != to

    def can_review(self, account: Account, kind: str, doc: Doc, *, to: Person = "") -> bool:
        """Sees it, holds the role, is there, is trained where that is asked for; drills are for practice."""
        needs_training = self.law.training_required and doc.kind != "drill"
        return (
            self.sees(account)
            and self.has(account, {REVIEWER[kind]})
            and not self.is_away(account, to=to)
            and (not needs_training or (account, kind) in self.trained)
        )

    def may_edit(self, account: Account, words: Words, *, stale: bool) -> bool:
        """Who writes, on words that nobody changed meanwhile, before the end. To save what is there changes nothing."""
        if not self.has(account, WRITERS):
            return False
        return words == self.doc.words or (self.doc.state in LIVE and not stale)

    def edited(self, account: Account, words: Words) -> None:
        """An edit makes a draft of it again; disputes of what is gone are over."""
        doc = self.doc
        if words == doc.words:
            return
        self._count(doc, account)
        self._reword(doc, words)
        doc.state = "draft"

    def _count(self, doc: Doc, account: Account, *, struck: bool = False) -> None:
        (doc.strikers if struck else doc.authors).add(self.person[account])
        doc.hands.add(account)

    def _reword(self, doc: Doc, words: Words) -> None:
        doc.words, doc.plan = words, None
        doc.disputes = [dispute for dispute in doc.disputes if dispute.sentence in words.said]

    def needs_legal(self, doc: Doc) -> bool:
        """The legal gate."""
        return bool(self.flags) and doc.words.outside

    def may_ask(self, account: Account, *, proved: bool, stale: bool) -> bool:
        """For finished words that hold no secret; for what goes by itself, by somebody who may let it out."""
        doc = self.doc
        finished = GAP not in (*doc.words.said, doc.words.inside) and LEAK not in doc.words.said
        finished = finished and self._reaches_whom_it_owes(doc)
        in_time = doc.words.at is None or doc.words.at > self.now
        by_itself = doc.words.mode != "by_hand"
        released_by_asking = not by_itself or (proved and self.has(account, {"incident_commander"}))
        return self.has(account, WRITERS) and doc.state == "draft" and not stale and finished and in_time and released_by_asking

    def _reaches_whom_it_owes(self, doc: Doc) -> bool:
        """A correction goes to everyone who read the wrong words, by the same channels unless they are forbidden now."""
        wrong = doc.corrects.out if doc.corrects else None
        if wrong is None:
            return True
        return doc.words.outside >= wrong.outside and set(wrong.channels) - set(self.law.forbidden) <= set(doc.words.channels)

    def asked(self, account: Account) -> None:
        """Opens a round; what the edits since did not touch is kept."""
        doc = self.doc
        self._count(doc, account)
        windows = {kind: timedelta(minutes=minutes) for kind, minutes in self.law.windows}
        if self.needs_legal(doc):
            windows.setdefault("legal", timedelta(minutes=60))
        before = doc.round.given if doc.round else {}
        kept = {
            kind: approval
            for kind, approval in before.items()
            if kind in windows
            and approval.by not in doc.wrote
            and any(
                words == doc.words or (kind == "technical" and words.same_but_for_reach(doc.words))
                for words in (approval.read, *approval.left)
            )
        }
        self._open(doc, account, windows, kept)

    def _open(
        self, doc: Doc, account: Account, windows: dict[str, timedelta], kept: dict[str, Approval], *, reworded: bool = False
    ) -> None:
        due = {kind: self.now + window for kind, window in windows.items()}
        doc.round = Round(account, windows, due, kept, reworded=reworded)
        doc.state = "in_review"
        doc.carried += len(kept)
        for kind in doc.live.missing():
            able = {one for one in self.roles if self.can_review(one, kind, doc) and self.person[one] not in doc.wrote}
            doc.able.setdefault(kind, set()).update(able)
        self._settle(doc)

    def _settle(self, doc: Doc) -> None:
        """Approved once the last review is there and no passage is disputed; what goes by itself is planned, unless reworded."""
        if doc.state != "in_review" or doc.live.missing() or doc.disputes:
            return
        doc.state = "approved"
        if doc.words.mode != "by_hand" and not doc.live.reworded:
            doc.plan = (doc.words.at or self.now, doc.live.asked_by)

    def may_judge(self, account: Account, kind: str, *, proved: bool, stale: bool) -> bool:
        """A verdict: asked for, not given, on the newest words, by a reviewer who wrote nothing and gave no other."""
        doc, person = self.doc, self.person[account]
        return (
            proved
            and not stale
            and doc.state == "in_review"
            and kind in doc.live.missing()
            and self.can_review(account, kind, doc)
            and person not in doc.wrote
            and person not in {approval.by for approval in doc.live.given.values()}
        )

    def judged(self, account: Account, kind: str, *, agrees: bool) -> None:
        """An approval fills its slot; a request for changes sends the words back."""
        doc = self.doc
        doc.live.reviewers.add(self.person[account])
        if agrees:
            doc.live.given[kind] = Approval(self.person[account], doc.words)
            self._settle(doc)
        else:
            doc.state = "draft"

    def may_dispute(self, account: Account, kind: str, sentence: str, *, proved: bool) -> bool:
        """Who could give the verdict, of words that stand there and are not disputed yet."""
        doc = self.doc
        disputed = {dispute.sentence for dispute in doc.disputes}
        return self.may_judge(account, kind, proved=proved, stale=False) and sentence in set(doc.words.said) - disputed

    def disputed(self, account: Account, sentence: str) -> None:
        """Nothing is approved until it is ruled on."""
        self.doc.disputes.append(Dispute(sentence, self.person[account], self.doc.live.reviewers))

    def may_rule(self, account: Account, dispute: Dispute, ruling: str, *, proved: bool, stale: bool) -> bool:
        """An arbiter who neither disputed nor wrote nor reviewed; striking leaves something behind."""
        doc, person = self.doc, self.person[account]
        return (
            proved
            and not stale
            and doc.state in LIVE
            and self.has(account, {"arbiter"})
            and person != dispute.by
            and person not in doc.authors | dispute.reviewers
            and not (ruling == "strike" and len(doc.words.said) == 1)
        )

    def ruled(self, account: Account, dispute: Dispute, ruling: str, words: str) -> None:
        """Upheld, it goes on. Struck, verdicts are carried. Reworded, everyone is asked again."""
        doc, before = self.doc, self.doc.state
        doc.disputes.remove(dispute)
        doc.rulings += 1
        if ruling == "uphold":
            self._settle(doc)
            return
        self._count(doc, account, struck=ruling == "strike")
        place = doc.words.said.index(dispute.sentence)
        put = () if ruling == "strike" else (words,)
        self._reword(doc, replace(doc.words, said=(*doc.words.said[:place], *put, *doc.words.said[place + 1 :])))
        if before == "in_review":
            old = doc.live
            kept = {
                kind: replace(approval, left=(*approval.left, doc.words))
                for kind, approval in old.given.items()
                if ruling == "strike" and approval.by not in doc.wrote
            }
            self._open(doc, old.asked_by, old.windows, kept, reworded=old.reworded or ruling == "reword")

    def took_back(self, dispute: Dispute) -> None:
        """The dispute is withdrawn."""
        self.doc.disputes.remove(dispute)
        self._settle(self.doc)
