"""What `governance.md`'s rules come to, told once more in the plainest way: the model that the machines compare with.

Nothing here calls the product. A world does an act and says whether it did; the model has said before whether it may.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.flows.governance.model_rows import (
    GAP,
    HOLDERS,
    LATE,
    LEAK,
    LIVE,
    RATIFIERS,
    REVIEWER,
    WRITERS,
    Account,
    Approval,
    Dispute,
    Doc,
    Law,
    Person,
    Round,
    Words,
)


@dataclass
class Model:
    """The incident with its updates, the people, and the time."""

    now: datetime
    law: Law
    person: dict[Account, Person]
    roles: dict[Account, set[str]]
    trained: set[tuple[Account, str]]
    opened: datetime = field(init=False)
    docs: list[Doc] = field(default_factory=list)
    flagged: bool = False
    held: bool = False
    away: dict[Account, datetime] = field(default_factory=dict)
    statement_expires: datetime | None = None
    statement_legal: bool = False
    statements_out: int = 0

    def __post_init__(self) -> None:
        self.opened = self.now

    @property
    def doc(self) -> Doc:
        """The update that the acts are about: the newest."""
        return self.docs[-1]

    def has(self, account: Account, roles: set[str]) -> bool:
        """Whether the account holds one of the roles."""
        return bool(self.roles[account] & roles)

    def can_review(self, account: Account, kind: str, doc: Doc) -> bool:
        """Holds the role, is there, is trained where that is asked for; drills are for practice."""
        needs_training = self.law.training_required and doc.kind != "drill"
        return (
            self.has(account, {REVIEWER[kind]})
            and self.away.get(account, self.now) <= self.now
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
        doc.authors.add(self.person[account])
        self._reword(doc, words)
        doc.state = "draft"

    def _reword(self, doc: Doc, words: Words) -> None:
        doc.words, doc.plan = words, None
        doc.disputes = [dispute for dispute in doc.disputes if dispute.sentence in words.said]

    def needs_legal(self, doc: Doc) -> bool:
        """The legal gate."""
        return self.flagged and doc.words.outside

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
        doc.authors.add(self.person[account])
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

    def _open(self, doc: Doc, account: Account, windows: dict[str, timedelta], kept: dict[str, Approval]) -> None:
        doc.round = Round(account, windows, {kind: self.now + window for kind, window in windows.items()}, kept)
        doc.state = "in_review"
        doc.carried += len(kept)
        self._settle(doc)

    def _settle(self, doc: Doc) -> None:
        """Approved once the last review is there and no passage is disputed; what goes by itself is planned."""
        if doc.state != "in_review" or doc.live.missing() or doc.disputes:
            return
        doc.state = "approved"
        if doc.words.mode != "by_hand":
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
        (doc.strikers if ruling == "strike" else doc.authors).add(self.person[account])
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
            self._open(doc, old.asked_by, old.windows, kept)

    def took_back(self, dispute: Dispute) -> None:
        """The dispute is withdrawn."""
        self.doc.disputes.remove(dispute)
        self._settle(self.doc)

    def gate(self, doc: Doc, at: datetime, *, legal_stood_in: bool = False, planned: bool = False) -> bool:
        """What holds beside approval: its time, no hold, no dispute, no embargo, no forbidden channel, legal's approval, no drill."""
        if planned and (doc.words.mode == "as_soon_as_approved" or doc.words.at not in (None, at)):
            return False
        if doc.words.at is not None and at < doc.words.at:
            return False
        embargoed = doc.words.outside and at < self.opened + timedelta(minutes=self.law.embargo)
        legal = not self.needs_legal(doc) or legal_stood_in or "legal" in doc.live.given
        channels = not set(doc.words.channels) & set(self.law.forbidden)
        return not (self.held or doc.held or doc.disputes or embargoed or doc.kind == "drill") and legal and channels

    def may_release(self, account: Account, at: datetime, *, proved: bool, stale: bool, planned: bool = False) -> bool:
        """By a commander, of what is approved, through the gate; `planned` for a moment to come."""
        doc = self.doc
        in_charge = proved and not stale and self.has(account, {"incident_commander"})
        return in_charge and doc.state == "approved" and self.gate(doc, at, planned=planned)

    def released(self, doc: Doc) -> None:
        """It is out; checked once more against every promise, whoever said that it may go."""
        assert doc.state == ("in_review" if doc.overridden_by else "approved")
        assert doc.kind != "drill"
        assert not doc.disputes
        assert not doc.held
        assert not self.held
        people = [approval.by for approval in doc.live.given.values()]
        assert len(set(people)) == len(people)
        assert not set(people) & doc.wrote
        assert bool(doc.live.missing()) == bool(doc.overridden_by)
        doc.state, doc.out, doc.plan = "released", doc.words, None

    def due(self) -> Iterator[Doc]:
        """Settles what is planned until now: yields what goes out; what may not any more waits for a person."""
        for doc in sorted((doc for doc in self.docs if doc.plan and doc.plan[0] <= self.now), key=lambda doc: doc.plan or ()):
            assert doc.plan is not None
            at, account = doc.plan
            doc.plan = None
            if self.now - at <= LATE and self.has(account, {"incident_commander"}) and self.gate(doc, self.now):
                yield doc

    def eligible(self, doc: Doc, kind: str) -> set[Account]:
        """Who could still give this review."""
        reviewed = {approval.by for approval in doc.live.given.values()}
        return {
            account for account in self.roles if self.can_review(account, kind, doc) and self.person[account] not in doc.wrote | reviewed
        }

    def may_override(self, account: Account, *, proved: bool, stale: bool) -> bool:
        """An override holder without a part in it, with a second factor, once each missing review is past hope; legal's hardly ever."""
        doc, person = self.doc, self.person[account]
        if not (proved and not stale and doc.state == "in_review" and self.has(account, {"override_holder"})):
            return False
        missing, given = doc.live.missing(), {approval.by for approval in doc.live.given.values()}
        hopeless = all(doc.live.due[kind] <= self.now or not self.eligible(doc, kind) for kind in missing)
        legal = "legal" not in missing or (self.law.override_fills_legal and self.has(account, {"legal"}))
        return (
            bool(missing)
            and person not in doc.wrote | given
            and hopeless
            and legal
            and self.gate(doc, self.now, legal_stood_in="legal" in missing)
        )

    def overrode(self, account: Account) -> None:
        """Out, and to be ratified."""
        doc = self.doc
        doc.overridden_by, doc.ratification = self.person[account], "awaiting"
        self.released(doc)

    def awaiting(self) -> list[Doc]:
        """What was released by override and nobody has ratified or refused."""
        return [doc for doc in self.docs if doc.ratification == "awaiting"]

    def may_decide(self, account: Account, doc: Doc, *, proved: bool) -> bool:
        """Somebody else who wrote nothing of it."""
        person = self.person[account]
        return proved and self.has(account, RATIFIERS) and person != doc.overridden_by and person not in doc.wrote

    def decided(self, doc: Doc, *, ratify: bool) -> None:
        """A refusal opens the draft of a correction, or is answered by the one that is on its way."""
        doc.ratification = "ratified" if ratify else "refused"
        if not ratify and not self.corrections_of(doc):
            self._correction(doc, set())

    def corrections_of(self, doc: Doc) -> list[Doc]:
        """On their way."""
        return [other for other in self.docs if other.corrects is doc and other.state in LIVE]

    def may_correct(self, account: Account) -> bool:
        """Somebody who writes, of what is out and not being corrected."""
        return self.has(account, WRITERS) and self.doc.out is not None and not self.corrections_of(self.doc)

    def corrected(self, account: Account) -> None:
        """A draft that has to be written first."""
        self._correction(self.doc, {self.person[account]})

    def _correction(self, doc: Doc, authors: set[Person]) -> None:
        assert doc.out is not None
        said = (GAP,) if doc.out.outside else ()
        # Whoever had a hand in the wrong words does not judge what puts them right.
        words = Words(said, doc.out.channels, inside=GAP)
        self.docs.append(Doc(words, kind="correction", authors=authors | doc.wrote, corrects=doc))

    def may_hold(self, account: Account, *, proved: bool) -> bool:
        """Who may hold and lift."""
        return proved and self.has(account, HOLDERS)

    def may_withdraw(self, account: Account) -> bool:
        """Somebody who writes, before it is out."""
        return self.has(account, WRITERS) and self.doc.state in LIVE

    def withdrew(self) -> None:
        """For good."""
        self.doc.state, self.doc.plan, self.doc.disputes = "withdrawn", None, []

    def flag(self, account: Account, *, on: bool) -> None:
        """Whoever writes or is legal sets it; legal alone takes it off."""
        if self.has(account, WRITERS | {"legal"} if on else {"legal"}):
            self.flagged = on

    def may_say_statement(self, account: Account, *, proved: bool) -> bool:
        """An approved statement that has not run out, through the same gate."""
        if self.statement_expires is None or self.statement_expires <= self.now:
            return False
        embargoed = self.now < self.opened + timedelta(minutes=self.law.embargo)
        legal = not self.flagged or self.statement_legal
        return proved and self.has(account, {"incident_commander"}) and not self.held and not embargoed and legal
