"""What is wrong with a written policy, said so that it can be put right."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake with its cure. `position` counts rules from 1, 0 for the list as a whole; `part` is a path such as `then.cadence`."""

    position: int
    key: str
    part: str
    text: str

    def __str__(self) -> str:
        if not self.position:
            return self.text
        return f"Rule {self.position}{f' “{self.key}”' if self.key else ''}: {self.text}"


class Found:
    """Collects the problems of one rule."""

    def __init__(self, position: int, key: str) -> None:
        self.position, self.key = position, key
        self.problems: list[Problem] = []

    def add(self, part: str, text: str) -> None:
        """Notes one more."""
        self.problems.append(Problem(self.position, self.key, part, text))


class InvalidDocument(ValueError):
    """The list is not a policy. `problems` are sentences, each naming the rule and the cure; `found` the same with their places."""

    def __init__(self, found: list[Problem]) -> None:
        self.found = found
        self.problems = [str(problem) for problem in found]
        super().__init__(" ".join(self.problems))
