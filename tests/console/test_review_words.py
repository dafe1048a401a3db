"""Pages, refusals and the timeline say “public relations”, “in review”, and what somebody may not do; never the stored word."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.rules.permission_words import ACTS
from accounts.rules.roles import Permission
from approvals.models import Dispute, Override
from approvals.services import override_release
from core.errors import Conflict, Forbidden
from incidents.models import PolicyDecision, TimelineEntry, Update
from incidents.rules.words import UpdateState
from incidents.services import set_update_state
from tests.approvals.acts import ask, say
from tests.approvals.disputing import dispute
from tests.support.cast import Cast
from tests.support.factories import make_incident, make_update

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=50)
STORED = re.compile(r"public_relations|in_review|changes_requested|[a-z]+\.[a-z]+_?[a-z]*\.? Ask an administrator")


def seen(cast: Cast, path: str, by: str) -> str:
    """What a page shows, without its markup."""
    answer = cast.client(by).get(path)
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", re.sub(r"<script.*?</script>|<[^>]*>", " ", answer.content.decode(), flags=re.DOTALL))


def asked_of_public_relations(cast: Cast, now: datetime) -> Update:
    """In review by technical, communications and public relations, of which the last disputes a passage."""
    incident = make_incident(actor=cast.actor("commander"), now=now)
    reviews = [{"kind": kind, "window_minutes": 30} for kind in ("technical", "communications", "public_relations")]
    row = PolicyDecision.objects.filter(incident=incident).get()
    row.pk, row.reviews, row.consequences = None, reviews, row.consequences | {"reviews": reviews}
    row.save(force_insert=True)
    made = make_update(incident=incident, actor=cast.actor("commander"), now=now)
    ask(cast, made, now=now)
    return made


def test_every_page_of_a_review_names_public_relations_in_words(cast: Cast) -> None:
    began = timezone.now() - LATER
    update = asked_of_public_relations(cast, began)
    room, story = f"/console/incidents/{update.incident.public_id}/", f"/console/updates/{update.public_id}/story/"
    dispute(cast, update, kind="public_relations", by="pr", now=began)
    found = Dispute.objects.get()
    pages = [room, story, "/console/disputes/", f"/console/disputes/{found.public_id}/", "/console/reviews/"]
    pages += [f"/console/updates/{update.public_id}/{page}/" for page in ("review", "edit")]
    for path in pages:
        words = seen(cast, path, "commander")
        assert not STORED.search(words), (path, STORED.search(words))
        assert "public relations" in words.casefold(), path


def test_what_was_released_without_public_relations_says_so_in_words(cast: Cast) -> None:
    now = timezone.now()
    update = asked_of_public_relations(cast, now - LATER)
    for kind in ("technical", "communications"):
        say(cast, update, kind, now=now - LATER)
    actor = cast.actor("override", second_factor=True, now=now)
    override_release(actor=actor, now=now, update_id=update.pk, revision=1, reason="Nobody answers.")
    page = f"/console/overrides/{Override.objects.get().public_id}/"
    for path in (page, f"/console/incidents/{update.incident.public_id}/", f"/console/updates/{update.public_id}/story/"):
        words = seen(cast, path, "commander")
        assert "public relations" in words, path
        assert not STORED.search(words), (path, STORED.search(words))


def test_a_kept_review_stands_in_the_timeline_in_words(cast: Cast) -> None:
    update = asked_of_public_relations(cast, timezone.now())
    say(cast, update, "public_relations", by="pr", now=timezone.now())
    say(cast, update, "communications", "request_changes", comment="Too long.", now=timezone.now())
    ask(cast, update, now=timezone.now())
    texts = " ".join(TimelineEntry.objects.values_list("text", flat=True))
    assert "kept: public relations" in texts
    assert "public_relations" not in texts


def test_a_move_that_there_is_not_is_refused_in_words(cast: Cast) -> None:
    update = make_update(incident=make_incident(actor=cast.actor("commander")), actor=cast.actor("commander"))
    Update.objects.filter(pk=update.pk).update(state="withdrawn")
    with pytest.raises(Conflict, match="withdrawn; it cannot become in review"):
        set_update_state(actor=cast.actor("commander"), now=timezone.now(), update=update, to=UpdateState.IN_REVIEW)


def test_a_refusal_says_what_somebody_may_not_do_and_never_the_name_of_the_permission(cast: Cast) -> None:
    assert ACTS.keys() == set(Permission)
    for permission in Permission:
        with pytest.raises(Forbidden) as refusal:
            cast.actor("outsider").require(permission)
        assert permission.value not in refusal.value.message or permission is Permission.ADMINISTER
    with pytest.raises(Forbidden, match=r"You may not release without a missing review. Ask an administrator .* override holder"):
        cast.actor("outsider").require(Permission.RELEASE_OVERRIDE)
