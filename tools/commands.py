"""The command line of `run.py`."""

import argparse
from pathlib import Path

from core.embedded.errors import EmbeddedError
from faults.options import add_arguments
from tools.bench import bench
from tools.checks import check, test
from tools.demo import demo
from tools.faults import faults
from tools.manage import manage
from tools.places import ROOT, SetupError, say

DATA = ROOT / ".demo"
INSTALL_BROWSER = "--install-browser"


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit status."""
    try:
        if arguments[:1] == ["test"]:
            # All but our one option is pytest's own, down to --help.
            rest = [argument for argument in arguments[1:] if argument != INSTALL_BROWSER]
            return test(rest, install_browser=INSTALL_BROWSER in arguments)
        return _run(_parser().parse_args(arguments))
    except (SetupError, EmbeddedError) as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


def _words_of(asked: argparse.Namespace) -> list[str]:
    """The programme's options as words again: it runs with its own packages, in a process of its own."""
    options = {"data": asked.data and asked.data.resolve(), "rows": asked.rows, "kills": asked.kills, "seed": asked.seed}
    given = [word for name, value in options.items() if value is not None for word in (f"--{name}", str(value))]
    return [*asked.names, *(["--short"] if asked.short else []), *given]


def _run(asked: argparse.Namespace) -> int:
    match asked.command:
        case "demo":
            return demo(asked.port, asked.page_port, asked.data)
        case "manage":
            return manage(asked.data, asked.arguments)
        case "check":
            return check()
        case "bench":
            return bench(asked.names)
        case _:
            return faults(_words_of(asked))


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: give a number from 1 to 65535")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py", description="Sets everything up and runs it.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="demo | manage | test | check | bench | faults")
    start = commands.add_parser("demo", help="start the product with a story in it", allow_abbrev=False)
    start.add_argument("--port", type=_port, default=8000, help="of the console (8000)")
    start.add_argument("--page-port", type=_port, default=8001, help="of the public page (8001)")
    start.add_argument("--data", type=Path, default=DATA, metavar="DIR", help="where its data are kept (.demo)")
    run = commands.add_parser("manage", help="run a management command against a demo", allow_abbrev=False)
    run.add_argument("--data", type=Path, default=DATA, metavar="DIR", help="the data folder of that demo (.demo)")
    run.add_argument("arguments", nargs=argparse.REMAINDER, metavar="COMMAND …")
    commands.add_parser("test", help=f"[{INSTALL_BROWSER}] [pytest arguments]: run everything, or pytest alone", allow_abbrev=False)
    commands.add_parser("check", help="everything but the tests", allow_abbrev=False)
    measure = commands.add_parser("bench", help="measure beside a yardstick", allow_abbrev=False)
    measure.add_argument("names", nargs="*", metavar="NAME")
    fire = commands.add_parser("faults", help="break things around a release and count what arrives", allow_abbrev=False)
    add_arguments(fire)
    return parser
