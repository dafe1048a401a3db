"""The editor of a tree: one form that carries the whole tree, so that every act works without a script and nothing is kept between."""

from dataclasses import dataclass, field
from datetime import time

from django.db.models import Case, Value, When
from django.http import QueryDict

from accounts.models import Team
from accounts.rules.duties import IN_WORDS, Duty
from console.forms.typed import small_int
from console.register_words import KIND_WORDS
from core.errors import InvalidInput
from stakeholders.models import EscalationTarget, EscalationTree, Stakeholder
from stakeholders.rules.addresses import shown
from stakeholders.rules.channel_words import channel_words
from stakeholders.rules.escalation import Target, TargetKind
from stakeholders.rules.escalation_told import duty_words
from stakeholders.rules.escalation_words import Ring
from stakeholders.rules.kinds import INSIDE, StakeholderKind
from stakeholders.services.escalation_trees import MOST_STEPS, MOST_TARGETS, StepInput, TargetInput, TreeInput

MOST_FOUND = 8


@dataclass
class Found:
    """Somebody whom a search has found: the token to add them by, what tells them apart, and what they are if no colleague."""

    token: str
    name: str
    beside: str
    outside: str = ""


@dataclass
class Chosen:
    """A target of a step: `kind` in words, empty for somebody of the register; `outside` says what they are if no colleague."""

    token: str
    kind: str
    name: str
    outside: str = ""


@dataclass
class StepDraft:
    """A step as typed: the wait, the tokens of its targets, and what is being looked for."""

    wait: str = "10"
    targets: list[str] = field(default_factory=list)
    looking: str = ""
    found: list[Found] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    names: list[Chosen] = field(default_factory=list)


@dataclass
class TreeDraft:
    """A tree as typed, every field a text."""

    name: str = ""
    key: str = ""
    description: str = ""
    owner: str = ""
    wakes: bool = True
    days: list[int] = field(default_factory=lambda: list(range(7)))
    covered_from: str = ""
    covered_until: str = ""
    time_zone: str = "UTC"
    gives_up_after: str = "240"
    drill_every_days: str = "90"
    edition: int = 0
    steps: list[StepDraft] = field(default_factory=list)

    @classmethod
    def of(cls, tree: EscalationTree) -> "TreeDraft":
        """As it is on record."""
        return cls(
            name=tree.name,
            key=tree.key,
            description=tree.description,
            owner=tree.owner.key if tree.owner else "",
            wakes=tree.wakes,
            days=list(tree.covered_days),
            covered_from=f"{tree.covered_from:%H:%M}" if tree.covered_from else "",
            covered_until=f"{tree.covered_until:%H:%M}" if tree.covered_until else "",
            time_zone=tree.time_zone,
            gives_up_after=str(tree.gives_up_after),
            drill_every_days=str(tree.drill_every_days or ""),
            edition=tree.edition,
            steps=[StepDraft(str(step.wait_minutes), [_token(target) for target in step.targets.all()]) for step in tree.steps.all()],
        )

    @classmethod
    def typed(cls, posted: QueryDict) -> "TreeDraft":
        """As the form sent it."""
        count = min(small_int(posted.get("steps", "")) or 0, MOST_STEPS)
        return cls(
            name=posted.get("name", "")[:200],
            key=posted.get("key", "")[:100],
            description=posted.get("description", "")[:3000],
            owner=posted.get("owner", ""),
            wakes="wakes" in posted,
            days=[day for text in posted.getlist("day") if (day := small_int(text)) is not None and day < 7],
            covered_from=posted.get("covered_from", "")[:10],
            covered_until=posted.get("covered_until", "")[:10],
            time_zone=posted.get("time_zone", "")[:64],
            gives_up_after=posted.get("gives_up_after", "")[:10],
            drill_every_days=posted.get("drill_every_days", "")[:10],
            edition=small_int(posted.get("edition", "")) or 0,
            steps=[
                StepDraft(
                    posted.get(f"s{n}-wait", "")[:10],
                    list(dict.fromkeys(posted.getlist(f"s{n}-target")))[: MOST_TARGETS + 1],
                    posted.get(f"s{n}-looking", "").strip()[:100],
                )
                for n in range(count)
            ],
        )

    def act(self, wanted: str, posted: QueryDict) -> None:
        """What a button of the form asks for: `add`, `drop:1`, `up:1`, `down:1`, `find:1`, `put:1:TOKEN`, `take:1:TOKEN`, `choose:1`."""
        verb, _, rest = wanted.partition(":")
        number, _, token = rest.partition(":")
        if verb == "add" and len(self.steps) < MOST_STEPS:
            self.steps.append(StepDraft())
            return
        place = small_int(number)
        if place is None or place >= len(self.steps):
            return
        step = self.steps[place]
        if verb == "drop":
            del self.steps[place]
        elif verb in {"up", "down"}:
            other = place + (1 if verb == "down" else -1)
            if 0 <= other < len(self.steps):
                self.steps[place], self.steps[other] = self.steps[other], step
        elif verb == "take":
            step.targets = [one for one in step.targets if one != token]
        elif verb in {"put", "choose"}:
            chosen = token or posted.get(f"s{place}-choose", "")
            if chosen and chosen not in step.targets and len(step.targets) < MOST_TARGETS:
                step.targets.append(chosen)
            step.looking = ""

    def look(self) -> None:
        """Finds people for what is typed into the search of a step, and the names of those chosen."""
        ids = {token.partition(":")[2] for step in self.steps for token in step.targets if token.startswith("stakeholder:")}
        people = {row.public_id: row for row in Stakeholder.objects.filter(public_id__in=ids)}
        trees = dict(EscalationTree.objects.values_list("key", "name"))
        for step in self.steps:
            step.names = [_named(token, people, trees) for token in step.targets]
            if step.looking:
                named = Stakeholder.objects.filter(name__icontains=step.looking).prefetch_related("contact_points")
                # Colleagues first: it is they who can do something about it.
                rows = named.order_by(Case(When(kind__in=INSIDE, then=Value(0)), default=Value(1)), "name", "pk")
                step.found = [Found(f"stakeholder:{row.public_id}", row.name, _beside(row), _outside(row)) for row in rows[:MOST_FOUND]]

    @property
    def calls_somebody(self) -> bool:
        """Whether a step has a target yet."""
        return any(step.targets for step in self.steps)

    def given(self) -> TreeInput:
        """What the service takes. Raises `InvalidInput` for what is no number or time."""
        fields: dict[str, list[str]] = {}
        owner = Team.objects.filter(key=self.owner).first() if self.owner else None
        if self.owner and owner is None:
            fields["owner"] = ["This team does not exist any more: choose another."]
        gives_up, drills = small_int(self.gives_up_after.strip()), small_int(self.drill_every_days.strip())
        if gives_up is None:
            fields["gives_up_after"] = ["Give a whole number of minutes."]
        if drills is None and self.drill_every_days.strip():
            fields["drill_every_days"] = ["Give a whole number of days, or nothing."]
        times = {name: _time(getattr(self, name), name, fields) for name in ("covered_from", "covered_until")}
        steps = []
        for number, step in enumerate(self.steps, 1):
            wait = small_int(step.wait.strip())
            if wait is None:
                fields[f"steps.{number}"] = ["Give a whole number of minutes to wait."]
            steps.append(StepInput(wait or 0, tuple(_target(token) for token in step.targets)))
        if fields:
            raise InvalidInput("Correct the fields named and send again.", fields=fields)
        return TreeInput(
            name=self.name,
            steps=tuple(steps),
            description=self.description,
            owner=owner,
            wakes=self.wakes,
            covered_days=tuple(self.days),
            covered_from=times["covered_from"],
            covered_until=times["covered_until"],
            time_zone=self.time_zone.strip(),
            gives_up_after=gives_up or 0,
            drill_every_days=drills,
        )

    def place_errors(self, error_fields: dict[str, list[str]]) -> dict[str, str]:
        """Puts what is wrong with a step beside it; the rest by the name of its field."""
        left: dict[str, str] = {}
        for name, sentences in error_fields.items():
            head, _, number = name.partition(".")
            place = small_int(number)
            if head == "steps" and place is not None and 0 < place <= len(self.steps):
                self.steps[place - 1].errors += sentences
            else:
                left[name] = " ".join(sentences)
        return left


