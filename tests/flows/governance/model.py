"""What `governance.md`'s rules come to, told once more in the plainest way: the model that the machines compare with.

Nothing here calls the product. A world does an act and says whether it did; the model has said before whether it may.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.flows.governance.model_review import Reviewing
from tests.flows.governance.model_rows import (
    CADENCE,
    GAP,
    HOLDERS,
    LATE,
    LIVE,
    RATIFIERS,
    RESTRICTERS,
    REVIEWER,
    WRITERS,
    Account,
    Doc,
    Person,
    Promise,
    Words,
)


class Model(Reviewing):
    """With its other half: what goes out, how, and what is put right afterwards."""

    def gate(self, doc: Doc, at: datetime, *, legal_stood_in: bool = False, planned: bool = False) -> bool:
        """What holds beside approval: its time, no hold, no dispute, no embargo, nobody outside told of what is restricted,
        no forbidden channel, legal's approval, no drill.
        """
        if planned and (doc.words.mode == "as_soon_as_approved" or doc.words.at not in (None, at)):
            return False
        if doc.words.at is not None and at < doc.words.at:
            return False
        embargoed = doc.words.outside and at < self.opened + timedelta(minutes=self.law.embargo)
        legal = not self.needs_legal(doc) or legal_stood_in or "legal" in doc.live.given
        channels = not set(doc.words.channels) & set(self.law.forbidden)
        hidden = self.restricted and doc.words.outside
        return not (self.held or doc.held or doc.disputes or embargoed or hidden or doc.kind == "drill") and legal and channels

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
        assert not (self.restricted and doc.words.outside)
        stood_in = bool(doc.overridden_by) and self.law.override_fills_legal
        assert not self.needs_legal(doc) or "legal" in doc.live.given or stood_in
        people = [approval.by for approval in doc.live.given.values()]
        assert len(set(people)) == len(people)
        assert not set(people) & doc.wrote
        assert bool(doc.live.missing()) == bool(doc.overridden_by)
        doc.state, doc.out, doc.plan = "released", doc.words, None
        self.told(doc.words.readers, correcting=doc.kind != "update")
        doc.in_confidence, doc.past_legal = self.restricted, self.needs_legal(doc) and "legal" in doc.live.given

    def told(self, readers: set[str], *, correcting: bool = False) -> None:
        """Who read something waits no more, and is promised word anew; the others wait on, by the same clock.

        A correction promises nothing, and answers only what is overdue; but whoever reads one has had a first word.
        """
        for promise in self.promises:
            if not correcting or promise.first or promise.due <= self.now:
                promise.untold -= readers
        self.promises = [promise for promise in self.promises if promise.untold]
        if not correcting:
            self.promises.append(Promise(set(readers), self.now + CADENCE))

    def due(self) -> Iterator[Doc]:
        """Settles what is planned until now: yields what goes out; what may not any more waits for a person."""
        for doc in sorted((doc for doc in self.docs if doc.plan and doc.plan[0] <= self.now), key=lambda doc: doc.plan or ()):
            assert doc.plan is not None
            at, account = doc.plan
            doc.plan = None
            able = self.sees(account) and self.has(account, {"incident_commander"})
            if self.now - at <= LATE and able and self.gate(doc, self.now):
                yield doc

    def left(self, doc: Doc, kind: str, to: Person) -> set[Person]:
        """Who could still give this review as far as whoever overrides is concerned (`to`).

        Whoever could when it was asked for counts on, whatever role or sight they lost since; who holds the role and is away does not.
        """
        now = {self.person[one] for one in self.roles if self.can_review(one, kind, doc) or self.can_review(one, kind, doc, to=to)}
        gone = {one for one in self.roles if self.has(one, {REVIEWER[kind]}) and self.is_away(one, to=to)}
        still = {self.person[one] for one in doc.able.get(kind, set()) - doc.hands - gone}
        return ((now - doc.wrote) | still) - {approval.by for approval in doc.live.given.values()}

    def may_override(self, account: Account, *, proved: bool, stale: bool) -> bool:
        """An override holder without a part in it, with a second factor, once each missing review is past hope; legal's hardly ever."""
        doc, person = self.doc, self.person[account]
        if not (proved and not stale and doc.state == "in_review" and self.has(account, {"override_holder"})):
            return False
        missing, given = doc.live.missing(), {approval.by for approval in doc.live.given.values()}
        hopeless = all(doc.live.due[kind] <= self.now or not self.left(doc, kind, person) for kind in missing)
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
            self._correction(doc, "correction")

    def corrections_of(self, doc: Doc) -> list[Doc]:
        """On their way."""
        return [other for other in self.docs if other.corrects is doc and other.state in LIVE]

    def may_correct(self, account: Account) -> bool:
        """Somebody who writes, of what is out and not being corrected."""
        return self.has(account, WRITERS) and self.doc.out is not None and not self.corrections_of(self.doc)

    def corrected(self, account: Account, kind: str) -> None:
        """A draft of a correction or retraction that has to be written first."""
        made = self._correction(self.doc, kind)
        self._count(made, account)

    def _correction(self, doc: Doc, kind: str) -> Doc:
        assert doc.out is not None
        said = (GAP,) if doc.out.outside else ()
        # Whoever had a hand in the wrong words does not judge what puts them right.
        words = Words(said, doc.out.channels, inside=GAP)
        self.docs.append(Doc(words, kind=kind, authors=set(doc.wrote), hands=set(doc.hands), corrects=doc))
        return self.docs[-1]

    def may_hold(self, account: Account, *, proved: bool) -> bool:
        """Who may hold and lift."""
        return proved and self.has(account, HOLDERS)

    def may_withdraw(self, account: Account) -> bool:
        """Somebody who writes, before it is out."""
        return self.has(account, WRITERS) and self.doc.state in LIVE

    def withdrew(self) -> None:
        """For good."""
        self.doc.state, self.doc.plan, self.doc.disputes = "withdrawn", None, []

    def flag(self, account: Account, flag: str, *, on: bool) -> None:
        """Whoever writes or is legal sets it; legal alone takes it off."""
        if self.sees(account) and self.has(account, WRITERS | {"legal"} if on else {"legal"}):
            self.flags = self.flags | {flag} if on else self.flags - {flag}

    def restrict(self, account: Account, *, on: bool) -> None:
        """By who may; the commander and whoever did it go on seeing it."""
        if not self.sees(account) or not self.has(account, RESTRICTERS) or on == self.restricted:
            return
        self.restricted = on
        if on:
            self.granted |= {"commander", account}

    def may_let_in(self, account: Account) -> bool:
        """Lets somebody see it while it is restricted."""
        return self.has(account, RESTRICTERS)

    def may_say_statement(self, account: Account, *, proved: bool) -> bool:
        """An approved statement that has not run out, through the same gate."""
        if self.statement_expires is None or self.statement_expires <= self.now:
            return False
        embargoed = self.now < self.opened + timedelta(minutes=self.law.embargo)
        legal = not self.flags or self.statement_legal
        return proved and self.has(account, {"incident_commander"}) and not (self.held or self.restricted or embargoed) and legal

    def said_statement(self) -> None:
        """It is out, to customers alone."""
        self.statements_out += 1
        self.told({"customers"})
