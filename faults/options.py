"""What can be asked of the programme, by `run.py faults` and `python -m faults` alike. Needs no packages."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The scenarios' names and the options."""
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--short", action="store_true", help="a few hundred letters and short waits: seconds each")
    parser.add_argument("--rows", type=int, help="letters in all (the scenario's own number: 50,000 for most)")
    parser.add_argument("--kills", type=int, help="deaths, where the scenario kills (at least 200)")
    parser.add_argument("--seed", type=int, help="of all chance (the scenario's own)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where the servers' data are kept, so that the next run need not migrate")
