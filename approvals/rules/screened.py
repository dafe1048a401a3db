"""What the screening's blocking findings mean here: refusals, each beside the field it stands in."""

from collections.abc import Iterable

from screening.rules.findings import Found


def refusals(found: Iterable[Found]) -> dict[str, list[str]]:
    """For each field, the sentences of the findings that block, each with its cure; empty when none does."""
    by_field: dict[str, list[str]] = {}
    for one in found:
        if one.finding.blocks:
            by_field.setdefault(f"variants.{one.audience}.{one.finding.field}", []).append(one.finding.sentence)
    return by_field


def blocks(found: Iterable[Found]) -> tuple[str, ...]:
    """The same as sentences that name the audience, for the release gate."""
    return tuple(f"For {one.audience}: {one.finding.sentence}" for one in found if one.finding.blocks)
