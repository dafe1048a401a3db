"""The commands of the API guide, run by a real shell against a real server, from the token to the release."""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

from tests.docs.reading import tokens
from tests.support.cast import Cast
from tests.support.factories import make_component
from tools.places import ROOT

GUIDE = ROOT / "docs" / "guide" / "api.md"
MAKES_TOKEN = re.compile(r"\$\(python3 run\.py manage (api_token .*)\)")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="The guide's commands need bash and curl."),
]


def json_in(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects that stand one after another in the text."""
    decoder = json.JSONDecoder()
    while text := text.strip():
        found, end = decoder.raw_decode(text)
        yield found
        text = text[end:]


def test_the_commands_work_as_they_stand(cast: Cast, live_server: LiveServer, tmp_path: Path) -> None:
    make_component(key="checkout")
    for user in (cast.techlead, cast.comms, cast.commander):
        user.set_password("demo")
        user.save()
    token, command = StringIO(), MAKES_TOKEN.search(GUIDE.read_text())
    assert command is not None
    call_command(*shlex.split(command[1]), stdout=token)
    known = {"API": live_server.url, "TOKEN": token.getvalue().strip()}
    answers: list[dict[str, Any]] = []
    for block in [token.content for token in tokens(GUIDE) if token.type == "fence" and token.info == "sh"]:
        script = "\n".join(line for line in block.splitlines() if not line.startswith("export "))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, env=os.environ | known, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        for answer in json_in(done.stdout):
            assert not str(answer.get("type", "")).startswith("urn:statuscomms:problem"), answer
            known |= ids_in(answer)
            answers.append(answer)
    assert answers[0]["username"] == "commander"
    made, release, progress, listed = answers[-4:]
    assert release["content_hash"] == made["content_hash"]
    assert "deliveries" in release
    assert progress["release"] == release["id"]
    assert listed["results"] == []


def ids_in(answer: dict[str, Any]) -> dict[str, str]:
    """What a reader would note from an answer, under the guide's names."""
    marks = {"INCIDENT": "severity", "UPDATE": "variants", "RELEASE": "released_by"}
    return {name: answer["id"] for name, mark in marks.items() if mark in answer}
