"""What happens around the words: flags, restriction, roles, absences."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.flows.governance.walk import PEOPLE, RARELY
from tests.flows.governance.walk_release import ReleaseActs
from tests.flows.governance.worlds import GIVEN_AWAY


class ActsAround(ReleaseActs):
    """With what others do meanwhile."""

    @rule(
        by=st.sampled_from(["commander", "legal", "responder", "outsider"]),
        flag=st.sampled_from(["data_breach", "regulated_system"]),
        on=st.booleans(),
    )
    def flag(self, by: str, flag: str, on: bool) -> None:
        """It touches personal data or a regulated system, or it does not after all."""
        self.world.flag(by, flag, on=on)
        self.model.flag(by, flag, on=on)

    @rule(by=st.sampled_from(["commander", "commander", "legal", "responder", "outsider"]), on=RARELY)
    def restrict(self, by: str, on: bool) -> None:
        """From now on only those let in know of it, or everybody again."""
        self.world.restrict(by, on=on)
        self.model.restrict(by, on=on)

    @precondition(lambda self: self.model.restricted)
    @rule(by=st.sampled_from(["commander", "commander", "legal"]), who=PEOPLE)
    def let_in(self, by: str, who: str) -> None:
        """One more who may know of it."""
        if self.act(by, self.model.may_let_in(by), lambda: self.world.let_in(by, who)):
            self.model.granted.add(who)

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
