"""Any order of acts, in a world beside the model: each act is done or refused as the model says, and nothing unapproved gets out."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.flows.governance.model import Model
from tests.flows.governance.model_rows import LEAK, REVIEWER, Doc, Law, Words
from tests.support.cast import NOW

KINDS = tuple(REVIEWER)
# Account and roles. `double` is the technical lead's second account; everyone is trained for the roles they begin with.
ACCOUNTS: dict[str, set[str]] = {
    "commander": {"incident_commander"},
    "techlead": {"technical_lead"},
    "techlead2": {"technical_lead"},
    "comms": {"comms_reviewer"},
    "comms2": {"comms_reviewer"},
    "double": {"comms_reviewer", "legal"},
    "legal": {"legal"},
    "pr": {"public_relations"},
    "arbiter": {"arbiter"},
    "override": {"override_holder"},
    "responder": {"responder"},
    "outsider": set(),
}
USUAL = {"technical": "techlead", "communications": "comms", "legal": "legal", "public_relations": "pr"}
GIVEN_AWAY = ("technical_lead", "comms_reviewer", "legal", "override_holder", "incident_commander")
SENTENCES = ("Some payments fail.", "We are on it.", "Refunds are safe.")
TWO = (("technical", 15), ("communications", 30))
LAWS = (
    Law(TWO),
    Law((*TWO, ("legal", 20), ("public_relations", 20)), override_fills_legal=True),
    Law((*TWO, ("legal", 20)), embargo=20, training_required=False),
    Law((*TWO, ("public_relations", 10)), forbidden=("email",)),
)


class Sight(Protocol):
    """What a world shows of one update."""

    @property
    def state(self) -> str: ...
    @property
    def words(self) -> Words: ...
    @property
    def out(self) -> Words | None: ...


class World(Protocol):
    """Where the acts are done. Each says whether it was done; a refusal changes nothing."""

    def edit(self, account: str, words: Words, *, stale: bool) -> bool: ...
    def ask(self, account: str, *, proved: bool, stale: bool) -> bool: ...
    def judge(self, account: str, kind: str, *, agrees: bool, proved: bool, stale: bool) -> bool: ...
    def dispute(self, account: str, kind: str, sentence: str, *, proved: bool) -> bool: ...
    def rule(self, account: str, sentence: str, ruling: str, words: str, *, proved: bool, stale: bool) -> bool: ...
    def take_back(self, account: str, sentence: str, *, proved: bool) -> bool: ...
    def override(self, account: str, *, proved: bool, stale: bool) -> bool: ...
    def decide(self, account: str, doc: int, *, ratify: bool, proved: bool) -> bool: ...
    def hold(self, account: str, *, whole: bool, lift: bool, proved: bool) -> bool: ...
    def release(self, account: str, at: datetime | None, *, proved: bool, stale: bool) -> bool: ...
    def correct(self, account: str) -> bool: ...
    def withdraw(self, account: str) -> bool: ...
    def say_statement(self, account: str, *, proved: bool) -> bool: ...
    def flag(self, account: str, *, on: bool) -> None: ...
    def give_roles(self, account: str, roles: set[str]) -> None: ...
    def send_away(self, account: str, until: datetime) -> None: ...
    def clock(self, now: datetime) -> None: ...
    def sights(self) -> list[Any]: ...
    def check(self, model: Model) -> None: ...
    def check_at_the_end(self) -> None: ...


class Governance(RuleBasedStateMachine):
    """One incident and its updates. A class beneath it says in which world."""

    reached: dict[str, int] = {}

    def world_of(self, model: Model, kind: str, words: Words) -> World:
        """The world as it is when the first draft stands there."""
        raise NotImplementedError

    def around(self) -> AbstractContextManager[Any]:
        """What an example is run in."""
        return nullcontext()

    def __init__(self) -> None:
        super().__init__()
        self._around = self.around()
        self._around.__enter__()
        self.count = 0

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self.world.check_at_the_end()
                for doc in self.model.docs:
                    self.note_reached(doc)
        finally:
            self._around.__exit__(None, None, None)

    def note_reached(self, doc: Doc) -> None:
        """Counts ends, so that a test can say that the walk really gets there."""
        ends = [f"{doc.kind} {doc.state}"]
        ends += ["overridden"] if doc.overridden_by else []
        ends += [f"override {doc.ratification}"] if doc.ratification else []
        ends += ["struck"] if doc.strikers else []
        ends += ["released by plan"] if doc.by_plan else []
        ends += ["verdict carried"] if doc.carried else []
        ends += ["ruled on"] if doc.rulings else []
        ends += ["statement"] if self.model.statements_out else []
        for end in ends:
            self.reached[end] = self.reached.get(end, 0) + 1

    @initialize(
        law=st.sampled_from(LAWS),
        drill=st.sampled_from([False] * 9 + [True]),
        mode=st.sampled_from(["by_hand", "by_hand", "as_soon_as_approved", "at_time"]),
        statement=st.sampled_from([None, None, None, "plain", "legal"]),
    )
    def begin(self, law: Law, drill: bool, mode: str, statement: str | None) -> None:
        """A draft by the commander; for some incidents a statement was approved ahead."""
        person = {account: account for account in ACCOUNTS} | {"double": "techlead"}
        trained = {(account, kind) for account, roles in ACCOUNTS.items() for kind in KINDS if REVIEWER[kind] in roles}
        roles = {account: set(held) for account, held in ACCOUNTS.items()}
        self.model = Model(NOW, law, person, roles, trained)
        words = Words(
            SENTENCES[:2],
            ("page",) if law.forbidden else ("email", "page"),
            mode,
            NOW + timedelta(minutes=30) if mode == "at_time" else None,
        )
        kind = "drill" if drill else "update"
        if statement:
            self.model.statement_expires = NOW + timedelta(minutes=45)
            self.model.statement_legal = statement == "legal"
        self.model.docs.append(Doc(words, kind=kind, authors={"commander"}))
        self.world = self.world_of(self.model, kind, words)

    def act(self, allowed: bool, do: Callable[[], bool]) -> bool:
        """Done exactly when the model allows it."""
        done = do()
        assert done == allowed, f"{'done' if done else 'refused'}, and the model says otherwise"
        return done

    # The ordinary way, so that walks get far.

    @rule()
    def go_on(self) -> None:
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
            self.correct("commander")

    @rule(times=st.integers(min_value=2, max_value=4))
    def go_far(self, times: int) -> None:
        """Several of them."""
        for _ in range(times):
            self.go_on()

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

    # Everything else, by anybody.

    PEOPLE = st.sampled_from(list(ACCOUNTS))
    MOSTLY = st.sampled_from([True] * 9 + [False])
    RARELY = st.sampled_from([False] * 9 + [True])

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
        if self.act(self.model.may_edit(by, words, stale=stale), lambda: self.world.edit(by, words, stale=stale)):
            self.model.edited(by, words)

    @rule(by=PEOPLE, proved=MOSTLY, stale=RARELY)
    def put_forward(self, by: str, proved: bool, stale: bool) -> None:
        """Asks for review."""
        if self.act(self.model.may_ask(by, proved=proved, stale=stale), lambda: self.world.ask(by, proved=proved, stale=stale)):
            self.model.asked(by)

    @rule(by=PEOPLE, kind=st.sampled_from(KINDS), agrees=MOSTLY, proved=MOSTLY, stale=RARELY)
    def judge(self, by: str, kind: str, agrees: bool, proved: bool, stale: bool) -> None:
        """A verdict."""
        allowed = self.model.may_judge(by, kind, proved=proved, stale=stale)
        if self.act(allowed, lambda: self.world.judge(by, kind, agrees=agrees, proved=proved, stale=stale)):
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
            self.model.may_dispute(by, kind, sentence, proved=proved), lambda: self.world.dispute(by, kind, sentence, proved=proved)
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
        if self.act(allowed, lambda: self.world.rule(by, dispute.sentence, ruling, words, proved=proved, stale=stale)):
            self.model.ruled(by, dispute, ruling, words)

    @precondition(lambda self: self.model.doc.disputes)
    @rule(by=st.sampled_from(["comms2", "techlead2", "pr", "arbiter"]), proved=MOSTLY)
    def take_back(self, by: str, proved: bool) -> None:
        """Who disputed lets it be."""
        dispute = self.model.doc.disputes[0]
        allowed = proved and self.model.person[by] == dispute.by
        if self.act(allowed, lambda: self.world.take_back(by, dispute.sentence, proved=proved)):
            self.model.took_back(dispute)

    @rule(by=st.sampled_from(["override", "override", "legal", "comms", "commander"]), proved=MOSTLY, stale=RARELY)
    def override(self, by: str, proved: bool, stale: bool) -> None:
        """Releases without every review."""
        if self.act(self.model.may_override(by, proved=proved, stale=stale), lambda: self.world.override(by, proved=proved, stale=stale)):
            self.model.overrode(by)

    @precondition(lambda self: self.model.awaiting())
    @rule(by=st.sampled_from(["legal", "override", "commander", "double", "pr"]), ratify=st.booleans(), proved=MOSTLY)
    def decide(self, by: str, ratify: bool, proved: bool) -> None:
        """Ratifies, or refuses."""
        doc = self.model.awaiting()[0]
        number = self.model.docs.index(doc)
        if self.act(self.model.may_decide(by, doc, proved=proved), lambda: self.world.decide(by, number, ratify=ratify, proved=proved)):
            self.model.decided(doc, ratify=ratify)

    @rule(by=st.sampled_from(["commander", "commander", "legal", "techlead"]), whole=st.booleans(), proved=MOSTLY)
    def hold_or_lift(self, by: str, whole: bool, proved: bool) -> None:
        """Holds what is free, lifts what is held."""
        doc = self.model.doc
        held = self.model.held if whole else doc.held
        allowed = self.model.may_hold(by, proved=proved) and (held or whole or doc.state != "withdrawn")
        if self.act(allowed, lambda: self.world.hold(by, whole=whole, lift=held, proved=proved)):
            if whole:
                self.model.held = not held
            else:
                doc.held = not held

    @rule(by=st.sampled_from(["commander", "commander", "techlead", "override", "outsider"]), proved=MOSTLY, stale=RARELY)
    def let_out(self, by: str, proved: bool, stale: bool) -> None:
        """Releases by hand."""
        allowed = self.model.may_release(by, self.model.now, proved=proved, stale=stale)
        if self.act(allowed, lambda: self.world.release(by, None, proved=proved, stale=stale)):
            self.model.released(self.model.doc)

    @rule(by=st.sampled_from(["commander", "techlead"]), minutes=st.integers(-5, 40), proved=MOSTLY)
    def plan(self, by: str, minutes: int, proved: bool) -> None:
        """Plans the release; a plan that was there is replaced."""
        at = self.model.now + timedelta(minutes=minutes)
        allowed = minutes > 0 and self.model.may_release(by, at, proved=proved, stale=False, planned=True)
        if self.act(allowed, lambda: self.world.release(by, at, proved=proved, stale=False)):
            self.model.doc.plan = (at, by)

    @rule(minutes=st.sampled_from([1, 5, 12, 25]))
    def time_passes(self, minutes: int) -> None:
        """The clockwork runs once at the end of it, as after an outage."""
        self.model.now += timedelta(minutes=minutes)
        self.world.clock(self.model.now)
        for doc in self.model.due():
            self.model.released(doc)
            doc.by_plan = True

    @rule(by=st.sampled_from(["commander", "legal", "responder", "outsider"]), on=st.booleans())
    def flag(self, by: str, on: bool) -> None:
        """A data breach is found, or it is not one after all."""
        self.world.flag(by, on=on)
        self.model.flag(by, on=on)

    @rule(who=PEOPLE, role=st.sampled_from(GIVEN_AWAY))
    def give_or_take_role(self, who: str, role: str) -> None:
        """Nobody's part in the words is laundered by it."""
        self.model.roles[who] = self.model.roles[who] ^ {role}
        self.world.give_roles(who, self.model.roles[who])

    @rule(who=st.sampled_from(["techlead", "techlead2", "comms", "comms2", "double", "legal"]), minutes=st.sampled_from([5, 30]))
    def send_away(self, who: str, minutes: int) -> None:
        """Absent for a while."""
        until = self.model.now + timedelta(minutes=minutes)
        self.model.away[who] = max(until, self.model.away.get(who, until))
        self.world.send_away(who, until)

    @rule(by=st.sampled_from(["commander", "comms", "legal"]))
    def correct(self, by: str) -> None:
        """Starts putting right what is out."""
        if self.act(self.model.may_correct(by), lambda: self.world.correct(by)):
            self.model.corrected(by)

    @rule(by=st.sampled_from(["commander", "legal"]), really=RARELY)
    def withdraw(self, by: str, really: bool) -> None:
        """Gives it up."""
        if really and self.act(self.model.may_withdraw(by), lambda: self.world.withdraw(by)):
            self.model.withdrew()

    @precondition(lambda self: self.model.statement_expires)
    @rule(by=st.sampled_from(["commander", "commander", "comms"]), proved=MOSTLY)
    def say_statement(self, by: str, proved: bool) -> None:
        """Lets out the words approved ahead."""
        if self.act(self.model.may_say_statement(by, proved=proved), lambda: self.world.say_statement(by, proved=proved)):
            self.model.statements_out += 1

    # What must be so after each step.

    @invariant()
    def the_world_is_as_the_model_says(self) -> None:
        """States, words, and what is out."""
        if not hasattr(self, "world"):
            return
        seen = [(sight.state, sight.words, sight.out) for sight in self.world.sights()]
        assert seen == [(doc.state, doc.words, doc.out) for doc in self.model.docs]
        self.world.check(self.model)
