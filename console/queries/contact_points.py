"""How an address stands, in words."""

from dataclasses import dataclass

from console.register_words import CONTACT_WORDS
from stakeholders.models import ContactPoint
from stakeholders.rules.addresses import shown
from stakeholders.rules.kinds import ConsentSource, ContactKind, SuppressionKind, VerificationState
from stakeholders.rules.verification import needs_code

SUPPRESSED_WORDS = {
    SuppressionKind.BOUNCE: "Does not work",
    SuppressionKind.COMPLAINT: "Complained",
    SuppressionKind.STOP: "Asked for no more",
    SuppressionKind.OPERATOR: "Stopped",
    SuppressionKind.UNCONFIRMED: "Not confirmed again",
}
CONSENT_WORDS = {
    ConsentSource.OPERATOR: "told to an operator",
    ConsentSource.IMPORT: "with an import",
    ConsentSource.API: "by the API",
    ConsentSource.FORM: "by the link in a letter",
    ConsentSource.STAFF: "by the code",
}


@dataclass(frozen=True)
class Standing:
    """An address as a page shows it: `state` a badge's value, `label` its words, `why` a sentence more."""

    point: ContactPoint
    channel: str
    address: str
    state: str
    label: str
    why: str
    consent: str
    may_ask: bool
    waits_for_code: bool


def standing(point: ContactPoint) -> Standing:
    """What is to be known of the address. Uses the stakeholder, which should be there already."""
    state, label, why = _state(point)
    source = CONSENT_WORDS[ConsentSource(point.consent_source)] if point.consent_source else ""
    asks = point.kind in {ContactKind.EMAIL, ContactKind.SMS} and point.suppressed_at is None
    return Standing(
        point=point,
        channel=CONTACT_WORDS[ContactKind(point.kind)],
        address=shown(point.kind, point.address),
        state=state,
        label=label,
        why=why,
        consent=source,
        may_ask=asks and point.verification != VerificationState.VERIFIED,
        waits_for_code=point.kind == ContactKind.SMS and point.verification == VerificationState.PENDING,
    )


def _state(point: ContactPoint) -> tuple[str, str, str]:
    if point.suppression_kind:
        return "suppressed", SUPPRESSED_WORDS[SuppressionKind(point.suppression_kind)], point.suppression_reason
    if point.verification == VerificationState.PENDING:
        code = needs_code(stakeholder_kind=point.stakeholder.kind, contact_kind=point.kind)
        return "waiting", "Waits for its confirmation", f"nothing else is sent until {'the code is' if code else 'the link is'} answered"
    if point.bad_since is not None:
        times = f"{point.soft_bounces} time{'s' if point.soft_bounces > 1 else ''}"
        return "late", "Bounces for now", f"{times} since {point.bad_since:%Y-%m-%d}; after five over three days it is stopped"
    if point.verification == VerificationState.STALE:
        return "late", "To be confirmed again", "still written to"
    if point.verification == VerificationState.VERIFIED:
        return "active", "Confirmed", f"{point.verified_at:%Y-%m-%d}"
    return "active", "In use", ""
