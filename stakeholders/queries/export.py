"""The register as a table: the columns that an import reads back, row by row, however many there are."""

from collections.abc import Iterator

from accounts.actors import Actor
from accounts.rules.roles import Permission
from stakeholders.queries.imports import csv_line
from stakeholders.queries.register import visible_stakeholders
from stakeholders.rules.kinds import ContactKind

COLUMNS = (
    "id", "external_id", "kind", "name", "email", "sms", "webhook", "slack", "teams", "organisation", "tier", "contract", "success_manager",
    "region", "tags", "language", "time_zone", "quiet_from", "quiet_until", "depends_on", "audiences",
)  # fmt: skip
_PIECE = 1000


def register_as_csv(actor: Actor) -> Iterator[str]:
    """Lines of CSV with headings. Addresses that are suppressed are among them; removed ones are not. Raises `Forbidden` at once."""
    actor.require(Permission.STAKEHOLDER_READ)
    return _lines(actor)


def _lines(actor: Actor) -> Iterator[str]:
    yield csv_line(COLUMNS)
    last = 0
    while rows := list(visible_stakeholders(actor).filter(pk__gt=last).order_by("pk")[:_PIECE]):
        last = rows[-1].pk
        for row in rows:
            points = list(row.contact_points.all())
            by_kind = {kind.value: ";".join(point.address for point in points if point.kind == kind) for kind in ContactKind}
            yield csv_line(
                [
                    row.public_id,
                    row.external_id or "",
                    row.kind,
                    row.name,
                    *by_kind.values(),
                    row.organisation.public_id if row.organisation else "",
                    row.tier,
                    row.contract,
                    row.success_manager.username if row.success_manager else "",
                    row.region,
                    ";".join(row.tags),
                    row.language,
                    row.time_zone,
                    row.quiet_from.strftime("%H:%M") if row.quiet_from else "",
                    row.quiet_until.strftime("%H:%M") if row.quiet_until else "",
                    ";".join(sorted(component.key for component in row.depends_on.all())),
                    ";".join(sorted(membership.audience.key for membership in row.audience_memberships.all())),
                ]
            )