def choices(own_key: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be chosen without a search: duties and other trees, each with its token."""
    duties = [
        (f"duty:{duty.value}:{ring.value}", duty_words(Target(TargetKind.DUTY, duty.value, ring.value)).capitalize())
        for ring in Ring
        for duty in Duty
    ]
    trees = EscalationTree.objects.filter(retired_at__isnull=True).exclude(key=own_key).order_by("name")
    return [
        ("Whoever has a duty then", duties),
        ("All that another tree tells", [(f"tree:{tree.key}", tree.name) for tree in trees]),
    ]


def _token(target: EscalationTarget) -> str:
    if target.stakeholder is not None:
        return f"stakeholder:{target.stakeholder.public_id}"
    return f"tree:{target.tree.key}" if target.tree is not None else f"duty:{target.duty}:{target.ring}"


def _target(token: str) -> TargetInput:
    kind, _, rest = token.partition(":")
    if kind == "stakeholder":
        return TargetInput(stakeholder=rest)
    if kind == "tree":
        return TargetInput(tree=rest)
    duty, _, ring = rest.partition(":")
    return TargetInput(duty=duty, ring=ring)


def _named(token: str, people: dict[str, Stakeholder], trees: dict[str, str]) -> Chosen:
    kind, _, rest = token.partition(":")
    if kind == "stakeholder":
        row = people.get(rest)
        return Chosen(token, "", row.name, _outside(row)) if row else Chosen(token, "", "somebody who is no longer in the register")
    if kind == "tree":
        return Chosen(token, "tree", trees.get(rest, rest))
    duty, _, ring = rest.partition(":")
    if duty not in IN_WORDS or ring not in set(Ring):
        return Chosen(token, "", "something unknown")
    return Chosen(token, "duty", duty_words(Target(TargetKind.DUTY, duty, ring)))


def _outside(row: Stakeholder) -> str:
    kind = StakeholderKind(row.kind)
    return "" if kind in INSIDE else KIND_WORDS[kind].lower()


def _beside(row: Stakeholder) -> str:
    """Where a call would reach them, for instance `e-mail ada@example.com, SMS +49 30 901820`."""
    points = [point for point in row.contact_points.all() if point.suppressed_at is None and point.removed_at is None]
    return ", ".join(f"{channel_words(point.kind)} {shown(point.kind, point.address)}" for point in points) or "no address"


def _time(text: str, name: str, fields: dict[str, list[str]]) -> time | None:
    if not text.strip():
        return None
    try:
        return time.fromisoformat(text.strip()).replace(tzinfo=None, second=0, microsecond=0)
    except ValueError:
        fields[name] = ["Give a time, for instance 08:00."]
        return None
