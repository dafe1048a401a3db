"""Any order of acts, in a world beside the model: each act is done or refused as the model says, and nothing unapproved gets out.

Here the ordinary way, so that walks get far; everything else, by anybody, stands in the classes above.
"""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.flows.governance.model_rows import LIVE, Words
from tests.flows.governance.walk import MOSTLY
from tests.flows.governance.walk_around import ActsAround
from tests.flows.governance.worlds import ACCOUNTS, SENTENCES, USUAL


class Governance(ActsAround):
    """The whole walk."""

    @rule(right=st.sampled_from(["correction", "retraction"]))
    def go_on(self, right: str) -> None:
        """The next step by the usual people."""
        doc = self.model.doc
        if doc.state == "draft":
            if not self.model.may_ask("commander", proved=True, stale=False):
                self.change_words("commander", Words(SENTENCES, doc.words.channels), stale=False)
            self.put_forward("commander", proved=True, stale=False)
        elif doc.state == "in_review" and doc.live.missing():
            kind = min(doc.live.missing())
            able = [account for account in ACCOUNTS if self.model.may_judge(account, kind, proved=True, stale=False)]
            self.judge(able[0] if able else USUAL[kind], kind, agrees=True, proved=True, stale=False)
        elif doc.state == "in_review":
            self.rule_on("arbiter", 0, "uphold", proved=True, stale=False)
        elif doc.state == "approved":
            self.let_out("commander", proved=True, stale=False)
        else:
            self.correct("commander", right)

    @rule(times=st.integers(min_value=2, max_value=4), right=st.sampled_from(["correction", "retraction"]))
    def go_far(self, times: int, right: str) -> None:
        """Several of them."""
        for _ in range(times):
            self.go_on(right)

    @precondition(lambda self: self.model.doc.state in {"draft", "in_review"})
    @rule(outside=st.booleans(), times=st.integers(1, 5), after=MOSTLY)
    def in_confidence(self, outside: bool, times: int, after: bool) -> None:
        """The commander restricts it, lets reviewers in and puts words forward, for colleagues alone or not; and lifts it, or not."""
        self.restrict("commander", on=True)
        for who in ("techlead", "comms", "legal", "pr"):
            self.let_in("commander", who)
        self.change_words("commander", replace(self.model.doc.words, said=SENTENCES if outside else ()), stale=False)
        self.put_forward("commander", proved=True, stale=False)
        for _ in range(times):
            self.go_on("correction")
        if after:
            self.restrict("commander", on=False)

    @precondition(lambda self: self.model.doc.state in LIVE and self.model.doc.words.said)
    @rule(first=MOSTLY, times=st.integers(2, 6))
    def to_fewer(self, first: bool, times: int) -> None:
        """Customers are told by a statement, or not; then what was for them too goes to colleagues alone, who are promised word apart."""
        if first and self.model.statement_expires:
            self.say_statement("commander", proved=True)
        self.change_words("commander", replace(self.model.doc.words, said=(), inside=Words(()).inside), stale=False)
        self.put_forward("commander", proved=True, stale=False)
        for _ in range(times):
            if self.model.doc.state in LIVE:
                self.go_on("correction")

    @precondition(lambda self: self.model.doc.state in {"draft", "in_review"})
    @rule(flag=st.sampled_from(["data_breach", "regulated_system"]), times=st.integers(2, 6))
    def under_a_flag(self, flag: str, times: int) -> None:
        """The commander flags it and puts it forward anew, so that legal is asked; and the usual people go on."""
        self.flag("commander", flag, on=True)
        self.edit("commander", 0, stale=False)
        for _ in range(times):
            self.go_on("correction")

    @precondition(lambda self: self.model.doc.state == "in_review")
    @rule(ratify=st.sampled_from([True, False, None]))
    def nobody_comes(self, ratify: bool | None) -> None:
        """Every window runs out, a holder of the override looks, and somebody looks at that, or not yet."""
        self.time_passes(60)
        self.override("override", proved=True, stale=False)
        if ratify is not None and self.model.awaiting():
            self.decide("legal", ratify, proved=True)

    @precondition(lambda self: self.model.doc.plan)
    @rule(late=st.sampled_from([0, 1, 15, 16]))
    def the_plan_comes_due(self, late: int) -> None:
        """On time, or noticed late."""
        assert self.model.doc.plan is not None
        left = self.model.doc.plan[0] - self.model.now
        self.time_passes(max(0, int(left.total_seconds() // 60)) + late)

    @precondition(lambda self: self.model.doc.state == "in_review" and self.model.doc.words.said)
    @rule(place=st.integers(0, 2), ruling=st.sampled_from(["uphold", "strike", "reword", ""]))
    def contradict(self, place: int, ruling: str) -> None:
        """A reviewer disputes a sentence; the arbiter rules, or the dispute stays open."""
        doc = self.model.doc
        sentence = doc.words.said[place % len(doc.words.said)]
        who = ((by, kind) for kind in sorted(doc.live.missing()) for by in ACCOUNTS)
        able = next((one for one in who if self.model.may_dispute(*one, sentence, proved=True)), None)
        if able is None:
            return
        self.mark(*able, sentence, proved=True)
        if ruling:
            self.rule_on("arbiter", len(doc.disputes) - 1, ruling, proved=True, stale=False)

    @precondition(lambda self: self.model.doc.state in {"in_review", "approved"})
    @rule(draw=st.integers(0, 7))
    def edit_and_ask_again(self, draw: int) -> None:
        """What the edit did not touch is kept."""
        self.edit("commander", draw, stale=False)
        self.put_forward("commander", proved=True, stale=False)
