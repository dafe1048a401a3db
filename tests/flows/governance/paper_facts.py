"""The rows of the world of pure rules, and what those rules read of them."""

from dataclasses import dataclass, field
from datetime import datetime

from accounts.rules.availability import DutyRoster, Holder, Place, places
from accounts.rules.duties import PERMISSION_OF, Duty
from accounts.rules.roles import Permission, Role, permissions_of
from accounts.rules.spans import Span
from approvals.rules.consequences import PolicyFacts
from approvals.rules.correction import Owed, left_out
from approvals.rules.dispute import (
    DisputeState,
    Passage,
)
from approvals.rules.hold import HoldFacts
from approvals.rules.legal import LegalFacts
from approvals.rules.readiness import scheduled_for
from approvals.rules.release import ReleaseFacts, Releaser, may_let_out
from approvals.rules.review import Given, ReviewFacts
from incidents.rules.content import Content, ScheduleMode
from incidents.rules.words import CORRECTING, UPDATE_MOVES, UpdateKind, UpdateState
from policies.rules.decision import Embargo
from screening.rules.check import check
from screening.rules.findings import ScreeningFacts
from tests.flows.governance.model import Model
from tests.flows.governance.model_rows import Law, Words
from tests.flows.governance.seeing import content_of
from tests.support.cast import TRAINED, TRAINED_UNTIL

AUDIENCES = {"customers": "Customers", "internal": "Internal"}
EMPTY = Content(status="investigating", impact="major", next_update_minutes=15)


@dataclass
class DisputeRow:
    passage: Passage
    by: str
    reviewers: set[str]
    state: str = DisputeState.OPEN


@dataclass
class RoundRow:
    content: Content
    asked_by: str
    opened_at: datetime
    due: dict[str, datetime]
    given: dict[str, Given] = field(default_factory=dict)
    read: dict[str, Content] = field(default_factory=dict)
    left: dict[str, tuple[Content, ...]] = field(default_factory=dict)
    reviewers: set[str] = field(default_factory=set)
    live: bool = True
    reworded: bool = False


@dataclass
class UpdateRow:
    kind: str
    revisions: list[Content]
    state: str = UpdateState.DRAFT
    wrote: set[str] = field(default_factory=set)
    only_struck: set[str] = field(default_factory=set)
    hands: set[str] = field(default_factory=set)
    able: dict[str, set[str]] = field(default_factory=dict)
    rounds: list[RoundRow] = field(default_factory=list)
    disputes: list[DisputeRow] = field(default_factory=list)
    held: bool = False
    plan: tuple[datetime, str] | None = None
    out: Content | None = None
    overridden_by: str = ""
    ratification: str = ""
    corrects: "UpdateRow | None" = None

    @property
    def current(self) -> Content:
        return self.revisions[-1]

    @property
    def round(self) -> RoundRow | None:
        return self.rounds[-1] if self.rounds and self.rounds[-1].live else None

    def open_disputes(self) -> list[DisputeRow]:
        return [dispute for dispute in self.disputes if dispute.state == DisputeState.OPEN]

    def move(self, to: UpdateState) -> None:
        assert to in UPDATE_MOVES[UpdateState(self.state)]
        self.state = to


