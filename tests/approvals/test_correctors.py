"""Whoever had a hand in the wrong words reviews no correction of them."""

import pytest

from accounts.models import User
from approvals.models import Release
from core.errors import Forbidden
from incidents.models import Update, UpdateContributor
from incidents.services import revise_update
from tests.approvals.acts import approve, ask, draft, edit, release, say
from tests.approvals.test_corrections import LATER, correct, without
from tests.approvals.test_holding_release import incident_with_checkout
from tests.support.cast import NOW, Cast
from tests.support.holding import approved_statement, let_out_holding

pytestmark = pytest.mark.django_db


def hands_in(update: Update) -> set[User]:
    return {one.user for one in UpdateContributor.objects.filter(update_of=update)}


def finish(cast: Cast, made: Update) -> None:
    """Written to its end by the commander, and shown to reviewers."""
    revise_update(actor=cast.actor("commander"), now=LATER, update_id=made.pk, base_revision=1, content=without(made))
    ask(cast, made, now=LATER)


def wrong_words_of(cast: Cast, name: str) -> Release:
    """Released wrong words at which this person wrote."""
    update = draft(cast)
    edit(cast, update, by=name)
    ask(cast, update)
    approve(cast, update)
    return release(cast, update)


def test_who_wrote_the_wrong_words_does_not_approve_what_puts_them_right(cast: Cast) -> None:
    made = correct(cast, wrong_words_of(cast, "techlead2").update_of)
    finish(cast, made)
    with pytest.raises(Forbidden) as refusal:
        say(cast, made, "technical", by="techlead2", now=LATER)
    assert refusal.value.code == "contributor"
    say(cast, made, "technical", now=LATER)


def test_the_correction_of_a_correction_counts_everyone_so_far(cast: Cast) -> None:
    first = correct(cast, wrong_words_of(cast, "techlead2").update_of)
    finish(cast, first)
    approve(cast, first, now=LATER)
    release(cast, first, now=LATER)
    assert {cast.techlead2, cast.commander} <= hands_in(correct(cast, first))


def test_who_wrote_a_holding_statement_does_not_approve_its_correction(cast: Cast) -> None:
    version = approved_statement(cast)
    authors = {one.user for one in version.statement.contributors.all()}
    assert cast.comms in authors
    released = let_out_holding(cast, incident_with_checkout(cast), version, now=NOW)
    assert authors <= hands_in(correct(cast, released.update_of))
