"""Writing escalation trees and looking at them."""

from datetime import time, timedelta

import pytest

from accounts.rules.duties import Duty
from core.errors import Conflict, Forbidden, InvalidInput, StaleRevision
from stakeholders.models import ContactPoint, EscalationTree
from stakeholders.queries.escalation import drill_due_at, overdue_drills, visible_tree, visible_trees
from stakeholders.queries.escalation_world import trees_by_key, world_of
from stakeholders.rules.escalation_check import check
from stakeholders.rules.escalation_findings import Kind
from stakeholders.rules.escalation_told import simulate
from stakeholders.services.escalation_trees import TargetInput, TreeInput, change_tree, create_tree, retire_tree, use_tree_again
from tests.support.cast import NOW, Cast
from tests.support.escalation import colleague, duty, given, make_tree, to
from tests.support.log import logged
from tests.support.roster import away, on_rota

pytestmark = pytest.mark.django_db


def names(key: str = "night") -> list[tuple[int, tuple[str, ...]]]:
    trees = trees_by_key()
    world = world_of(trees, [key], NOW, NOW + timedelta(days=7))
    return [(firing.offset, firing.reached) for firing in simulate(world, key, NOW)]


def test_a_tree_is_written_whole_and_on_record(cast: Cast) -> None:
    ada = colleague(cast, "techlead")
    tree = make_tree(cast, (5, (to(ada),)), (10, (duty("legal"),)))
    assert names() == [(0, ("Techlead",)), (5, ("Legal",))]
    body = logged("escalation_tree.created")
    assert body["steps"] == [
        {"wait": 5, "targets": [f"stakeholder:{ada.public_id}"]},
        {"wait": 10, "targets": ["duty:legal:on_duty"]},
    ]
    assert body["key"] == tree.key == "night"


def test_a_change_replaces_the_edition_it_was_made_from_and_no_other(cast: Cast) -> None:
    tree = make_tree(cast, (5, (duty("legal"),)))
    changed = change_tree(actor=cast.actor("comms"), now=NOW, tree=tree, edition=1, given=given((5, (duty("technical"),))))
    assert changed.edition == 2
    with pytest.raises(StaleRevision, match="Nothing was overwritten"):
        change_tree(actor=cast.actor("comms2"), now=NOW, tree=tree, edition=1, given=given())
    assert [target.duty for step in changed.steps.all() for target in step.targets.all()] == ["technical"]


