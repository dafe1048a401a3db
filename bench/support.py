"""What the measurements share: the line they print, and what the kernel says a process tree has used."""

import os
import shutil
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_DAEMON_FOLDERS = ":/usr/sbin:/usr/local/sbin:/sbin"


@dataclass(frozen=True)
class Round:
    """One turn of one side."""

    per_second: float
    """Operations finished per second."""
    operations: int
    cpu_seconds: float
    """User and system time of the side's process tree during the turn."""


def report(name: str, ours: Sequence[Round], yardstick: Sequence[Round], *, peak_mb: float, note: str = "") -> str:
    """Print and return the line of a measurement; round i of `ours` was taken next to round i of `yardstick`.

    ``ours`` and ``yardstick`` are medians in operations per second (more is better), ``ratio`` the median of the
    rounds' ratios, ``spread`` the distance of the extreme ratios over that median, ``cpu_s_per_1000`` the CPU seconds
    our process tree took for 1000 operations, ``peak_mb`` its peak resident memory in MB (10^6 bytes).
    """
    ratios = [our.per_second / theirs.per_second for our, theirs in zip(ours, yardstick, strict=True)]
    ratio = statistics.median(ratios)
    line = (
        f"bench {name} ours={_median_rate(ours):.1f} yardstick={_median_rate(yardstick):.1f} "
        f"ratio={ratio:.3f} spread={(max(ratios) - min(ratios)) / ratio:.3f} "
        f"cpu_s_per_1000={cpu_per_1000(ours):.4f} peak_mb={peak_mb:.1f}"
    )
    print(line, flush=True)
    if note:
        print(f"# {name}: {note}", flush=True)
    return line


def not_measured(name: str, missing: str) -> None:
    """Say which program a measurement needs and does not find."""
    print(f"# bench {name}: not measured, because {missing} is not installed", file=sys.stderr, flush=True)


def cpu_per_1000(rounds: Sequence[Round]) -> float:
    """CPU seconds per 1000 operations over all rounds together."""
    return 1000 * sum(turn.cpu_seconds for turn in rounds) / max(1, sum(turn.operations for turn in rounds))


def program(name: str) -> str | None:
    """Where the program `name` is, the system administrator's folders included; None where it is not."""
    return shutil.which(name, path=os.environ.get("PATH", os.defpath) + _DAEMON_FOLDERS)


def process_tree(root: int) -> list[int]:
    """Process `root` and all its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (fields := _stat_fields(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    tree = [root]
    for process in tree:
        tree.extend(children.get(process, []))
    return tree


def cpu_seconds(root: int) -> float:
    """User and system seconds used so far by the tree of `root`, ended and awaited children included (proc(5))."""
    ticks = 0
    for process in process_tree(root):
        fields = _stat_fields(process)
        # Fields 14 to 17 of the line: utime, stime, cutime, cstime; the list starts at field 3.
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / _TICKS_PER_SECOND


def peak_mb(root: int) -> float:
    """Sum over the tree of `root` of each process's peak resident memory, in MB; pages they share count for each."""
    total = 0
    for process in process_tree(root):
        try:
            lines = Path(f"/proc/{process}/status").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return total * 1024 / 1e6


def _median_rate(rounds: Sequence[Round]) -> float:
    return statistics.median(turn.per_second for turn in rounds)


def _stat_fields(process: int) -> list[str]:
    try:
        # The command, in brackets, may hold spaces; what follows the last bracket is fields 3 and on.
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
