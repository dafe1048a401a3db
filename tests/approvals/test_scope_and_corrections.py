"""The scope of an audience: looked at again while sending, and no reason to leave wrong words standing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.queries.sending import standing_of
from core.errors import InvalidInput
from incidents.models import Update
from incidents.services import change_incident, revise_update
from notifications.models import Delivery
from stakeholders.models import Audience
from stakeholders.services import create_audience, set_scope
from tests.approvals.acts import approve, approved, ask, release
from tests.approvals.test_corrections import LATER, correct, without
from tests.notifications.conftest import sink as sink  # noqa: PLC0414 - the fixture
from tests.notifications.test_stopping import send
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component
from tests.support.releases import subscribers
from tests.support.sinks import Sink

pytestmark = pytest.mark.django_db


def bind(cast: Cast, key: str = "customers", *, only: bool = True, component: str = "") -> None:
    made = [make_component(key=component)] if component else []
    audience = Audience.objects.get(key=key)
    set_scope(actor=cast.actor("comms"), now=NOW, audience=audience, customer_facing_only=only, components=made)


def inside(cast: Cast, update: Update, *, facing: bool = False) -> None:
    change_incident(actor=cast.actor("commander"), now=LATER, incident_id=update.incident_id, customer_facing=facing)


def test_a_release_stops_when_an_audience_leaves_its_scope_and_goes_on_when_it_is_back(cast: Cast) -> None:
    bind(cast)
    done = release(cast, approved(cast))
    assert standing_of([done.pk], NOW)[done.pk].reason == ""
    inside(cast, done.update_of)
    assert standing_of([done.pk], NOW)[done.pk].reason.startswith("The audience Customers is told only of incidents that customers notice")
    inside(cast, done.update_of, facing=True)
    assert standing_of([done.pk], NOW)[done.pk].reason == ""


def test_scopes_are_read_once_for_many_releases(cast: Cast) -> None:
    bind(cast, only=False, component="login")
    component = ["login"]
    done = [release(cast, approved(cast, components=component)) for _ in range(3)]

    def asked(count: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            standing_of([one.pk for one in done[:count]], NOW)
        return sum('"stakeholders_audience' in query["sql"] for query in queries)

    assert asked(3) == asked(1)


def test_whom_the_wrong_words_reached_gets_the_correction_though_out_of_scope_now(cast: Cast, sink: Sink) -> None:
    reader = subscribers("reader@example.com")[0]
    bind(cast)
    wrong = approved(cast)
    release(cast, wrong)
    send()
    inside(cast, wrong)
    made = correct(cast, Update.objects.get(pk=wrong.pk))
    revise_update(actor=cast.actor("commander"), now=LATER, update_id=made.pk, base_revision=1, content=without(made))
    ask(cast, made, now=LATER)
    approve(cast, made, now=LATER)
    done = release(cast, made, now=LATER)
    assert standing_of([done.pk], LATER)[done.pk].reason == ""
    assert Delivery.objects.filter(message__release=done, contact_point_id=reader.pk).count() == 1


def test_the_scope_still_keeps_out_who_never_got_the_wrong_words(cast: Cast) -> None:
    wrong = approved(cast)
    release(cast, wrong)
    made = correct(cast, Update.objects.get(pk=wrong.pk))
    content = without(made, audiences=("customers", "internal", "press"))
    create_audience(actor=cast.actor("comms"), now=NOW, key="press", name="Press")
    bind(cast, "press", only=False, component="login")
    bind(cast, "customers", only=False, component="search")
    revise_update(actor=cast.actor("commander"), now=LATER, update_id=made.pk, base_revision=1, content=content)
    with pytest.raises(InvalidInput) as refusal:
        ask(cast, made, now=LATER)
    (said,) = refusal.value.fields["audiences"]
    assert said.startswith("The audience Press is told only of login")
