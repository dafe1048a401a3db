"""Lists of customers as text, with faults put in on purpose."""

import csv
import io
from dataclasses import dataclass
from typing import BinaryIO

from stakeholders.models import RegisterImport
from stakeholders.services import take_file
from tests.support.cast import NOW, Cast

HEADINGS = ["Customer ID", "Name", "Type", "E-Mail", "Phone", "Region", "Tags", "Time zone", "Tier", "Components"]

# What is wrong -> the cells it changes, by number.
FAULTS: dict[str, dict[int, str]] = {
    "email": {3: "not an address"},
    "sms": {4: "12"},
    "kind": {2: "alien"},
    "name": {1: "x" * 201},
    "time_zone": {7: "Mars/Olympus"},
    "tier": {8: "platinum"},
    "tags": {6: "two words; %&"},
    "depends_on": {9: "no-such-component"},
    "region": {5: "EU West!"},
    "": {9: "checkout,one,cell,too,many"},
}


@dataclass(frozen=True)
class List:
    """The text, and how many of its rows are new, the same as an earlier one, or at fault; `faulty` maps line to field."""

    text: str
    new: int
    merged: int
    faulty: dict[int, str]

    def file(self, encoding: str = "utf-8") -> BinaryIO:
        """As a browser would upload it."""
        return io.BytesIO(self.text.encode(encoding))


def imported(cast: Cast) -> RegisterImport:
    """A short list that was sent in; its columns are to be named."""
    return take_file(actor=cast.actor("comms"), now=NOW, file=customers(3, faults=1).file(), name="customers.csv")


def customers(rows: int, *, faults: int, duplicates: int = 0, delimiter: str = ",", start: int = 0) -> List:
    """`rows` lines, of which `faults` are wrong in turn in each way, and `duplicates` repeat an entry from further up in other words."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(HEADINGS)
    kinds, merged = list(FAULTS), 0
    faulty: dict[int, str] = {}
    written: list[str] = []
    every_fault, every_twin = max(rows // max(faults, 1), 1), max(rows // max(duplicates, 1), 1)
    for n in range(rows):
        cells = [
            f"crm-{start + n}", f"Customer {n} Müller", "customer", f"c{start + n}@bücher.example", "", ("eu-west", "us-east")[n % 2],
            "beta; web",
            "Europe/Berlin", ("key", "standard", "")[n % 3], "checkout",
        ]  # fmt: skip
        line = n + 2
        if len(faulty) < faults and n % every_fault == every_fault // 2:
            wrong = kinds[len(faulty) % len(kinds)]
            for number, cell in FAULTS[wrong].items():
                cells[number : number + 1] = cell.split(",") if wrong == "" else [cell]
            faulty[line] = wrong
        elif merged < duplicates and written and n % every_twin == every_twin - 1:
            # Without the id but with the address in other letters; one more address.
            twin = written[(n * 7) % len(written)]
            cells[0], cells[3] = "", f"{twin.upper()}; also-{start + n}@example.com"
            merged += 1
        else:
            written.append(cells[3])
        writer.writerow(cells)
    return List(out.getvalue(), new=len(written), merged=merged, faulty=faulty)
