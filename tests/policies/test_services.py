"""Writing, proposing and putting in force."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.actors import Actor
from core.errors import Conflict, DomainError, Forbidden, InvalidInput, StaleRevision, StepUpRequired
from core.events import clear, register
from policies.events import PolicyActivated
from policies.models import PolicyVersion
from policies.queries import active_policy, authors_of, decide_for, export_document, why_not_activate
from policies.services import (
    activate_version,
    import_document,
    propose_version,
    save_draft,
    start_draft,
    throw_away_draft,
    withdraw_proposal,
)
from statuscomms.wiring import connect
from tests.policies.test_document import GOOD
from tests.policies.test_thresholds import FRESH
from tests.support.cast import NOW, Cast
from tests.support.log import audit_types
from tests.support.policies import put_in_force, rules_in_force

pytestmark = pytest.mark.django_db


def draft(cast: Cast, by: str = "admin") -> PolicyVersion:
    return start_draft(actor=cast.actor(by), now=NOW, based_on=active_policy())


def test_a_draft_begins_with_the_rules_in_force_and_names_its_author(cast: Cast) -> None:
    version = draft(cast)
    assert (version.number, version.state, version.rules) == (3, "draft", active_policy().rules)
    assert version.based_on == active_policy()
    assert [author.user for author in authors_of(version)] == [cast.admin]
    assert audit_types()[-1] == "policy.draft_started"


def test_saving_makes_one_an_author_and_saving_nothing_new_does_not(cast: Cast) -> None:
    version = draft(cast)
    same = save_draft(actor=cast.actor("commander"), now=NOW, version=version, rules=version.rules, revision=1)
    assert (same.revision, authors_of(version)[-1].user) == (1, cast.admin)
    saved = save_draft(actor=cast.actor("commander"), now=NOW + timedelta(minutes=1), version=version, rules=GOOD, revision=1)
    assert (saved.revision, saved.rules[0]["key"]) == (2, "worst")
    assert [author.user for author in authors_of(version)] == [cast.admin, cast.commander]


def test_two_who_edit_at_once_notice(cast: Cast) -> None:
    version = draft(cast)
    save_draft(actor=cast.actor("admin"), now=NOW, version=version, rules=GOOD, revision=1)
    with pytest.raises(StaleRevision):
        save_draft(actor=cast.actor("commander"), now=NOW, version=version, rules=rules_in_force(), revision=1)


def test_what_is_no_policy_is_not_saved_and_every_problem_is_named(cast: Cast) -> None:
    version = draft(cast)
    with pytest.raises(InvalidInput) as refused:
        save_draft(actor=cast.actor("admin"), now=NOW, version=version, rules=[{**GOOD[0], "key": "X", "words": ""}], revision=1)
    assert len(refused.value.fields["rules"]) == 3


def test_export_and_import_give_the_same_rules(cast: Cast) -> None:
    text = export_document(active_policy())
    version = import_document(actor=cast.actor("admin"), now=NOW, text=text, note="From the file.")
    assert (version.rules, version.note, version.based_on) == (active_policy().rules, "From the file.", None)


@pytest.mark.parametrize("text", ["", "{", "[" * 5000, json.dumps([]), "x" * 2_000_001])
def test_what_cannot_be_imported_says_why(cast: Cast, text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        import_document(actor=cast.actor("admin"), now=NOW, text=text)
    assert refused.value.fields["rules"]


def test_a_proposal_is_confirmed_by_somebody_else_and_retires_the_version_before(cast: Cast) -> None:
    heard: list[PolicyActivated] = []
    clear()
    register(PolicyActivated, in_transaction=[heard.append])
    try:
        version = put_in_force(cast, GOOD)
    finally:
        connect()
    assert active_policy() == version
    assert PolicyVersion.objects.get(number=2).state == "retired"
    assert decide_for(FRESH).rule_key == "worst"
    assert heard == [PolicyActivated(version_id=version.pk, at=NOW, actor=f"user:{cast.commander.pk}")]
    assert audit_types()[-3:] == ["policy.draft_started", "policy.proposed", "policy.activated"]


def test_who_changed_it_last_cannot_confirm_even_when_not_the_only_author(cast: Cast) -> None:
    version = draft(cast, "commander")
    save_draft(actor=cast.actor("admin"), now=NOW + timedelta(minutes=1), version=version, rules=GOOD, revision=1)
    version = propose_version(actor=cast.actor("commander"), now=NOW, version=version)
    with pytest.raises(Forbidden, match="changed this version last"):
        activate_version(actor=cast.actor("admin", stepped_up=True), now=NOW, version=version)
    assert why_not_activate(version, cast.admin) is not None
    assert why_not_activate(version, cast.commander) is None
    activate_version(actor=cast.actor("commander", stepped_up=True), now=NOW, version=version)
    assert active_policy() == version


def test_confirming_takes_a_password_typed_just_now_and_a_session(cast: Cast) -> None:
    version = propose_version(actor=cast.actor("admin"), now=NOW, version=draft(cast))
    with pytest.raises(StepUpRequired):
        activate_version(actor=cast.actor("commander"), now=NOW, version=version)
    with pytest.raises(StepUpRequired):
        activate_version(actor=cast.actor("commander", stepped_up=True), now=NOW + timedelta(minutes=6), version=version)
    token = replace(cast.program("commander"), permissions=cast.commander.granted)
    with pytest.raises(Forbidden, match="token is not enough"):
        activate_version(actor=token, now=NOW, version=version)


def test_only_what_is_proposed_can_be_confirmed_or_withdrawn(cast: Cast) -> None:
    version = draft(cast)
    with pytest.raises(Conflict):
        activate_version(actor=cast.actor("commander", stepped_up=True), now=NOW, version=version)
    with pytest.raises(Conflict):
        withdraw_proposal(actor=cast.actor("admin"), now=NOW, version=version)
    propose_version(actor=cast.actor("admin"), now=NOW, version=version)
    with pytest.raises(Conflict):
        propose_version(actor=cast.actor("admin"), now=NOW, version=version)
    with pytest.raises(Conflict, match="stays as it is"):
        save_draft(actor=cast.actor("admin"), now=NOW, version=version, rules=GOOD, revision=1)
    with pytest.raises(Conflict):
        throw_away_draft(actor=cast.actor("admin"), now=NOW, version=version)
    withdraw_proposal(actor=cast.actor("commander"), now=NOW, version=version)
    save_draft(actor=cast.actor("admin"), now=NOW, version=version, rules=GOOD, revision=1)


def test_a_retired_version_is_proposed_again_as_a_copy(cast: Cast) -> None:
    put_in_force(cast, GOOD)
    again = start_draft(actor=cast.actor("commander"), now=NOW, based_on=PolicyVersion.objects.get(number=2))
    propose_version(actor=cast.actor("commander"), now=NOW, version=again)
    activate_version(actor=cast.actor("admin", stepped_up=True), now=NOW, version=again)
    assert active_policy().number == 4
    assert PolicyVersion.objects.get(number=2).state == "retired"


def test_a_draft_can_be_thrown_away_and_the_log_keeps_what_it_said(cast: Cast) -> None:
    throw_away_draft(actor=cast.actor("commander"), now=NOW, version=draft(cast))
    assert not PolicyVersion.objects.filter(number=3).exists()
    assert audit_types()[-1] == "policy.draft_thrown_away"


ACTS: list[Callable[[Actor, PolicyVersion], object]] = [
    lambda actor, version: start_draft(actor=actor, now=NOW, based_on=version),
    lambda actor, version: import_document(actor=actor, now=NOW, text="[]"),
    lambda actor, version: save_draft(actor=actor, now=NOW, version=version, rules=GOOD, revision=1),
    lambda actor, version: throw_away_draft(actor=actor, now=NOW, version=version),
    lambda actor, version: propose_version(actor=actor, now=NOW, version=version),
    lambda actor, version: withdraw_proposal(actor=actor, now=NOW, version=version),
    lambda actor, version: activate_version(actor=actor, now=NOW, version=version),
]


@pytest.mark.parametrize("name", ["outsider", "auditor", "techlead"])
@pytest.mark.parametrize("act", ACTS)
def test_others_change_nothing(cast: Cast, name: str, act: Callable[[Actor, PolicyVersion], object]) -> None:
    version = draft(cast)
    with pytest.raises(DomainError) as refused:
        act(cast.actor(name, stepped_up=True), version)
    assert isinstance(refused.value, Forbidden)
