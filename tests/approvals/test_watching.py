"""While an incident is only watched, a rule that names nobody means colleagues alone."""

import pytest

from approvals.queries import release_reasons
from approvals.queries.sending import standing_of
from approvals.services import run_due_schedules
from incidents.models import Incident, Update
from incidents.rules.content import Wording
from incidents.rules.content_edit import ContentEdit, Variant
from stakeholders.models import Audience
from tests.approvals.acts import SOON, approve, ask, release, schedule, state
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident, make_update
from tests.support.policies import put_in_force, rules_in_force

pytestmark = pytest.mark.django_db
WORDS = Wording("Payments are slow", "Some payments take minutes.")


@pytest.fixture(autouse=True)
def partners() -> None:
    """People outside who are not the public."""
    Audience.objects.create(key="partners", name="Our partners", position=9, created_at=NOW)


def approved_for(cast: Cast, *audiences: str) -> Update:
    variants = tuple(Variant(audience, WORDS.title, WORDS.body) for audience in audiences)
    incident = make_incident(actor=cast.actor("commander"))
    update = make_update(incident=incident, actor=cast.actor("commander"), edit=ContentEdit(variants=variants))
    ask(cast, update)
    approve(cast, update)
    return update


def watched(update: Update) -> Update:
    Incident.objects.filter(pk=update.incident_id).update(stage="watching")
    return Update.objects.get(pk=update.pk)


def codes(update: Update) -> list[str]:
    return [reason.code for reason in release_reasons(watched(update), NOW)]


@pytest.mark.parametrize(
    ("audiences", "reasons"),
    [
        (("internal",), []),
        (("partners",), ["not_initiated"]),
        (("customers",), ["unconfirmed"]),
        (("customers", "internal", "partners"), ["unconfirmed", "not_initiated"]),
    ],
)
def test_as_shipped_nobody_outside_hears(cast: Cast, audiences: tuple[str, ...], reasons: list[str]) -> None:
    assert codes(approved_for(cast, *audiences)) == reasons


def test_whom_the_rule_names_hears_and_the_public_where_it_publishes_what_is_watched(cast: Cast) -> None:
    put_in_force(cast, rules_in_force(watching_audiences=["partners"]))
    assert codes(approved_for(cast, "partners")) == []
    put_in_force(cast, rules_in_force(watching_audiences=[], publishes_watching=True))
    assert codes(approved_for(cast, "customers")) == []
    assert codes(approved_for(cast, "partners")) == ["not_initiated"]


def test_a_plan_for_partners_is_held_once_it_is_only_watched_again(cast: Cast) -> None:
    update = approved_for(cast, "partners")
    schedule(cast, update)
    watched(update)
    assert run_due_schedules(now=SOON) == 0
    assert state(update) == "approved"


def test_deliveries_to_partners_stop_once_it_is_only_watched_again(cast: Cast) -> None:
    done = release(cast, approved_for(cast, "partners"))
    assert standing_of([done.pk], NOW)[done.pk].reason == ""
    watched(done.update_of)
    assert "only watched" in standing_of([done.pk], NOW)[done.pk].reason


def test_the_gate_names_audiences_as_people_do(cast: Cast) -> None:
    update = watched(approved_for(cast, "partners"))
    Incident.objects.filter(pk=update.incident_id).update(data_breach=True)
    legal, watching = (reason.words for reason in release_reasons(Update.objects.get(pk=update.pk), NOW))
    assert "(Our partners)" in legal
    assert "Our partners may not hear of it" in watching
