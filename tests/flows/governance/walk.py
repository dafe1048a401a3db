"""A walk: an incident in a world beside the model, and how each act of the one is held against the other."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from tests.flows.governance.model import Model
from tests.flows.governance.model_rows import REVIEWER, Doc, Law, Words
from tests.flows.governance.worlds import ACCOUNTS, KINDS, LAWS, SENTENCES, World
from tests.support.cast import NOW

PEOPLE = st.sampled_from(list(ACCOUNTS))
MOSTLY = st.sampled_from([True] * 9 + [False])
RARELY = st.sampled_from([False] * 9 + [True])


class Walk(RuleBasedStateMachine):
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
        ends += ["released past legal"] if doc.past_legal else []
        ends += ["released while restricted"] if doc.in_confidence else []
        ends += ["released to colleagues alone"] if doc.out is not None and not doc.out.outside else []
        ends += ["correction by token"] if doc.by_token else []
        made = [promise for promise in self.model.promises if not promise.first]
        ends += ["two promises run"] if len(made) > 1 else []
        ends += ["a first word waited for beside a promise"] if made and len(made) < len(self.model.promises) else []
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
        self.model.docs.append(Doc(words, kind=kind, authors={"commander"}, hands={"commander"}))
        self.world = self.world_of(self.model, kind, words)

    def act(self, by: str, allowed: bool, do: Callable[[], bool]) -> bool:
        """Done exactly when the model allows it; nobody acts on what they may not see."""
        allowed, done = allowed and self.model.sees(by), do()
        assert done == allowed, f"{'done' if done else 'refused'}, and the model says otherwise"
        return done

    @invariant()
    def the_world_is_as_the_model_says(self) -> None:
        """States, words, and what is out."""
        if not hasattr(self, "world"):
            return
        seen = [(sight.state, sight.words, sight.out) for sight in self.world.sights()]
        assert seen == [(doc.state, doc.words, doc.out) for doc in self.model.docs]
        self.world.check(self.model)
