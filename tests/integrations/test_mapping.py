"""The mapping from labels to facts, and changing it."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Forbidden, InvalidInput, NotFound, StaleRevision
from incidents.models import Incident
from integrations.queries import mapping_for, mapping_row
from integrations.rules.mapping import parse, problems
from integrations.services import save_mapping
from tests.integrations.conftest import Post
from tests.support.alertmanager import alert, body
from tests.support.cast import NOW, Cast
from tests.support.log import audit_types

THEN = {"severity": "SEV2", "stage": "confirmed", "impact": "minor", "category": "database", "customer_facing": False}
DOCUMENT: dict[str, Any] = {
    "component_label": "app",
    "rules": [
        {"key": "databases", "when": {"team": ["data", "storage"], "severity": ["critical"]}, "then": THEN},
        {"key": "rest", "when": {}, "then": THEN | {"severity": "SEV4"}},
    ],
}


def test_the_first_rule_whose_labels_all_match_decides() -> None:
    mapping = parse(DOCUMENT)
    assert mapping.apply({"team": "storage", "severity": "critical"}).severity == "SEV2"
    assert mapping.apply({"team": "storage"}).severity == "SEV4"
    assert mapping.apply({}).severity == "SEV4"


def test_a_good_document_has_no_problems() -> None:
    assert problems(DOCUMENT) == {}


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (["component_label"], "", "component_label"),
        (["extra"], 1, "extra"),
        (["rules"], [], "rules"),
        (["rules", 0], {}, "rules.0"),
        (["rules", 0, "key"], "rest", "rules"),
        (["rules", 0, "key"], 4, "rules.0.key"),
        (["rules", 0, "when"], [], "rules.0.when"),
        (["rules", 0, "when", "team"], "data", "rules.0.when.team"),
        (["rules", 0, "when", "team"], [], "rules.0.when.team"),
        (["rules", 0, "then", "severity"], "SEV9", "rules.0.then.severity"),
        (["rules", 0, "then", "severity"], ["SEV1"], "rules.0.then.severity"),
        (["rules", 0, "then", "customer_facing"], "yes", "rules.0.then.customer_facing"),
        (["rules", 0, "then"], {}, "rules.0.then"),
        (["rules", 1, "when"], {"team": ["x"]}, "rules.1.when"),
    ],
)
def test_each_problem_is_named_with_its_place(path: list[Any], value: object, place: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    target: Any = document
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    assert place in problems(document)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["key", "when", "then", "rules", "component_label", "x"]), inner)
    ),
)


@given(JSON)
def test_a_document_either_has_problems_or_maps_everything(document: Any) -> None:
    if not problems(document):
        parse(document).apply({})


@pytest.mark.django_db
def test_a_commander_changes_the_mapping_and_the_next_alert_follows_it(post: Post, cast: Cast) -> None:
    row = save_mapping(actor=cast.actor("commander"), now=NOW, source="alertmanager", document=DOCUMENT, expected_version=1)
    assert row.version == 2
    assert audit_types("hook:alertmanager")[-1] == "mapping.saved"
    post(body(alert()))
    assert Incident.objects.get().severity == "SEV4"
    again = save_mapping(actor=cast.actor("commander"), now=NOW, source="alertmanager", document=DOCUMENT)
    assert again.version == 2


@pytest.mark.django_db
def test_a_mapping_that_cannot_be_used_is_refused_and_the_old_one_stays(cast: Cast) -> None:
    before = mapping_for("alertmanager")
    with pytest.raises(InvalidInput) as refused:
        save_mapping(actor=cast.actor("admin"), now=NOW, source="alertmanager", document=DOCUMENT | {"rules": []})
    assert list(refused.value.fields) == ["rules"]
    with pytest.raises(StaleRevision):
        save_mapping(actor=cast.actor("admin"), now=NOW, source="alertmanager", document=DOCUMENT, expected_version=7)
    with pytest.raises(NotFound):
        save_mapping(actor=cast.actor("admin"), now=NOW, source="pigeon", document=DOCUMENT)
    with pytest.raises(NotFound):
        mapping_row("pigeon")
    assert mapping_for("alertmanager") == before


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["outsider", "auditor", "responder", "techlead", "comms"])
def test_others_do_not_change_the_mapping(cast: Cast, name: str) -> None:
    with pytest.raises(Forbidden):
        save_mapping(actor=cast.actor(name), now=NOW, source="alertmanager", document=DOCUMENT)
