"""Acts that let words out, keep them back or put them right, by anybody."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.flows.governance.walk import MOSTLY, RARELY
from tests.flows.governance.walk_review import ReviewActs


class ReleaseActs(ReviewActs):
    """With what is done with the words."""

    @rule(by=st.sampled_from(["override", "override", "legal", "comms", "commander"]), proved=MOSTLY, stale=RARELY)
    def override(self, by: str, proved: bool, stale: bool) -> None:
        """Releases without every review."""
        if self.act(
            by, self.model.may_override(by, proved=proved, stale=stale), lambda: self.world.override(by, proved=proved, stale=stale)
        ):
            self.model.overrode(by)

    @precondition(lambda self: self.model.awaiting())
    @rule(by=st.sampled_from(["legal", "override", "commander", "double", "pr"]), ratify=st.booleans(), proved=MOSTLY)
    def decide(self, by: str, ratify: bool, proved: bool) -> None:
        """Ratifies, or refuses."""
        doc = self.model.awaiting()[0]
        number = self.model.docs.index(doc)
        if self.act(by, self.model.may_decide(by, doc, proved=proved), lambda: self.world.decide(by, number, ratify=ratify, proved=proved)):
            self.model.decided(doc, ratify=ratify)

    @rule(by=st.sampled_from(["commander", "commander", "legal", "techlead"]), whole=st.booleans(), proved=MOSTLY)
    def hold_or_lift(self, by: str, whole: bool, proved: bool) -> None:
        """Holds what is free, lifts what is held."""
        doc = self.model.doc
        held = self.model.held if whole else doc.held
        allowed = self.model.may_hold(by, proved=proved) and (held or whole or doc.state != "withdrawn")
        if self.act(by, allowed, lambda: self.world.hold(by, whole=whole, lift=held, proved=proved)):
            if whole:
                self.model.held = not held
            else:
                doc.held = not held

    @rule(by=st.sampled_from(["commander", "commander", "techlead", "override", "outsider"]), proved=MOSTLY, stale=RARELY)
    def let_out(self, by: str, proved: bool, stale: bool) -> None:
        """Releases by hand."""
        allowed = self.model.may_release(by, self.model.now, proved=proved, stale=stale)
        if self.act(by, allowed, lambda: self.world.release(by, None, proved=proved, stale=stale)):
            self.model.released(self.model.doc)

    @rule(by=st.sampled_from(["commander", "techlead"]), minutes=st.integers(-5, 40), proved=MOSTLY)
    def plan(self, by: str, minutes: int, proved: bool) -> None:
        """Plans the release; a plan that was there is replaced."""
        at = self.model.now + timedelta(minutes=minutes)
        allowed = minutes > 0 and self.model.may_release(by, at, proved=proved, stale=False, planned=True)
        if self.act(by, allowed, lambda: self.world.release(by, at, proved=proved, stale=False)):
            self.model.doc.plan = (at, by)

    @rule(minutes=st.sampled_from([1, 5, 12, 25]))
    def time_passes(self, minutes: int) -> None:
        """The clockwork runs once at the end of it, as after an outage."""
        self.model.now += timedelta(minutes=minutes)
        self.world.clock(self.model.now)
        for doc in self.model.due():
            self.model.released(doc)
            doc.by_plan = True

    @rule(by=st.sampled_from(["commander", "comms", "legal"]), kind=st.sampled_from(["correction", "correction", "retraction"]))
    def correct(self, by: str, kind: str, token: bool = False) -> None:
        """Starts putting right what is out, or taking it back."""
        if self.act(by, self.model.may_correct(by), lambda: self.world.correct(by, kind, token=token)):
            self.model.corrected(by, kind)
            self.model.doc.by_token = token

    @precondition(lambda self: self.model.doc.out is not None)
    @rule(by=st.sampled_from(["commander", "comms", "techlead", "outsider"]), kind=st.sampled_from(["correction", "retraction"]))
    def correct_by_token(self, by: str, kind: str) -> None:
        """A program asks for it in somebody's name, who counts as having had a hand in it."""
        self.correct(by, kind, token=True)

    @rule(by=st.sampled_from(["commander", "override"]))
    def let_out_by_token(self, by: str) -> None:
        """A program lets nothing out, whosever name it has."""
        assert not self.world.release(by, None, proved=True, stale=False, token=True)

    @rule(by=st.sampled_from(["commander", "legal"]), really=RARELY)
    def withdraw(self, by: str, really: bool) -> None:
        """Gives it up."""
        if really and self.act(by, self.model.may_withdraw(by), lambda: self.world.withdraw(by)):
            self.model.withdrew()

    @precondition(lambda self: self.model.statement_expires)
    @rule(by=st.sampled_from(["commander", "commander", "comms"]), proved=MOSTLY)
    def say_statement(self, by: str, proved: bool) -> None:
        """Lets out the words approved ahead."""
        if self.act(by, self.model.may_say_statement(by, proved=proved), lambda: self.world.say_statement(by, proved=proved)):
            self.model.said_statement()
