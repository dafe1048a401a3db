"""Commands and addresses that the documents name can be typed as they stand."""

import re
import shlex
from argparse import ArgumentParser
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import Resolver404, resolve

from tests.docs.reading import DOCUMENTS, command_lines, name_of
from tools import commands
from tools.places import ROOT

RUN = ["python3", "run.py"]
_ADDRESS = re.compile(r"(?:^|[\s\"'`]|\$API|https?://[^/\s\"'`]+)(/(?:api|console|accounts|hooks|unsubscribe)/[^\s\"'`?]*)")


def words_of(line: str) -> list[str]:
    """The words a shell would see, without the parts that only people read."""
    plain = line.replace("…", "").split(" > ")[0].split(" | ")[0]
    assignment = re.fullmatch(r"\w+=\$\((.*)\)", plain)
    try:
        return shlex.split(assignment[1] if assignment else plain, comments=True)
    except ValueError:
        return []


def run_commands(document: Path) -> list[list[str]]:
    found = [words_of(line) for line in command_lines(document)]
    return [words[2:] for words in found if words[:2] == RUN]


class Complaint(Exception):
    """A parser would have refused."""


def strict(parser: ArgumentParser) -> ArgumentParser:
    def complain(message: str) -> None:
        raise Complaint(message)

    parser.error = complain  # type: ignore[method-assign,assignment]  # the documented place to change what an error does
    return parser


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_run_py_takes_every_command_named(document: Path) -> None:
    for words in run_commands(document):
        if words[:1] == ["test"]:
            continue  # what follows is pytest's own
        asked = strict(commands._parser()).parse_args(words)
        if asked.command == "manage":
            assert_management_command(asked.arguments)
        if asked.command == "bench":
            assert all((ROOT / "bench" / f"{name}.py").is_file() for name in asked.names)
        if asked.command == "faults":
            assert all((ROOT / "faults" / "scenarios" / f"{name}.py").is_file() for name in asked.names)


def assert_management_command(words: list[str]) -> None:
    known = get_commands()
    assert words[0] in known, f"There is no management command {words[0]}."
    command = load_command_class(known[words[0]], words[0])
    try:
        command.create_parser("manage.py", words[0]).parse_args(words[1:])
    except SystemExit:
        pytest.fail(f"manage.py does not take: {' '.join(words)}")


def test_the_readme_names_the_two_commands_everything_begins_with() -> None:
    named = run_commands(DOCUMENTS[0])
    assert ["demo"] in named
    assert ["test"] in named


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_address_named_is_one_the_product_answers(document: Path) -> None:
    unknown = []
    for line in command_lines(document):
        for address in _ADDRESS.findall(line):
            if address == "/api/v1/":
                continue  # where all of them begin
            path = re.sub(r"\$\{?\w+\}?|<\w+>|\b[A-Z][A-Z_]*\b", "1", address)
            try:
                found = resolve(path)
            except Resolver404:
                unknown.append(address)
            else:
                if found.url_name == "api-not-found":
                    unknown.append(address)
    assert unknown == []
