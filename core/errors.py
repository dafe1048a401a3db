"""What can go wrong in a use case, said once. Pages and the API turn these into answers.

Each error carries a stable `code`, a sentence that says what to do, and messages per field where a field is at fault.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar


class DomainError(Exception):
    """A refusal that a person can act on. `status` is the HTTP status of its answer."""

    status: ClassVar[int] = 400
    default_code: ClassVar[str] = "invalid"

    def __init__(self, message: str, *, code: str = "", fields: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.fields: dict[str, list[str]] = {name: list(texts) for name, texts in (fields or {}).items()}


class InvalidInput(DomainError):
    """The values given cannot be used; `fields` names each and its cure."""


class NotFound(DomainError):
    """There is no such thing, or the asker may not know that there is. The two are never told apart."""

    status = 404
    default_code = "not_found"

    def __init__(self, message: str = "Not found.") -> None:
        super().__init__(message)


class Forbidden(DomainError):
    """The person is known and may see the thing, but may not do this to it."""

    status = 403
    default_code = "forbidden"


class StepUpRequired(Forbidden):
    """The act needs a fresh proof of identity (password typed within the last five minutes)."""

    default_code = "step_up_required"

    def __init__(self, message: str, *, where: str = "") -> None:
        """`where` is the page that takes the proof; empty means the one that asks for the password."""
        super().__init__(message)
        self.where = where


class SecondFactorRequired(StepUpRequired):
    """The act needs a code or a passkey besides the password; `where` is the page that takes it, or that sets one up."""

    default_code = "second_factor_required"


class Conflict(DomainError):
    """The thing is not in a state that allows this."""

    status = 409
    default_code = "conflict"


class StaleRevision(Conflict):
    """The change was made against an older version; nothing was overwritten (RFC 9110 §13.1.1, If-Match)."""

    status = 412
    default_code = "stale_revision"


class PreconditionRequired(DomainError):
    """The change must name the version it was made against (RFC 6585 §3)."""

    status = 428
    default_code = "precondition_required"


class Unprocessable(DomainError):
    """Well-formed but contradictory, for instance an idempotency key used for another body."""

    status = 422
    default_code = "unprocessable"


class Busy(DomainError):
    """Others change the same things at this very moment, and the database ended this one. Nothing was changed; the same again may work."""

    status = 503
    default_code = "busy"

    def __init__(self, message: str = "Others are changing the same at this moment. Nothing of yours was saved: try again.") -> None:
        super().__init__(message)


# PostgreSQL, appendix A: serialization_failure, deadlock_detected, lock_not_available.
_SOMEBODY_ELSE = frozenset({"40001", "40P01", "55P03"})


def is_busy(error: BaseException) -> bool:
    """Whether the database gave up because of other transactions, so that the same again may work: `Busy`, or what Django raised."""
    return isinstance(error, Busy) or getattr(error.__cause__, "pgcode", None) in _SOMEBODY_ELSE
