"""Turns reasons into the refusal that pages and the API understand."""

from collections.abc import Sequence

from approvals.rules.reasons import Cause, Reason
from core.errors import Conflict, DomainError, Forbidden, InvalidInput, StaleRevision

ERRORS: dict[Cause, type[DomainError]] = {
    Cause.FORBIDDEN: Forbidden,
    Cause.STATE: Conflict,
    Cause.STALE: StaleRevision,
    Cause.INPUT: InvalidInput,
}


def refuse_if(reasons: Sequence[Reason]) -> None:
    """Raises the error of the first reason, saying all of them; does nothing when there is none."""
    if reasons:
        raise ERRORS[reasons[0].cause](" ".join(reason.words for reason in reasons), code=reasons[0].code)
