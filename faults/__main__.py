"""`python -m faults [NAME …] [--short] [--rows N] [--kills N] [--seed N]`: plays the scenarios named, or all, and judges each."""

import argparse
import importlib
import pkgutil
import sys
import time
import traceback
from typing import Any

from core.embedded.services import Services
from faults import scenarios
from faults.house import house
from faults.options import add_arguments


def main(arguments: list[str]) -> int:
    """0: every rule was kept; 1: one was not, or a scenario was stuck; 2: a wrong name."""
    parser = argparse.ArgumentParser(prog="faults", allow_abbrev=False)
    add_arguments(parser)
    asked = parser.parse_args(arguments)
    known = sorted(module.name for module in pkgutil.iter_modules(scenarios.__path__))
    unknown = [name for name in asked.names if name not in known]
    if unknown:
        print(f"no scenario called {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    with house(asked.data) as services:
        # The settings read the servers' addresses, so what knows Django is imported only now.
        theatre = importlib.import_module("faults.theatre")
        theatre.prepare()
        passed = [_play(theatre, name, asked, services) for name in asked.names or known]
        return 0 if all(passed) else 1


def _play(theatre: Any, name: str, asked: argparse.Namespace, services: Services) -> bool:
    scenario = importlib.import_module(f"faults.scenarios.{name}")
    rows = asked.rows or (scenario.SHORT if asked.short else scenario.ROWS)
    kills = asked.kills or (getattr(scenario, "SHORT_KILLS", 0) if asked.short else getattr(scenario, "KILLS", 0))
    seed = scenario.SEED if asked.seed is None else asked.seed
    begun = time.monotonic()
    try:
        readers = rows // getattr(scenario, "MESSAGES", 1)
        with theatre.stage(name, rows=rows, readers=readers, kills=kills, short=asked.short, seed=seed, services=services) as stage:
            try:
                account = scenario.play(stage)
            except Exception:
                log = stage.folder / "workers.log"
                print(log.read_text()[-5000:] if log.exists() else "no worker was started", file=sys.stderr)
                raise
    except Exception:  # noqa: BLE001 - whatever befell one scenario, the others are played
        traceback.print_exc()
        print(f"# {name}: could not be played to its end (seed {seed})", flush=True)
        return False
    print(account, flush=True)
    facts = [
        f"seed {seed}, {rows} letters" + (f", hurt {kills} times" if kills else ""),
        *account.notes,
        f"{time.monotonic() - begun:.1f} s in all",
    ]
    print(f"# {name}: {'; '.join(facts)}", flush=True)
    for complaint in account.complaints:
        print(f"# {name}: NOT KEPT: {complaint}", flush=True)
    return not account.complaints


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
