"""``publication``: how long the public page takes to show a release when many incidents lie behind it. No yardstick."""

import datetime as dt
import random
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import bench.ready  # noqa: F401 # isort: skip - imported for its effect: models can be imported only after it

from django.conf import settings
from django.db import connection

from bench.scene import installation
from core.clock import utc_now
from core.identifiers import public_id
from statuspage.models import AffectedComponent, PageChange, PublicComponent, PublicIncident, PublicUpdate
from statuspage.services import publish_snapshot, stamp

SIZES = (2_000, 10_000)
MONTHS = 60
_COMPONENTS = 20


def main() -> bool:
    """Per size one line: seconds to the first live page, to its whole archive, to show a release, to show a closing one, and to confirm."""
    with installation():
        for size in SIZES:
            with tempfile.TemporaryDirectory(prefix="bench-publication-") as scratch:
                settings.STATUSPAGE_DIR = Path(scratch, "page")
                print(f"bench publication incidents={size} {_measure(size)}", flush=True)
                print(f"# publication: {_on_disk(Path(scratch))}", file=sys.stderr, flush=True)
    return True


def _measure(size: int) -> str:
    components = _scene(size)
    begun = time.monotonic()
    first = _publish()
    while PageChange.objects.exists():
        _publish()
    archive = time.monotonic() - begun
    _open_incident(components)
    release = _publish()
    closed = PublicIncident.objects.get(resolved_at__isnull=True)
    closed.status, closed.resolved_at, closed.updated_at = "resolved", utc_now(), utc_now()
    closed.save()
    stamp(closed)
    PageChange.objects.create(at=utc_now())
    closing = _publish()
    confirm = _publish()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return (
        f"first_s={first:.2f} archive_s={archive:.1f} release_s={release:.3f} closing_s={closing:.3f} confirm_s={confirm:.3f} "
        f"peak_mb={peak:.0f}"
    )


def _publish() -> float:
    begun = time.monotonic()
    if not publish_snapshot(now=utc_now()).applied:
        raise RuntimeError("another version is live")
    return time.monotonic() - begun


def _scene(size: int) -> list[PublicComponent]:
    """Closed incidents of five years, three updates each, in a projection that held nothing before."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE statuspage_publicincident, statuspage_publiccomponent, statuspage_pagechange CASCADE")
    chance, now = random.Random(1), utc_now()
    components = PublicComponent.objects.bulk_create(
        PublicComponent(
            code=public_id(), name=f"Component {n}", status="operational", status_before="operational", status_changed_at=now,
            position=n, created_at=now, updated_at=now,
        )
        for n in range(_COMPONENTS)
    )  # fmt: skip
    span = dt.timedelta(days=30.4 * MONTHS).total_seconds()
    starts = [now - dt.timedelta(days=2) - dt.timedelta(seconds=span * n / size) for n in range(size)]
    incidents = PublicIncident.objects.bulk_create(
        PublicIncident(
            code=public_id(), name=_words(chance, 5), status="resolved", impact=chance.choice(("minor", "major")), started_at=at,
            created_at=at, updated_at=at + dt.timedelta(hours=2), resolved_at=at + dt.timedelta(hours=2),
        )
        for at in starts
    )  # fmt: skip
    _say(incidents, components, chance)
    PageChange.objects.create(at=now)
    return components


def _say(incidents: Sequence[PublicIncident], components: Sequence[PublicComponent], chance: random.Random) -> None:
    steps = (("investigating", 0), ("identified", 60), ("resolved", 120))
    updates = PublicUpdate.objects.bulk_create(
        PublicUpdate(
            code=public_id(), incident=incident, status=status, body=_words(chance, 60),
            at=incident.started_at + dt.timedelta(minutes=minutes),
        )
        for incident in incidents
        for status, minutes in steps
    )  # fmt: skip
    AffectedComponent.objects.bulk_create(
        AffectedComponent(update_of=update, component=chance.choice(components), old_status="operational", new_status="partial_outage")
        for update in updates
    )
    for incident in incidents:
        stamp(incident)


def _open_incident(components: Sequence[PublicComponent]) -> None:
    now = utc_now()
    incident = PublicIncident.objects.create(
        code=public_id(), name="Some checkouts are failing", status="investigating", impact="major", started_at=now, created_at=now,
        updated_at=now,
    )  # fmt: skip
    _say([incident], components, random.Random(2))
    PageChange.objects.create(at=now)


def _words(chance: random.Random, count: int) -> str:
    return " ".join("".join(chance.choices("aeiorstnlmdpcu", k=chance.randint(3, 9))) for _ in range(count)).capitalize() + "."


def _on_disk(folder: Path) -> str:
    files = [entry for entry in folder.rglob("*") if entry.is_file() and not entry.is_symlink()]
    return f"{len(files)} files, {sum(entry.stat().st_blocks for entry in files) * 512 / 1e6:.0f} MB on the disk"


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