def test_a_tree_that_would_lead_back_to_itself_is_refused_where_it_does(cast: Cast) -> None:
    first = make_tree(cast, (5, (duty("legal"),)), key="first", name="First")
    make_tree(cast, (5, (TargetInput(tree="first"),)), key="second", name="Second")
    with pytest.raises(InvalidInput) as caught:
        change_tree(
            actor=cast.actor("comms"),
            now=NOW,
            tree=first,
            edition=1,
            given=given((5, (duty("legal"),)), (5, (TargetInput(tree="second"),)), name="First"),
        )
    assert caught.value.fields == {
        "steps.2": ["This leads back to the tree itself: “First” → “Second” → “First”. Take one of these references out."]
    }
    with pytest.raises(InvalidInput, match="Correct"):
        change_tree(actor=cast.actor("comms"), now=NOW, tree=first, edition=1, given=given((5, (TargetInput(tree="first"),))))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (given(name=" "), "name"),
        (given(covered_days=()), "covered_days"),
        (given(covered_from=time(9)), "covered_until"),
        (given(covered_from=time(9), covered_until=time(9)), "covered_until"),
        (given(time_zone="Middle/Earth"), "time_zone"),
        (given(gives_up_after=0), "gives_up_after"),
        (given(drill_every_days=0), "drill_every_days"),
        (given((0, ())), "steps.1"),
        (given((5, (TargetInput(stakeholder="nobody"),))), "steps.1"),
        (given((5, (TargetInput(duty="gardening", ring="on_duty"),))), "steps.1"),
        (given((5, (TargetInput(),))), "steps.1"),
        (given((5, (TargetInput(tree="nowhere"),))), "steps.1"),
        (given((5, (duty("legal"), duty("legal")))), "steps.1"),
        (given(*[(5, ())] * 21), "steps"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(cast: Cast, wrong: TreeInput, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        create_tree(actor=cast.actor("comms"), now=NOW, key="night", given=wrong)
    assert list(caught.value.fields) == [field]
    assert not EscalationTree.objects.exists()


def test_a_key_is_given_once(cast: Cast) -> None:
    make_tree(cast)
    with pytest.raises(Conflict):
        make_tree(cast)
    with pytest.raises(InvalidInput):
        make_tree(cast, key="No Key")


def test_only_who_keeps_the_register_writes_trees_and_who_reads_it_reads_them(cast: Cast) -> None:
    tree = make_tree(cast)
    for name in ("outsider", "commander", "responder", "auditor"):
        with pytest.raises(Forbidden):
            create_tree(actor=cast.actor(name), now=NOW, key="day", given=given())
        with pytest.raises(Forbidden):
            change_tree(actor=cast.actor(name), now=NOW, tree=tree, edition=1, given=given())
        with pytest.raises(Forbidden):
            retire_tree(actor=cast.actor(name), now=NOW, tree=tree)
    with pytest.raises(Forbidden):
        visible_trees(cast.actor("outsider"))
    assert visible_tree(cast.actor("auditor"), "night") == tree


def test_a_retired_tree_is_known_as_such_and_comes_back(cast: Cast) -> None:
    tree = retire_tree(actor=cast.actor("comms"), now=NOW, tree=make_tree(cast))
    assert tree.retired_at == NOW
    assert trees_by_key()["night"].retired
    assert use_tree_again(actor=cast.actor("comms"), now=NOW, tree=tree).retired_at is None


def test_the_check_reads_the_rota_absences_quiet_hours_and_addresses_as_they_are(cast: Cast) -> None:
    on_rota(Duty.LEGAL, cast.legal, weekday=0)
    ada = colleague(cast, "techlead", quiet_from="22:00", quiet_until="06:00", time_zone="Europe/Berlin")
    make_tree(cast, (5, (duty("legal"),)), (5, (to(ada),)), wakes=False)
    world = world_of(trees_by_key(), ["night"], NOW, NOW + timedelta(days=7))
    found = {one.kind: one for one in check(world, "night", NOW, NOW + timedelta(days=7))}
    assert set(found) == {Kind.SINGLE_POINT, Kind.UNCOVERED}
    # On Mondays somebody has the duty; five minutes after the start Berlin sleeps on all other nights.
    lengths = [(span.end - span.start) / timedelta(minutes=1) for span in found[Kind.UNCOVERED].spans]
    assert lengths == [4 * 60 + 55, *[8 * 60] * 5, 3 * 60 + 5]
    away(cast.techlead, since=NOW, hours=24 * 8)
    world = world_of(trees_by_key(), ["night"], NOW, NOW + timedelta(days=7))
    assert "Techlead: absent until 10 March 2026, 14:00 UTC" in {
        why for one in check(world, "night", NOW, NOW + timedelta(days=7)) for why in one.why
    }
    ContactPoint.objects.filter(stakeholder=ada).update(
        suppressed_at=NOW, suppression_kind="bounce", suppression_reason="It bounced", verification="unneeded"
    )
    world = world_of(trees_by_key(), ["night"], NOW, NOW + timedelta(days=7))
    assert "email is suppressed" in " ".join(one.message for one in check(world, "night", NOW, NOW + timedelta(days=7)))


def test_a_colleague_by_duty_and_by_name_is_one_person(cast: Cast) -> None:
    ada = colleague(cast, "legal")
    make_tree(cast, (5, (duty("legal"), to(ada))))
    assert names() == [(0, ("Legal",))]


def test_a_drill_falls_due_by_the_trees_interval(cast: Cast) -> None:
    tree = make_tree(cast, drill_every_days=30)
    assert drill_due_at(tree, None) == NOW + timedelta(days=30)
    assert drill_due_at(tree, NOW + timedelta(days=10)) == NOW + timedelta(days=40)
    assert overdue_drills(NOW + timedelta(days=29)) == []
    assert [one.key for one, _ in overdue_drills(NOW + timedelta(days=30))] == ["night"]
    retire_tree(actor=cast.actor("comms"), now=NOW, tree=tree)
    assert overdue_drills(NOW + timedelta(days=30)) == []