class PaperFacts:
    """The rows, and what the rules read of them."""

    def __init__(self, model: Model, kind: str, words: Words) -> None:
        self.law: Law = model.law
        self.now = self.opened_at = model.now
        self.person = dict(model.person)
        self.roles = {account: set(roles) for account, roles in model.roles.items()}
        self.trained = set(model.trained)
        self.absent: dict[str, list[Span]] = {account: [] for account in self.roles}
        self.flags: set[str] = set()
        self.restricted = self.held = False
        self.granted: set[str] = set()
        self.expires_at, self.legally_approved = model.statement_expires, model.statement_legal
        self.statements_out = 0
        self.updates = [UpdateRow(kind, [content_of(words, EMPTY)], wrote={self.person["commander"]}, hands={"commander"})]

    @property
    def update(self) -> UpdateRow:
        return self.updates[-1]

    def may(self, account: str, permission: Permission) -> bool:
        """By their roles; nobody does anything with what they do not see."""
        return self.holds(account, permission) and self.sees(account)

    def holds(self, account: str, permission: Permission) -> bool:
        return permission in permissions_of(frozenset(Role(role) for role in self.roles[account]))

    def sees(self, account: str) -> bool:
        return self.holds(account, Permission.INCIDENT_READ) and (not self.restricted or account in self.granted)

    def legal_facts(self, content: Content) -> LegalFacts:
        outside = frozenset(content.audiences) - {"internal"}
        return LegalFacts("data_breach" in self.flags, "regulated_system" in self.flags, outside)

    def places(self, kind: str, update: UpdateRow, excluding: frozenset[str], *, without: str = "") -> list[Place]:
        """As the roster has them; `without` the absences that this person entered, which are their own."""
        always = (Span(TRAINED, TRAINED_UNTIL),)
        holders = tuple(
            Holder(
                account,
                self.person[account],
                account,
                () if self.person[account] == without else tuple(self.absent[account]),
                always if (account, kind) in self.trained else (),
            )
            for account in self.roles
            if self.holds(account, PERMISSION_OF[Duty(kind)])
        )
        training = self.law.training_required and update.kind != UpdateKind.DRILL
        return places(DutyRoster(Duty(kind), holders), self.now, excluding=excluding, training_required=training)

    def review_facts(self, account: str, kind: str, *, stale: bool) -> ReviewFacts:
        update, found = self.update, self.update.round
        unable = next((place.reasons for place in self.places(kind, update, frozenset()) if place.user == account), ())
        return ReviewFacts(
            state=update.state,
            kind=kind,
            reviewer=self.person[account],
            holds_permission=self.may(account, Permission(f"review.{kind}")),
            revision_is_current=found is not None and found.content == update.current and not stale,
            contributors=frozenset(update.wrote),
            asked=frozenset(found.due) if found else frozenset(),
            given=found.given if found else {},
            unable=unable if found else (),
        )

    def release_facts(
        self, update: UpdateRow, content: Content, at: datetime, *, stale: bool = False, planned: bool = False
    ) -> ReleaseFacts:
        found = update.round
        holds = [HoldFacts(whole, "Somebody", self.now, "Wait.") for whole, held in ((True, self.held), (False, update.held)) if held]
        outside = frozenset(content.audiences) - {"internal"}
        minutes = self.law.embargo
        return ReleaseFacts(
            state=update.state,
            revision_is_current=not stale,
            content_hash=content.hash(),
            approved_hash=found.content.hash() if found else None,
            asked=frozenset(found.due) if found else frozenset(),
            given=found.given if found else {},
            contributors=frozenset(update.wrote),
            incident_resolved=False,
            restricted=self.restricted,
            unconfirmed=False,
            reaches_public="customers" in content.audiences,
            unknown_audiences=frozenset(content.audiences) - AUDIENCES.keys(),
            goes_at=scheduled_for(content),
            leaves_at=at,
            planned=planned,
            goes_when_approved=content.schedule_mode == ScheduleMode.AS_SOON_AS_APPROVED,
            is_drill=update.kind == UpdateKind.DRILL,
            speaks_of_the_past=update.kind in CORRECTING,
            holds=tuple(holds),
            disputed=bool(update.open_disputes()),
            left_out=tuple(left_out(content, self.owed(update)).values()),
            screening_blocks=tuple(blocks(content)),
            legal=self.legal_facts(content),
            policy=PolicyFacts(
                rule_words="The law.",
                now=at,
                opened_at=self.opened_at,
                audiences=frozenset(content.audiences),
                outside=outside,
                channels=frozenset(content.channels),
                forbidden_channels=frozenset(self.law.forbidden),
                embargo=Embargo(minutes_after_opening=minutes) if minutes else None,
            ),
        )

    def owed(self, update: UpdateRow) -> Owed | None:
        wrong = update.corrects.out if update.corrects else None
        if wrong is None:
            return None
        return Owed({key: key for key in wrong.audiences}, frozenset(wrong.channels) - frozenset(self.law.forbidden))

    def may_send(self, account: str) -> bool:
        commander = Role.COMMANDER.value in self.roles[account]
        return not may_let_out(
            Releaser(self.may(account, Permission.UPDATE_RELEASE), account == "commander", commander, owns_audiences=False)
        )


def blocks(content: Content) -> list[str]:
    return [
        finding.sentence
        for audience, by_language in content.wording.items()
        for wording in by_language.values()
        for finding in check(wording, ScreeningFacts(audience_internal=audience == "internal", status=content.status, audience=audience))
        if finding.blocks
    ]
