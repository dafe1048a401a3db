"""Acts on the words, by anybody: edits, requests, verdicts, disputes and rulings."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.flows.governance.model_rows import LEAK, Words
from tests.flows.governance.walk import MOSTLY, PEOPLE, RARELY, Walk
from tests.flows.governance.worlds import KINDS, SENTENCES


class ReviewActs(Walk):
    """With what is done to the words."""

    @rule(by=st.sampled_from(["commander", "techlead", "comms", "double", "responder", "outsider"]), draw=st.integers(0, 7), stale=RARELY)
    def edit(self, by: str, draw: int, stale: bool) -> None:
        """Wording, a leak, reach or schedule."""
        old = self.model.doc.words
        options = [
            replace(old, said=SENTENCES, inside=Words(()).inside),
            replace(old, said=SENTENCES[:2], inside=Words(()).inside),
            replace(old, said=()),
            replace(old, said=(*SENTENCES[:1], LEAK)),
            replace(old, channels=("page",)),
            replace(old, channels=("email", "page")),
            replace(old, mode="as_soon_as_approved", at=None),
            replace(old, mode="at_time", at=self.model.now + timedelta(minutes=20)),
        ]
        self.change_words(by, options[draw], stale=stale)

    def change_words(self, by: str, words: Words, *, stale: bool) -> None:
        """One edit."""
        if self.model.doc.corrects is not None and words == self.model.doc.words:
            # A correction begins with a quotation that the model does not spell out, so it cannot tell whether this would be a change.
            return
        if self.act(by, self.model.may_edit(by, words, stale=stale), lambda: self.world.edit(by, words, stale=stale)):
            self.model.edited(by, words)

    @rule(by=PEOPLE, proved=MOSTLY, stale=RARELY)
    def put_forward(self, by: str, proved: bool, stale: bool) -> None:
        """Asks for review."""
        if self.act(by, self.model.may_ask(by, proved=proved, stale=stale), lambda: self.world.ask(by, proved=proved, stale=stale)):
            self.model.asked(by)

    @rule(by=PEOPLE, kind=st.sampled_from(KINDS), agrees=MOSTLY, proved=MOSTLY, stale=RARELY)
    def judge(self, by: str, kind: str, agrees: bool, proved: bool, stale: bool) -> None:
        """A verdict."""
        allowed = self.model.may_judge(by, kind, proved=proved, stale=stale)
        if self.act(by, allowed, lambda: self.world.judge(by, kind, agrees=agrees, proved=proved, stale=stale)):
            self.model.judged(by, kind, agrees=agrees)

    @precondition(lambda self: self.model.doc.state == "in_review")
    @rule(
        by=st.sampled_from(["comms2", "techlead2", "pr", "double", "commander"]),
        kind=st.sampled_from(KINDS),
        place=st.integers(0, 2),
        proved=MOSTLY,
    )
    def dispute(self, by: str, kind: str, place: int, proved: bool) -> None:
        """Marks a sentence."""
        self.mark(by, kind, SENTENCES[place], proved=proved)

    def mark(self, by: str, kind: str, sentence: str, *, proved: bool) -> None:
        """One dispute."""
        if self.act(
            by, self.model.may_dispute(by, kind, sentence, proved=proved), lambda: self.world.dispute(by, kind, sentence, proved=proved)
        ):
            self.model.disputed(by, sentence)

    @precondition(lambda self: self.model.doc.disputes)
    @rule(
        by=st.sampled_from(["arbiter", "arbiter", "comms2", "commander"]),
        which=st.integers(0, 2),
        ruling=st.sampled_from(["uphold", "strike", "reword"]),
        proved=MOSTLY,
        stale=RARELY,
    )
    def rule_on(self, by: str, which: int, ruling: str, proved: bool, stale: bool) -> None:
        """A ruling."""
        found = self.model.doc.disputes
        if not found:
            return
        dispute = found[which % len(found)]
        self.count += 1
        words = f"Put {self.count} ways."
        allowed = self.model.may_rule(by, dispute, ruling, proved=proved, stale=stale)
        if self.act(by, allowed, lambda: self.world.rule(by, dispute.sentence, ruling, words, proved=proved, stale=stale)):
            self.model.ruled(by, dispute, ruling, words)

    @precondition(lambda self: self.model.doc.disputes)
    @rule(by=st.sampled_from(["comms2", "techlead2", "pr", "arbiter"]), proved=MOSTLY)
    def take_back(self, by: str, proved: bool) -> None:
        """Who disputed lets it be."""
        dispute = self.model.doc.disputes[0]
        allowed = proved and self.model.person[by] == dispute.by
        if self.act(by, allowed, lambda: self.world.take_back(by, dispute.sentence, proved=proved)):
            self.model.took_back(dispute)
