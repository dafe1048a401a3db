"""An incident's end is told to whoever waits for it, once, changes nothing when it comes late, and never hangs on who may not be told."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.queries import release_blockers
from approvals.services import start_correction
from catalogue.models import Component
from catalogue.rules.status import ComponentStatus
from catalogue.services import set_component_status
from core.errors import Conflict, InvalidInput
from incidents.models import Incident, PromiseStep, Update
from incidents.queries import open_promises, untold_of_the_end
from incidents.rules.content import ComponentState
from incidents.rules.content_edit import ContentEdit, Variant
from incidents.rules.visibility import tellable
from incidents.rules.words import Stage
from incidents.services import change_incident, claim_due_steps, grant_access, revise_update, start_update
from incidents.services import claim_due_steps as clock
from stakeholders.models import Audience
from stakeholders.services.audiences import set_scope
from tests.approvals.acts import ask, number, release
from tests.incidents.test_released import LATER, released
from tests.incidents.test_who_was_told import AFTER, MINUTE, promised
from tests.support.cast import Cast
from tests.support.factories import CUSTOMER_WORDS, INTERNAL_WORDS, make_component, make_incident, make_update
from tests.support.releases import let_go, reviewed

Act = Callable[[Cast, Incident], None]
pytestmark = pytest.mark.django_db


def ending(cast: Cast, wrong: Update, kind: str = "correction", **more: object) -> Update:
    """What puts `wrong` right and says that the incident is resolved."""
    draft = start_correction(actor=cast.actor("commander"), now=AFTER, update_id=wrong.pk, kind=kind)
    assert draft.current is not None
    content = ContentEdit(status="resolved", **more).apply(draft.current.parsed())  # type: ignore[arg-type]
    revise_update(actor=cast.actor("commander"), now=AFTER, update_id=draft.pk, base_revision=number(draft), content=content)
    return Update.objects.get(pk=draft.pk)


# What puts something right, and says that it is over.


def test_a_retraction_that_says_it_is_over_leaves_no_promise_ringing(cast: Cast) -> None:
    incident = make_incident()
    first = released(cast, make_update(incident=incident, edit=ContentEdit(next_update_minutes=60)))
    said = ending(cast, first, "retraction")
    release(cast, reviewed(cast, said, AFTER), now=AFTER)
    incident.refresh_from_db()
    assert (incident.status, list(open_promises(incident))) == ("resolved", [])
    made = incident.promises.get(made_by=first)
    assert (made.outcome, made.kept_by, made.untold) == ("kept", said, [])
    assert claim_due_steps(now=LATER + 90 * MINUTE) == 0


def test_a_correction_to_colleagues_does_not_end_the_incident_over_customers_heads(cast: Cast) -> None:
    incident = promised(cast, 60)
    inside = released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS]), LATER + MINUTE)
    with pytest.raises(InvalidInput) as refused:
        ask(cast, ending(cast, inside), now=AFTER)
    assert "Customers would never hear of it" in " ".join(refused.value.fields["audiences"])


def test_a_correction_widened_on_the_page_alone_tells_nobody_more_that_it_is_over(cast: Cast) -> None:
    incident = promised(cast, 60)
    inside = released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS]), LATER + MINUTE)
    both = tuple(Variant(audience, "It is over", "All is well.") for audience in ("customers", "internal"))
    with pytest.raises(InvalidInput) as refused:
        ask(cast, ending(cast, inside, variants=both), now=AFTER)
    assert "an update tells the end" in " ".join(refused.value.fields["audiences"])


def test_an_approved_correction_does_not_end_what_customers_were_told_of_meanwhile(cast: Cast) -> None:
    incident = make_incident(severity="SEV3")
    inside = released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS]))
    said = reviewed(cast, ending(cast, inside), AFTER)
    assert release_blockers(said, AFTER) == []
    released(cast, make_update(incident=incident, variants=[CUSTOMER_WORDS]), AFTER)
    assert [words for words in release_blockers(Update.objects.get(pk=said.pk), AFTER) if "never hear" in words]


# Those who may not be told of the incident any more.


def restrict(cast: Cast, incident: Incident) -> None:
    change_incident(actor=cast.actor("commander"), now=AFTER, incident_id=incident.pk, restricted=True)
    incident.refresh_from_db()
    for reviewer in (cast.techlead2, cast.comms2):
        grant_access(actor=cast.actor("commander"), now=AFTER, incident=incident, to=reviewer)


def watch(cast: Cast, incident: Incident) -> None:
    change_incident(actor=cast.actor("commander"), now=AFTER, incident_id=incident.pk, stage="watching")


def elsewhere(cast: Cast, incident: Incident) -> None:
    customers = Audience.objects.get(key="customers")
    bound = [make_component(name="Elsewhere")]
    set_scope(actor=cast.actor("comms"), now=AFTER, audience=customers, customer_facing_only=False, components=bound)


OUT_OF_REACH = pytest.mark.parametrize("withdrawn", [restrict, watch, elsewhere])


@OUT_OF_REACH
def test_an_incident_ends_though_who_was_promised_word_may_not_be_told(cast: Cast, withdrawn: Act) -> None:
    incident = promised(cast)
    withdrawn(cast, incident)
    incident.refresh_from_db()
    end = make_update(incident=incident, actor=cast.actor("commander"), status="resolved", variants=[INTERNAL_WORDS])
    release(cast, reviewed(cast, end, AFTER), now=AFTER)
    incident.refresh_from_db()
    assert (incident.status, list(open_promises(incident))) == ("resolved", [])
    assert untold_of_the_end(incident) == {"customers"}


@OUT_OF_REACH
def test_a_promise_that_nobody_may_keep_calls_nobody(cast: Cast, withdrawn: Act) -> None:
    incident = promised(cast)
    withdrawn(cast, incident)
    incident.refresh_from_db()
    inside = make_update(
        incident=incident, actor=cast.actor("commander"), variants=[INTERNAL_WORDS], edit=ContentEdit(next_update_minutes=60)
    )
    let_go(cast, reviewed(cast, inside, AFTER), AFTER)
    assert [each.untold for each in open_promises(incident)] == [["customers"], ["internal"]]
    assert claim_due_steps(now=LATER + 40 * MINUTE) == 0
    assert claim_due_steps(now=AFTER + 61 * MINUTE) == 1
    assert {step.promise.untold[0] for step in PromiseStep.objects.filter(fired_at__isnull=False)} == {"internal"}


def test_it_calls_once_and_labelled_when_they_may_be_told_again(cast: Cast) -> None:
    incident = promised(cast)
    restrict(cast, incident)
    released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS], edit=ContentEdit(next_update_minutes=110)), AFTER)
    assert claim_due_steps(now=LATER + 40 * MINUTE) == 0
    at = LATER + 41 * MINUTE
    change_incident(actor=cast.actor("commander", stepped_up=True, now=at), now=at, incident_id=incident.pk, restricted=False)
    assert claim_due_steps(now=LATER + 42 * MINUTE) == 1
    assert [(step.step, step.told_late) for step in PromiseStep.objects.filter(fired_at__isnull=False)] == [("manager", True)]
    assert claim_due_steps(now=LATER + 43 * MINUTE) == 0


def test_what_keeps_quiet_takes_nobody_elses_place(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(clock.__globals__, "AT_ONCE", 1)
    quiet, loud = promised(cast), promised(cast)
    restrict(cast, quiet)
    released(cast, make_update(incident=quiet, variants=[INTERNAL_WORDS], edit=ContentEdit(next_update_minutes=110)), AFTER)
    assert claim_due_steps(now=LATER + 40 * MINUTE) == 1
    assert [step.promise.incident for step in PromiseStep.objects.filter(fired_at__isnull=False)] == [loud]


@given(
    keys=st.sets(st.sampled_from("abcp")),
    outside=st.sets(st.sampled_from("abcp")),
    hearing=st.sets(st.sampled_from("abcp")),
    restricted=st.booleans(),
    stage=st.sampled_from(list(Stage)),
    publishes=st.booleans(),
)
def test_who_may_be_told_is_who_no_rule_keeps_out(
    keys: set[str], outside: set[str], hearing: set[str], *, restricted: bool, stage: Stage, publishes: bool
) -> None:
    may = tellable(
        keys,
        known={"a", "b", "p"},
        outside=outside,
        public="p",
        restricted=restricted,
        stage=stage,
        publishes_watching=publishes,
        hearing=hearing,
    )
    watching = stage is Stage.WATCHING
    for key in "abcp":
        kept_out = key == "c" or key in outside or (watching and key not in hearing)
        kept_out |= key == "p" and (restricted or (watching and not publishes))
        assert (key in may) == (key in keys and not kept_out)


# The end, told late.


def ended_inside(cast: Cast, *components: Component) -> Incident:
    """Resolved; of its end colleagues alone were told, as before anybody looked at that."""
    incident = make_incident(components=components, severity="SEV3")
    quiet = reviewed(cast, make_update(incident=incident, status="resolved", variants=[INTERNAL_WORDS]))
    released(cast, make_update(incident=incident))
    let_go(cast, quiet, AFTER)
    incident.refresh_from_db()
    assert untold_of_the_end(incident) == {"customers"}
    return incident


def test_the_end_told_late_does_not_go_to_those_who_heard_it(cast: Cast) -> None:
    incident = ended_inside(cast)
    both = make_update(incident=incident, status="resolved")
    with pytest.raises(InvalidInput) as refused:
        ask(cast, both, now=AFTER)
    assert "to Customers, not to Colleagues" in refused.value.fields["audiences"][0]


def test_an_approved_end_told_late_does_not_go_to_those_who_heard_it_meanwhile(cast: Cast) -> None:
    incident = make_incident(severity="SEV3")
    inside, both = (
        reviewed(cast, make_update(incident=incident, status="resolved", variants=variants))
        for variants in ([INTERNAL_WORDS], [CUSTOMER_WORDS, INTERNAL_WORDS])
    )
    released(cast, make_update(incident=incident))
    let_go(cast, inside, AFTER)
    both = Update.objects.get(pk=both.pk)
    assert [words for words in release_blockers(both, AFTER) if "not to Colleagues" in words]
    with pytest.raises(Conflict):
        let_go(cast, both, AFTER)


def test_the_end_told_late_leaves_the_incident_and_its_components_as_they_are(cast: Cast) -> None:
    own, other = make_component(), make_component()
    incident = ended_inside(cast, own)
    for component in (own, other):
        set_component_status(actor=cast.system(), now=AFTER, component=component, status=ComponentStatus.DEGRADED_PERFORMANCE)
    states = tuple(ComponentState(component.public_id, "major_outage") for component in (own, other))
    words = make_update(incident=incident, status="resolved", variants=[CUSTOMER_WORDS], edit=ContentEdit(components=states))
    before = (incident.impact, incident.resolved_at, incident.outage_scope, set(incident.components.all()))
    release(cast, reviewed(cast, words, AFTER), now=AFTER)
    incident.refresh_from_db()
    assert (incident.impact, incident.resolved_at, incident.outage_scope, set(incident.components.all())) == before
    for component in (own, other):
        component.refresh_from_db()
        assert component.status == "degraded_performance"


def test_it_says_no_other_impact(cast: Cast) -> None:
    incident = ended_inside(cast)
    words = make_update(incident=incident, status="resolved", variants=[CUSTOMER_WORDS], edit=ContentEdit(impact="critical"))
    with pytest.raises(InvalidInput) as refused:
        ask(cast, words, now=AFTER)
    assert "its impact stays major" in refused.value.fields["impact"][0]


def test_its_first_draft_is_for_those_who_did_not_hear_it_and_moves_nothing(cast: Cast) -> None:
    own = make_component()
    incident = ended_inside(cast, own)
    set_component_status(actor=cast.system(), now=AFTER, component=own, status=ComponentStatus.DEGRADED_PERFORMANCE)
    draft = start_update(actor=cast.actor("commander"), now=AFTER, incident=incident, status="resolved")
    assert draft.current is not None
    content = draft.current.parsed()
    assert (content.audiences, content.impact) == (("customers",), "major")
    assert [state.status for state in content.components] == ["degraded_performance"]
