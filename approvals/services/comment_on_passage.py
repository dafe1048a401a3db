"""A remark on a passage of the words under review."""

from datetime import datetime

from accounts.actors import Actor
from accounts.rules.roles import Permission
from approvals.models import PassageComment
from approvals.queries.rounds import live_round
from approvals.rules.passage import NoSuchPassage, find_passage
from approvals.rules.review import permission_for
from approvals.services.locking import current_revision, lock_update
from audit.services import unit_of_work
from core.errors import Conflict, Forbidden, InvalidInput
from incidents.rules.content import Content
from policies.rules.decision import ReviewKind

LONGEST_TEXT = 4000


def comment_on_passage(
    *,
    actor: Actor,
    now: datetime,
    update_id: int,
    revision: int,
    audience: str,
    language: str,
    field: str,
    quote: str,
    text: str,
    start: int | None = None,
) -> PassageComment:
    """Keeps what a reviewer or an author says about `quote` in the `field` (title or body) of one audience's wording.

    It changes neither words nor verdicts and makes nobody a contributor. Raises `NotFound`, `Forbidden`, `Conflict` (not
    in review), `StaleRevision`, `InvalidInput`.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        update = lock_update(actor=actor, update_id=update_id)
        user = actor.require_person()
        _refuse_bystanders(actor)
        review_round = live_round(update)
        if review_round is None:
            raise Conflict("The update is not in review; comments belong to a review.", code="not_in_review")
        content = current_revision(update, revision).parsed()
        said = _text(text)
        try:
            span = find_passage(_wording(content, audience, language, field), quote=quote, start=start)
        except NoSuchPassage as error:
            raise InvalidInput(str(error), fields={"quote": [str(error)]}) from None
        comment = PassageComment.objects.create(
            round=review_round,
            author=user,
            audience=audience,
            language=language,
            field=field,
            start=span.start,
            end=span.end,
            quote=quote,
            text=said,
            at=now,
        )
        work.record(
            "review.commented",
            subject=f"update:{update.public_id}",
            body={"audience": audience, "language": language, "field": field, "start": span.start, "end": span.end, "text": said},
        )
        return comment


def _refuse_bystanders(actor: Actor) -> None:
    reviewing = {permission for kind in ReviewKind if (permission := permission_for(kind))}
    if not any(actor.may(permission) for permission in reviewing | {Permission.UPDATE_WRITE}):
        raise Forbidden("Comments come from reviewers and authors. Ask an administrator for the role.")


def _text(text: str) -> str:
    said = text.strip()
    if not said or len(said) > LONGEST_TEXT:
        raise InvalidInput("Say something about the passage.", fields={"text": [f"Use 1 to {LONGEST_TEXT} characters."]})
    return said


def _wording(content: Content, audience: str, language: str, field: str) -> str:
    wording = content.wording.get(audience, {}).get(language)
    if wording is None or field not in {"title", "body"}:
        raise InvalidInput("There is no such text.", fields={"audience": ["Name an audience, language and field of the update."]})
    return wording.title if field == "title" else wording.body
