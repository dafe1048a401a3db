"""``faults``: one update to 10,000 subscribers while workers and the broker are killed. No yardstick: nothing may be lost."""

import sys
import tempfile
from pathlib import Path

from bench.scene import approve, installation, release, staff, subscribe
from core.clock import utc_now
from core.embedded.services import throw_away
from tests.support.faulty_run import run

READERS = 10_000
KILLS = 40


def main() -> bool:
    """Print planned, accepted, lost, doubled, ambiguous, kills and recovery; False where something was lost or doubled unseen."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-faults-") as scratch,
        throw_away(environ={"DATABASE_URL": "kept"}) as services,
        installation() as environment,
    ):
        if services.valkey is None:
            raise RuntimeError("This needs a broker of its own.")
        environment |= {"REDIS_URL": services.valkey.url, "STATUSPAGE_DIR": str(Path(scratch, "page"))}
        people = staff()
        subscribe(READERS)
        now = utc_now()
        message = release(people, approve(people, now), now)
        account = run(message, kills=KILLS, environment=environment, valkey=services.valkey, folder=Path(scratch), seed=1, patience=600)
    print(f"bench faults {account}", flush=True)
    held = account.lost == 0 and account.doubled <= account.ambiguous
    if not held:
        print("# faults: a letter was lost, or doubled without an ambiguous attempt", file=sys.stderr)
    return held
