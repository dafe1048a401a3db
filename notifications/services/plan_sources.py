"""Whom a pass of a plan is over, as SQL. While a plan is worked off, people change lane, list and address; nobody is lost by that.

A pass that takes the few of a lane out of an audience reads what is so at that moment. The last pass over an audience takes everybody
of it for whom nothing is planned yet, whatever their lane; and at the end of the plan those are looked for who came to an audience
after its last pass, out of one whose pass was still to come.
"""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.lookups import IsNull

from notifications.models import Delivery, Message, PlanStep
from notifications.queries import got_or_may_have
from notifications.queries.earlier import told_earlier_of
from notifications.queries.routing import circle_of, kinds_of, planned_recipients
from notifications.rules.lanes import TAKES_THE_REST
from notifications.rules.states import Lane, MessageKind
from stakeholders.models import Audience, AudienceMember, ContactPoint, Stakeholder
from stakeholders.rules.kinds import StakeholderKind, Tier

COUNTED = 10_000
CLOCKS = timedelta(hours=1)
"""By so much the clock of whoever notes a membership may be behind that of whoever released."""


def source_of(step: PlanStep, size: int) -> tuple[str, dict[str, Any]]:
    """The SQL of the next piece's recipients, with named parameters. `size` is their number at most; over who was told earlier, of ids."""
    if step.audience is None:
        rows = _got_before(step, size)
        return _named(rows.values("pk", "contact_point_id", "user_id", "audience_id"), "place, contact_point, app_user, audience", "*")
    reached = _piece(step, _reached(step, step.audience), size)
    columns = f"place, place AS contact_point, NULL::uuid AS app_user, {step.audience.pk}::bigint AS audience"
    return _named(reached.values("pk"), "place", columns)


def _got_before(step: PlanStep, size: int) -> "QuerySet[Delivery]":
    """The earlier deliveries that the next piece is over."""
    release = step.message.release
    if release is None:
        raise RuntimeError("A pass without an audience is one over who got what was released before.")
    wrong = release.update_of.corrects
    got = told_earlier_of(step.message) if wrong is None else got_or_may_have(wrong, audiences=list(step.message.wording))
    rows = got.filter(lane=step.lane, channel=step.channel, pk__gt=step.after_id, pk__lte=step.upto_id).order_by("pk")
    return rows.filter(pk__lte=step.after_id + size) if is_over_earlier(step) else rows[:size]


def is_over_earlier(step: PlanStep) -> bool:
    """Whether the pass is over who was told of the incident before: few of the ids that it looks through qualify."""
    release = step.message.release
    return step.audience is None and release is not None and release.update_of.corrects is None


def _piece(step: PlanStep, points: "QuerySet[ContactPoint]", size: int) -> "QuerySet[ContactPoint]":
    return points.filter(pk__gt=step.after_id, pk__lte=step.upto_id).order_by("pk")[:size]


def _reached(step: PlanStep, audience: Audience) -> "QuerySet[ContactPoint]":
    """The audience's addresses of that pass. An address that several audiences reach belongs to the first by position.

    Route and filter are those of the release, whatever became of them since.
    """
    if _is_drill(step.message):
        return circle_of(step.message, audience).points().filter(kind=step.channel)
    if step.lane in TAKES_THE_REST:
        return _left(step, audience)
    reached = _its_own(step, audience)
    # In the very words of two small indexes: these people are found among a million without looking at the others.
    regulator = Q(stakeholder__in=Stakeholder.objects.filter(kind=StakeholderKind.REGULATOR.value))
    if step.lane == Lane.FIRST:
        return reached.filter(regulator)
    key = Q(stakeholder__in=Stakeholder.objects.filter(tier__in=[Tier.STRATEGIC.value, Tier.KEY.value]))
    return reached.filter(key, ~regulator)


def _its_own(step: PlanStep, audience: Audience) -> "QuerySet[ContactPoint]":
    """Whom the audience tells by the channel of that pass and no audience before it does, as it is now."""
    reached = planned_recipients(step.message, audience, step.channel)
    for other in Audience.objects.filter(key__in=list(step.message.wording)).order_by("position", "id"):
        if (other.position, other.pk) < (audience.position, audience.pk):
            reached = reached.filter(~Exists(planned_recipients(step.message, other, step.channel).filter(pk=OuterRef("pk"))))
    return reached


def _is_drill(message: Message) -> bool:
    """To everybody of its audience at every address, in a single lane."""
    return message.kind == MessageKind.DRILL


def about_unplanned(message: Message) -> int:
    """About how many are still to be planned: counted as far as a piece goes, and for the rest taken to be as many in as many ids."""
    steps = PlanStep.objects.filter(message=message, joined=False).select_related("message__release__update_of", "audience")
    return sum(_about(step) for step in steps if _is_drill(message) or step.audience is None or step.lane in TAKES_THE_REST)


def _about(step: PlanStep) -> int:
    if step.audience is None or _is_drill(step.message):
        source, params = source_of(step, COUNTED)
    else:
        rest = _its_own(step, step.audience).filter(_nothing(step.message, contact_point=OuterRef("pk")))
        source, params = _named(_piece(step, rest, COUNTED).values("pk"), "place", "place")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), max(place) FROM ({source}) s", params)  # noqa: S608 - words of our own
        found, last = cursor.fetchone()
    if is_over_earlier(step):
        # A range of ids was looked through, not so many people.
        return int(found * max(1.0, (step.upto_id - step.after_id) / COUNTED))
    if found < COUNTED:
        return int(found)
    return int(found * (step.upto_id - step.after_id) / (last - step.after_id))


def _left(step: PlanStep, audience: Audience) -> "QuerySet[ContactPoint]":
    """Whoever of the audience has nothing planned of this message yet: at this address, or by a channel that comes before this one."""
    kinds = kinds_of(step.message, audience)
    earlier = kinds[: kinds.index(step.channel)]
    circle = circle_of(step.message, audience)
    points = circle.points().filter(_nothing(step.message, contact_point=OuterRef("pk")), kind=step.channel)
    if earlier:
        points = points.filter(_nothing(step.message, contact_point__stakeholder=OuterRef("stakeholder"), contact_point__kind__in=earlier))
    if step.joined and circle.condition is None:
        since = AudienceMember.objects.filter(audience=audience, added_at__gte=step.message.created_at - CLOCKS)
        points = points.filter(stakeholder__in=since.values("stakeholder"))
    return points


def _nothing(message: Message, **of: Any) -> IsNull:
    """That there is no such delivery. Asked as one value a row, so that the database probes the index and does not join what is planned:

    of a message planned a moment ago its statistics know nothing.
    """
    there = Delivery.objects.filter(message=message, purpose=message.kind, **of).order_by().values(one=Value(1))[:1]
    return IsNull(Subquery(there), True)


def _named(rows: "QuerySet[Any, Any]", names: str, columns: str) -> tuple[str, dict[str, Any]]:
    """The query as SQL whose parameters have names, its columns called `names`, and `columns` made of them."""
    sql, params = rows.query.sql_with_params()
    called = [f"source_{number}" for number in range(len(params))]
    inner = sql % tuple(f"%({name})s" for name in called)
    return f"SELECT {columns} FROM ({inner}) q({names})", dict(zip(called, params, strict=True))  # noqa: S608 - words of our own
