"""Runs of escalation trees from the call to the answer, and drills: what is told, once, to whom, and who stops it."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.models import Team, TeamMembership
from accounts.rules.duties import Duty
from core.errors import Conflict, Forbidden, InvalidInput, StepUpRequired
from incidents.models import Incident
from incidents.services.grant_access import grant_access
from notifications.models import Delivery, Message
from notifications.rules.drill_words import BEGINS, ENDS, MARK
from notifications.rules.states import Lane
from notifications.rules.times import readers
from notifications.services import claim_and_send, expand, sweep
from notifications.services.plan_calls import _addresses
from notifications.services.plan_rows import Recipient
from notifications.transports.personal_links import answer_link
from stakeholders.models import (
    Acknowledgement,
    Audience,
    ContactPoint,
    Drill,
    EscalationCall,
    EscalationRun,
    EscalationTree,
    OptOut,
    Stakeholder,
)
from stakeholders.queries.audiences import may_drill
from stakeholders.services import add_members, suppress_contact_point
from stakeholders.services.acknowledge import acknowledge_drill, acknowledge_run
from stakeholders.services.drills import cancel_drill, plan_drill
from stakeholders.services.escalation_runs import start_run, stop_run
from stakeholders.services.escalation_trees import retire_tree
from stakeholders.services.run_escalations import run_escalations
from stakeholders.services.stop_writing import opt_out
from tests.support.cast import NOW, Cast
from tests.support.escalation import colleague, duty, make_tree, to
from tests.support.factories import make_incident
from tests.support.log import audit_types
from tests.support.roster import away, on_rota
from tests.support.sinks import Sink

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def tree(cast: Cast) -> EscalationTree:
    return make_tree(
        cast,
        (10, (to(colleague(cast, "techlead")),)),
        (10, (to(colleague(cast, "comms")),)),
        (10, (to(colleague(cast, "manager")),)),
        gives_up_after=60,
    )


def start(cast: Cast, tree: EscalationTree, subject: str = "") -> EscalationRun:
    return start_run(actor=cast.actor("commander"), now=NOW, tree=tree, title="Checkout is down", body="All cards.", subject=subject)


def told() -> list[tuple[str, str]]:
    """Title and address of everything planned, in order."""
    rows = Delivery.objects.order_by("message_id", "id").select_related("message", "contact_point", "user")
    return [
        (
            next(iter(row.message.wording.values()))["title"],
            (row.contact_point.address if row.contact_point else row.user.email if row.user else "").partition("@")[0],
        )
        for row in rows
    ]


def link(address: str = "techlead@example.com") -> str:
    found = Delivery.objects.filter(contact_point__address=address, message__facts__answer=True)
    return answer_link(found.order_by("id")[0].key).partition("/answer/")[2]


def test_the_first_step_is_told_at_once_the_others_by_the_clock(cast: Cast, tree: EscalationTree) -> None:
    run = start(cast, tree)
    assert told() == [("You are called: Checkout is down", "techlead")]
    assert run_escalations(now=NOW + 9 * MINUTE) == 0
    assert run_escalations(now=NOW + 10 * MINUTE) == 1
    assert run_escalations(now=NOW + 10 * MINUTE) == 0
    assert told()[1:] == [("You are called: Checkout is down", "comms")]
    message = Message.objects.order_by("-id")[0]
    assert message.lane == Lane.FIRST
    assert message.wording[""]["body"].endswith(f"step 2, since {readers(NOW)}. Nobody has answered yet.")
    assert audit_types(f"escalation:{run.public_id}")[:2] == ["escalation.started", "escalation.step_told"]


def test_the_answer_page_says_who_calls_about_which_incident_and_since_when(cast: Cast, tree: EscalationTree) -> None:
    incident = make_incident(title="Checkout answers with errors")
    Stakeholder.objects.update(time_zone="Europe/Berlin")
    start(cast, tree, subject=f"incident:{incident.public_id}")
    page = Client().get(f"/answer/{link()}").content.decode()
    for said in (
        "Commander</strong> calls you in through",
        tree.name,
        "Checkout answers with errors",
        "SEV",
        "15:00 CET",
        "14:00 UTC",
        "All cards.",
    ):
        assert said in page
    Incident.objects.update(restricted=True)
    page = Client().get(f"/answer/{link()}").content.decode()
    assert "Commander</strong> calls you in through" in page
    assert "Checkout" not in page
    assert "All cards." not in page


def test_an_answer_by_the_link_ends_the_run_and_the_others_hear_of_it(cast: Cast, tree: EscalationTree) -> None:
    run = start(cast, tree)
    run_escalations(now=NOW + 10 * MINUTE)
    for _ in range(2):
        assert Client().get(f"/answer/{link()}").status_code == 200
    assert not Acknowledgement.objects.exists()
    answer = Client(enforce_csrf_checks=True).post(f"/answer/{link()}")
    assert "You have it" in answer.content.decode()
    run.refresh_from_db()
    assert run.ending == "acknowledged"
    assert told()[-1] == ("Answered: Checkout is down", "comms")
    count = Delivery.objects.count()
    assert run_escalations(now=NOW + timedelta(days=1)) == 0
    assert Delivery.objects.count() == count
    # The second to answer is on record too, and told who has it.
    assert "Techlead has it already" in Client().post(f"/answer/{link('comms@example.com')}").content.decode()
    assert Client().post(f"/answer/{link()}").status_code == 200
    assert Acknowledgement.objects.count() == 2


def test_a_link_that_is_not_ours_leads_nowhere(cast: Cast, tree: EscalationTree) -> None:
    start(cast, tree)
    assert Client().get("/answer/0123:abc/").status_code == 404
    assert Client().post(f"/answer/{link()[:-3]}xx/").status_code == 404


def test_whoever_was_called_or_takes_what_nobody_answers_has_it_by_the_page(cast: Cast, tree: EscalationTree) -> None:
    run = start(cast, tree)
    for name in ("outsider", "comms", "commander"):
        with pytest.raises(Forbidden):
            acknowledge_run(actor=cast.actor(name), now=NOW, run=run)
    assert acknowledge_run(actor=cast.actor("techlead"), now=NOW + MINUTE, run=run).name == "Techlead"
    second = start(cast, tree)
    assert acknowledge_run(actor=cast.actor("manager"), now=NOW + MINUTE, run=second).how == "page"


def test_after_an_outage_what_fell_due_is_told_once_labelled_late_and_what_follows_waits(cast: Cast, tree: EscalationTree) -> None:
    run = start(cast, tree)
    late = NOW + 25 * MINUTE
    assert run_escalations(now=late) == 1
    assert told()[1:] == [("Late: You are called: Checkout is down", "comms"), ("Late: You are called: Checkout is down", "manager")]
    assert "nothing watched the clock" in Message.objects.order_by("-id")[0].wording[""]["body"]
    run.refresh_from_db()
    assert run.gives_up_at == NOW + 65 * MINUTE


def test_what_follows_a_step_told_late_waits_as_long_as_the_tree_says(cast: Cast, tree: EscalationTree) -> None:
    start(cast, tree)
    run_escalations(now=NOW + 19 * MINUTE)
    assert run_escalations(now=NOW + 28 * MINUTE) == 0
    assert run_escalations(now=NOW + 29 * MINUTE) == 1


def test_nobody_answers_and_whoever_answers_for_that_is_told(cast: Cast, tree: EscalationTree) -> None:
    run = start(cast, tree)
    for minutes in (10, 20, 60, 61):
        run_escalations(now=NOW + minutes * MINUTE)
    run.refresh_from_db()
    assert run.ending == "unanswered"
    assert [who for title, who in told() if title == "Nobody has answered: Checkout is down"] == ["commander", "manager"]


def test_who_is_told_is_asked_when_the_step_comes(cast: Cast) -> None:
    on_rota(Duty.LEGAL, cast.legal, weekday=0)
    run = start(cast, make_tree(cast, (10, (duty("technical"),)), (10, (duty("legal"),))))
    away(cast.legal, since=NOW + MINUTE)
    run_escalations(now=NOW + 10 * MINUTE)
    assert list(EscalationCall.objects.filter(run_step__run=run, run_step__number=2).values_list("name", "passed_over")) == [
        ("on duty, legal review", "nobody is on duty who can act")
    ]
    assert {who for _, who in told()} == {"techlead", "techlead2"}


def test_those_known_by_their_account_alone_are_looked_up_together(cast: Cast, django_assert_num_queries: Any) -> None:
    names = ("techlead", "comms", "manager", "legal", "pr")
    people = [colleague(cast, name) for name in names]
    ContactPoint.objects.filter(stakeholder__in=people[:3]).update(
        removed_at=NOW, suppressed_at=NOW, suppression_reason="removed", suppression_kind="operator"
    )
    ContactPoint.objects.filter(stakeholder=people[3]).update(suppressed_at=NOW, suppression_reason="asked", suppression_kind="operator")
    run = start(cast, make_tree(cast, (10, tuple(to(person) for person in people)), gives_up_after=60))
    calls = list(EscalationCall.objects.filter(run_step__run=run).select_related("stakeholder__user", "user"))
    assert len(calls) == 5
    with django_assert_num_queries(3):
        found = _addresses(calls, Lane.FIRST)
    assert {Recipient(None, cast.user(name).pk, None, Lane.FIRST) for name in names[:3]} < set(found["email"])
    assert len(found["email"]) == 4, "whose address is suppressed is not written to round about"


def test_a_change_of_the_tree_concerns_later_runs(cast: Cast, tree: EscalationTree) -> None:
    start(cast, tree)
    EscalationTree.objects.get(pk=tree.pk).steps.all().delete()
    assert run_escalations(now=NOW + 10 * MINUTE) == 1
    assert told()[-1][1] == "comms"


def test_a_run_is_stopped_with_a_reason(cast: Cast, tree: EscalationTree) -> None:
    run = start(cast, tree)
    with pytest.raises(InvalidInput):
        stop_run(actor=cast.actor("commander"), now=NOW, run=run, reason=" ")
    with pytest.raises(Forbidden):
        stop_run(actor=cast.actor("outsider"), now=NOW, run=run, reason="Solved")
    stop_run(actor=cast.actor("commander"), now=NOW, run=run, reason="Solved")
    assert run_escalations(now=NOW + timedelta(days=1)) == 0
    with pytest.raises(Conflict):
        stop_run(actor=cast.actor("commander"), now=NOW, run=run, reason="Solved")


def test_who_may_call_people_in(cast: Cast, tree: EscalationTree) -> None:
    for name in ("outsider", "auditor", "legal"):
        with pytest.raises(Forbidden):
            start_run(actor=cast.actor(name), now=NOW, tree=tree, title="Help")
    with pytest.raises(Forbidden, match="signed-in"):
        start_run(actor=cast.system(), now=NOW, tree=tree, title="Help")
    with pytest.raises(Conflict, match="retired"):
        start_run(actor=cast.actor("commander"), now=NOW, tree=retire_tree(actor=cast.actor("comms"), now=NOW, tree=tree), title="Help")
    with pytest.raises(Conflict, match="tells nobody"):
        start_run(actor=cast.actor("commander"), now=NOW, tree=make_tree(cast, key="empty"), title="Help")


def test_a_restricted_incident_is_told_only_to_whom_it_was_granted(cast: Cast, tree: EscalationTree) -> None:
    incident = make_incident(restricted=True, actor=cast.actor("commander"))
    run = start(cast, tree, subject=f"incident:{incident.public_id}")
    assert told() == []
    grant_access(actor=cast.actor("commander"), now=NOW, incident=incident, to=cast.comms)
    run_escalations(now=NOW + 10 * MINUTE)
    assert [who for _, who in told()] == ["comms"]
    assert Message.objects.get(source_key=f"escalation:{run.public_id}:2").incident == incident
    page = Client().get(f"/answer/{link('comms@example.com')}").content.decode()
    assert "Checkout" not in page


# Drills.


def drill(cast: Cast, tree: EscalationTree | None = None, **more: object) -> Drill:
    about = {"tree": tree} if tree else {"audience": Audience.objects.get(key="internal")}
    return plan_drill(actor=cast.actor("comms"), now=NOW, title="Can we reach you?", **about, **more)  # type: ignore[arg-type]


def test_a_drill_of_a_tree_walks_every_step_whoever_answers_and_says_so_everywhere(cast: Cast, tree: EscalationTree) -> None:
    made = drill(cast, tree)
    assert told() == [("DRILL: You are called: Can we reach you?", "techlead")]
    Client().post(f"/answer/{link()}")
    run_escalations(now=NOW + 10 * MINUTE)
    run_escalations(now=NOW + 20 * MINUTE)
    assert [who for _, who in told()] == ["techlead", "comms", "manager"]
    for message in Message.objects.all():
        assert (message.kind, message.lane) == ("drill", Lane.INTERNAL)
        wording = message.wording[""]
        assert wording["title"].startswith(MARK)
        assert wording["body"].startswith(BEGINS)
        assert wording["body"].endswith(ENDS)
    run_escalations(now=NOW + 60 * MINUTE)
    made.run.refresh_from_db()
    assert made.run.ending == "walked"
    assert not Message.objects.filter(source_key__endswith=":unanswered").exists()


def test_a_drill_wakes_nobody_unless_it_is_critical(cast: Cast) -> None:
    quiet = {"quiet_from": "13:00", "quiet_until": "15:00"}
    tree = make_tree(cast, (10, (to(colleague(cast, "techlead", **quiet)),)))
    drill(cast, tree)
    assert told() == []
    assert EscalationCall.objects.get().passed_over == "in their quiet hours"
    drill(cast, tree, critical=True)
    assert Delivery.objects.get().lane == Lane.FIRST


def test_a_drill_to_an_audience_goes_to_whom_it_reaches_with_a_link_of_their_own(cast: Cast, sink: Sink) -> None:
    people = [colleague(cast, name) for name in ("techlead", "comms", "manager")]
    add_members(actor=cast.actor("comms"), now=NOW, audience=Audience.objects.get(key="internal"), stakeholders=people)
    suppress_contact_point(actor=cast.actor("comms"), now=NOW, contact_point=people[2].contact_points.get(), reason="bounced")
    made = drill(cast)
    while claim_and_send():
        pass
    assert sorted(sink.recipients()) == ["comms@example.com", "techlead@example.com"]
    for letter in (sink.letter_to("techlead@example.com"), sink.letter_to("comms@example.com")):
        assert letter["Subject"] == "DRILL: Can we reach you?"
        plain = letter.get_body(("plain",))
        text = plain.get_content() if plain is not None else ""
        assert "This is a drill." in text
        assert link(letter["To"]) in text
    Client().post(f"/answer/{link()}")
    assert list(made.acknowledgements.values_list("name", "how")) == [("Techlead", "link")]
    assert acknowledge_drill(actor=cast.actor("comms"), now=NOW, drill=made).how == "page"
    with pytest.raises(Forbidden):
        acknowledge_drill(actor=cast.actor("legal"), now=NOW, drill=made)


def test_a_planned_drill_begins_at_its_time_once_and_late_is_labelled(cast: Cast, tree: EscalationTree) -> None:
    made = drill(cast, tree, planned_for=NOW + timedelta(days=1))
    assert (told(), run_escalations(now=NOW + timedelta(hours=23))) == ([], 0)
    late = NOW + timedelta(days=1, hours=3)
    run_escalations(now=late)
    run_escalations(now=late)
    made.refresh_from_db()
    assert (made.started_at, made.told_late, made.closes_at) == (late, True, late + timedelta(days=1))
    assert EscalationRun.objects.count() == 1
    run_escalations(now=late + timedelta(days=1))
    made.refresh_from_db()
    assert made.closed_at == late + timedelta(days=1)


def test_a_drill_whose_tree_was_retired_is_called_off_with_the_reason(cast: Cast, tree: EscalationTree) -> None:
    made = drill(cast, tree, planned_for=NOW + timedelta(days=1))
    retire_tree(actor=cast.actor("comms"), now=NOW, tree=tree)
    run_escalations(now=NOW + timedelta(days=1))
    made.refresh_from_db()
    assert made.cancel_reason.startswith("“Night” is retired")
    assert made.started_at is None


def test_a_drill_is_called_off(cast: Cast, tree: EscalationTree) -> None:
    planned, running = drill(cast, tree, planned_for=NOW + timedelta(days=1)), drill(cast, tree)
    for made in (planned, running):
        with pytest.raises(InvalidInput):
            cancel_drill(actor=cast.actor("comms"), now=NOW, drill=made, reason="")
        cancel_drill(actor=cast.actor("comms"), now=NOW, drill=made, reason="A real incident")
        with pytest.raises(Conflict):
            cancel_drill(actor=cast.actor("comms"), now=NOW, drill=made, reason="Again")
    count = Delivery.objects.count()
    run_escalations(now=NOW + timedelta(days=2))
    assert Delivery.objects.count() == count


def test_who_may_send_a_drill_and_with_what(cast: Cast, tree: EscalationTree) -> None:
    for name in ("outsider", "techlead", "auditor"):
        with pytest.raises(Forbidden):
            plan_drill(actor=cast.actor(name), now=NOW, title="Drill", tree=tree)
    outside = Audience.objects.get(key="customers")
    for wrong, field in (
        ({"tree": tree, "audience": outside}, "to"),
        ({}, "to"),
        ({"tree": tree, "planned_for": NOW}, "planned_for"),
        ({"tree": tree, "collect_minutes": 1}, "collect_minutes"),
        ({"tree": tree, "title": "two\nlines"}, "title"),
    ):
        with pytest.raises(InvalidInput) as caught:
            plan_drill(actor=cast.actor("comms"), now=NOW, **{"title": "Drill", **wrong})  # type: ignore[arg-type]
        assert list(caught.value.fields) == [field]


def in_internal(cast: Cast, *names: str) -> list[Stakeholder]:
    people = [colleague(cast, name) for name in names]
    add_members(actor=cast.actor("comms"), now=NOW, audience=Audience.objects.get(key="internal"), stakeholders=people)
    return people


def test_a_drill_to_an_audience_wakes_nobody_unless_it_is_critical(cast: Cast, sink: Sink) -> None:
    in_internal(cast, "techlead")
    (asleep,) = in_internal(cast, "comms")
    Stakeholder.objects.filter(pk=asleep.pk).update(quiet_from="00:00", quiet_until="23:59:59")
    drill(cast)
    while claim_and_send():
        pass
    assert sink.recipients() == ["techlead@example.com"]
    assert sorted(Delivery.objects.values_list("contact_point__address", "state")) == [
        ("comms@example.com", "planned"),
        ("techlead@example.com", "accepted"),
    ]
    drill(cast, critical=True)
    while claim_and_send():
        pass
    assert sorted(sink.recipients()) == ["comms@example.com", "techlead@example.com", "techlead@example.com"]


def test_whoever_opts_out_before_their_turn_gets_no_drill(cast: Cast, sink: Sink) -> None:
    (person,) = in_internal(cast, "techlead")
    drill(cast)
    opt_out(
        actor=cast.actor("comms"),
        now=NOW,
        contact_point=person.contact_points.get(),
        audience=Audience.objects.get(key="internal"),
        source="page",
    )
    while claim_and_send():
        pass
    assert sink.recipients() == []
    assert Delivery.objects.get().reason == "unsubscribed"


def test_one_click_ends_the_drills_mail_and_its_own_link_still_answers(cast: Cast, sink: Sink) -> None:
    (person,) = in_internal(cast, "techlead")
    made = drill(cast)
    while claim_and_send():
        pass
    letter = sink.letter_to("techlead@example.com")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    where = letter["List-Unsubscribe"].strip("<>").removeprefix(settings.CONSOLE_URL)
    plain = letter.get_body(("plain",))
    assert plain is not None
    assert where not in plain.get_content()
    assert Client().post(where, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert OptOut.objects.get().contact_point == person.contact_points.get()
    Client().post(f"/answer/{link()}")
    assert made.acknowledgements.count() == 1


def test_a_drill_to_a_large_audience_is_planned_in_pieces(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expand, "PIECE", 2)
    monkeypatch.setattr(expand, "FIRST_PIECES", 2)
    in_internal(cast, "techlead", "comms", "manager", "legal", "pr", "auditor")
    drill(cast)
    assert Delivery.objects.count() == 2
    message = Message.objects.get()
    assert (message.kind, message.lane, message.planned_at) == ("drill", Lane.INTERNAL, None)
    expand.expand_for(10, now=NOW)
    assert Delivery.objects.values("contact_point").distinct().count() == Delivery.objects.count() == 6
    message.refresh_from_db()
    assert message.planned_at is not None


def test_a_drill_that_is_called_off_reaches_nobody_more(cast: Cast, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expand, "PIECE", 2)
    monkeypatch.setattr(expand, "FIRST_PIECES", 2)
    in_internal(cast, "techlead", "comms", "manager", "legal", "pr")
    made = drill(cast)
    cancel_drill(actor=cast.actor("comms"), now=NOW, drill=made, reason="A real incident")
    for _ in range(2):
        expand.expand_for(10, now=NOW)
        while claim_and_send():
            pass
        sweep(now=NOW)
    assert sink.recipients() == []
    assert list(Delivery.objects.values_list("state", "reason")) == [("cancelled", "A real incident")] * 2
    message = Message.objects.get()
    assert (message.unplanned, message.finished_at is not None, message.ended_by) == (3, True, cast.comms)


def customers_of(key: str) -> tuple[Audience, Team]:
    """The audience of customers, owned by a team."""
    team = Team.objects.create(key=key, name=key.capitalize(), group=Group.objects.create(name=f"team:{key}"))
    Audience.objects.filter(key="customers").update(owner=team)
    return Audience.objects.get(key="customers"), team


def test_people_outside_are_sent_a_drill_by_the_team_that_has_their_audience_alone(cast: Cast) -> None:
    outside, support = customers_of("support")
    press = Team.objects.create(key="press", name="Press", group=Group.objects.create(name="team:press"))
    TeamMembership.objects.create(team=press, user=cast.comms)
    for name in ("outsider", "techlead", "comms", "commander"):
        with pytest.raises(Forbidden) as refused:
            plan_drill(actor=cast.actor(name, stepped_up=True), now=NOW, title="Drill", audience=outside)
        assert not isinstance(refused.value, StepUpRequired)
        assert not may_drill(cast.actor(name), outside)
    TeamMembership.objects.create(team=support, user=cast.comms)
    with pytest.raises(StepUpRequired):
        plan_drill(actor=cast.actor("comms"), now=NOW, title="Drill", audience=outside)
    assert plan_drill(actor=cast.actor("comms", stepped_up=True), now=NOW, title="Drill", audience=outside).started_at == NOW
    TeamMembership.objects.filter(user=cast.comms, team=support).delete()
    Audience.objects.filter(pk=outside.pk).update(deputy=press)
    assert may_drill(cast.actor("comms"), outside), "their team stands in for the owner"


@pytest.mark.parametrize("name", ["manager", "admin"])
def test_managers_and_administrators_send_a_drill_to_any_audience(cast: Cast, name: str) -> None:
    outside, _ = customers_of("support")
    with pytest.raises(StepUpRequired):
        plan_drill(actor=cast.actor(name), now=NOW, title="Drill", audience=outside)
    assert plan_drill(actor=cast.actor(name, stepped_up=True), now=NOW, title="Drill", audience=outside).started_at == NOW


def test_the_page_offers_no_audience_outside_that_is_somebody_elses(cast: Cast) -> None:
    customers_of("support")
    page = "/console/escalation/drills/new/"
    assert "audience:internal" in cast.client("comms").get(page).content.decode()
    assert "audience:customers" not in cast.client("comms").get(page).content.decode()
    assert "audience:customers" in cast.client("manager").get(page).content.decode()
    given = {"to": "audience:customers", "title": "Drill", "collect_hours": "24", "sure": "audience:customers"}
    assert cast.client("comms").post(page, given).status_code == 422
    answer = cast.client("comms").post("/api/v1/drills/", {"audience": "customers", "title": "Drill"}, "application/json")
    assert answer.status_code == 403
    assert not Drill.objects.exists()


@pytest.mark.parametrize(
    "wording",
    [
        '{"": {"title": "Checkout is down", "body": "**This is a drill.** x"}}',
        '{"": {"title": "DRILL: x", "body": "Checkout is down"}}',
        '{"": {"body": "**This is a drill.** x"}}',
    ],
)
def test_the_database_takes_no_drill_that_does_not_say_so(cast: Cast, tree: EscalationTree, wording: str) -> None:
    drill(cast, tree)
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE notifications_message SET wording = %s", [wording])
    assert getattr(caught.value.__cause__, "diag", None).constraint_name == "notifications_drill_says_so"  # type: ignore[union-attr]
