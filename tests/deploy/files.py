"""The files of a deployment, read as far as the tests need them."""

import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile, its continued lines joined."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """What follows the name, split as a shell would."""
        return shlex.split(self.rest)


@cache
def stages() -> list[list[Instruction]]:
    """The instructions of each stage; every stage begins with FROM."""
    text = "\n".join(line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#"))
    found: list[list[Instruction]] = []
    for line in text.replace("\\\n", " ").splitlines():
        if not line.strip():
            continue
        name, _, rest = line.partition(" ")
        assert name.isupper(), f"not an instruction: {line}"
        if name == "FROM":
            found.append([])
        found[-1].append(Instruction(name, " ".join(rest.split()) if name != "CMD" else rest))
    return found


@cache
def compose() -> dict[str, Any]:
    """The compose file, its anchors resolved."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def service(name: str) -> dict[str, Any]:
    """One service of the compose file."""
    found: dict[str, Any] = compose()["services"][name]
    return found


def only(stage: list[Instruction], name: str) -> list[Instruction]:
    """The stage's instructions of that name."""
    return [instruction for instruction in stage if instruction.name == name]
