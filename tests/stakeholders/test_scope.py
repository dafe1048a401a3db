"""An audience bound to a scope receives nothing outside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.actors import system
from approvals.models import Release
from audit.models import Entry
from core import events
from core.errors import Conflict, Forbidden, InvalidInput
from incidents.services import change_incident
from notifications.services.plan_release import plan_release
from stakeholders.models import Audience
from stakeholders.rules.scope import Scope, why_outside
from stakeholders.services import create_audience, set_scope
from statuscomms import wiring
from tests.approvals.acts import approve, ask, draft, release
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component, make_incident
from tests.support.releases import subscribers

KEYS = st.frozensets(st.sampled_from(["checkout", "login", "search"]))


@given(bound=KEYS, affected=KEYS, only=st.booleans(), customer_facing=st.booleans())
def test_inside_means_noticed_by_customers_where_asked_and_one_component_shared_where_bound(
    bound: frozenset[str], affected: frozenset[str], only: bool, customer_facing: bool
) -> None:
    inside = (customer_facing or not only) and (not bound or bool(bound & affected))
    assert bool(why_outside(Scope(only, bound), customer_facing=customer_facing, components=affected)) is not inside


def bind(cast: Cast, *, customer_facing_only: bool = False, components: tuple[str, ...] = ()) -> None:
    made = [make_component(key=key) for key in components]
    audience = Audience.objects.get(key="customers")
    set_scope(actor=cast.actor("comms"), now=NOW, audience=audience, customer_facing_only=customer_facing_only, components=made)


@pytest.mark.django_db
def test_the_first_draft_leaves_out_who_is_outside(cast: Cast) -> None:
    bind(cast, components=("login",))
    inside = make_incident(components=["login"])
    outside = make_incident(components=[make_component(key="checkout")])
    bare = make_incident()
    audiences = [incident.updates.get().current.parsed().audiences for incident in (inside, outside, bare)]  # type: ignore[union-attr]
    assert audiences == [("customers", "internal"), ("internal",), ("internal",)]


@pytest.mark.django_db
def test_review_is_refused_for_an_audience_outside_with_the_reason(cast: Cast) -> None:
    update = draft(cast)
    bind(cast, components=("login",))
    with pytest.raises(InvalidInput) as refusal:
        ask(cast, update)
    assert refusal.value.fields["audiences"] == [
        "The audience Customers is told only of login, none of which this incident affects. Take it out, or correct the incident."
    ]


@pytest.mark.django_db
def test_release_is_refused_when_the_incident_left_the_scope_meanwhile(cast: Cast) -> None:
    bind(cast, customer_facing_only=True)
    update = draft(cast)
    ask(cast, update)
    approve(cast, update)
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=update.incident_id, customer_facing=False)
    with pytest.raises(Conflict) as refusal:
        release(cast, update)
    assert refusal.value.code == "outside_scope"
    assert not Release.objects.exists()


@pytest.mark.django_db
def test_planning_writes_to_nobody_outside_even_when_the_gate_was_passed(cast: Cast) -> None:
    """The last defence: the scope is narrowed between the gate and the planning."""
    subscribers("reader@example.com")
    colleague = subscribers("colleague@example.com", audiences=("internal",), kind="person")
    update = draft(cast)
    ask(cast, update)
    approve(cast, update)
    # Nothing is planned with the release: what planning finds comes later.
    events.clear()
    done = release(cast, update)
    wiring.connect()
    bind(cast, components=("login",))
    again = plan_release(actor=system("test"), now=NOW, release_id=done.pk)
    assert {delivery.contact_point_id for delivery in again.deliveries.all()} == {colleague[0].pk}


@pytest.mark.django_db
def test_a_scope_is_changed_by_who_keeps_the_register_and_is_in_the_log_once(cast: Cast) -> None:
    audience = create_audience(actor=cast.actor("comms"), now=NOW, key="partners", name="Partners")
    with pytest.raises(Forbidden):
        set_scope(actor=cast.actor("outsider"), now=NOW, audience=audience, customer_facing_only=True, components=[])
    for _ in range(2):
        set_scope(actor=cast.actor("comms"), now=NOW, audience=audience, customer_facing_only=True, components=[])
    assert Entry.objects.filter(type="audience.scope_changed").count() == 1


@pytest.mark.django_db
def test_the_page_shows_and_saves_the_scope(cast: Cast) -> None:
    make_component(key="login")
    where = "/console/audiences/customers/scope/"
    cast.client("comms").post(where, {"customer_facing_only": "on", "components": ["login"]})
    audience = Audience.objects.get(key="customers")
    assert (audience.scope_customer_facing_only, audience.scope_components.get().key) == (True, "login")
    assert "only Login" in cast.client("commander").get("/console/audiences/").content.decode()
    assert cast.client("comms").post(where, {"components": ["nonsense"]}).status_code == 422
    assert cast.client("commander").post(where, {}).status_code == 403
    assert cast.client("outsider").get(where).status_code == 404
    assert Audience.objects.get(key="customers").scope_components.count() == 1


@pytest.mark.django_db
def test_the_api_says_the_scope(cast: Cast) -> None:
    bind(cast, customer_facing_only=True, components=("login",))
    rows = cast.client("auditor").get("/api/v1/audiences/?key=customers").json()["results"]
    assert rows[0]["scope"] == {"customer_facing_only": True, "components": ["login"]}
