"""What every scenario stands on: an installation with subscribers, releases to all of them, a sink, workers, and the account at the end."""

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from audit.models import Entry
from audit.rules.merkle import root_of
from bench.scene import Staff, approve, release
from core.clock import utc_now
from core.embedded.services import Services
from core.embedded.valkey import Valkey
from faults.account import Account
from faults.crew import Crew, crew
from faults.journal import REFUSED, Journal
from faults.sink import sink
from incidents.models import Incident, Update
from notifications.models import Message
from notifications.services.settle import attempt_leaves

# Seconds that a scenario may take before it counts as stuck, for each letter and at least.
PATIENCE, LEAST_PATIENCE = 0.05, 120.0
# In the short form leases, windows and waits are short too, so that it is over in seconds.
HASTE = {"EMAIL_TIMEOUT": "1", "PROVIDER_TIMEOUT": "1", "FAULT_LEASE": "3", "FAULT_WINDOW": "20", "FAULT_FIRST_WAIT": "0.5"}
AT_LEISURE = {"EMAIL_TIMEOUT": "2", "PROVIDER_TIMEOUT": "2"}
_AMBIGUOUS = """
SELECT count(*), count(*) FILTER (WHERE EXISTS (
    SELECT 1 FROM notifications_deliveryattempt l WHERE l.delivery_id = a.delivery_id AND l.number > a.number))
FROM notifications_attemptoutcome o JOIN notifications_deliveryattempt a ON a.id = o.attempt_id
JOIN notifications_delivery d ON d.id = a.delivery_id WHERE o.outcome = 'ambiguous' AND d.message_id = ANY(%(messages)s)
"""
# First attempts that one row holds for many.
_AMBIGUOUS_IN_WINDOWS = """
SELECT count(*), count(*) FILTER (WHERE d.attempt_count > 1)
FROM notifications_windowoutcome o JOIN notifications_windowattempt w ON w.id = o.window_id
JOIN notifications_delivery d ON d.id = ANY(o.deliveries) WHERE o.outcome = 'ambiguous' AND w.message_id = ANY(%(messages)s)
"""


@dataclass
class Stage:
    """`rows` letters in all, `kills` where a scenario kills; `short` where it must be over in seconds."""

    name: str
    rows: int
    kills: int
    short: bool
    seed: int
    folder: Path
    services: Services
    environment: dict[str, str]
    people: Staff
    addresses: list[str]
    chance: random.Random = field(init=False)
    journal: Journal = field(init=False)
    meant: set[tuple[str, str]] = field(default_factory=set)
    """Who is to hear what: (title, address). Made of what the scenario did, not of the product's tables."""
    messages: list[int] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    crew: Crew | None = None
    last_fault: float = 0.0
    ended: float = 0.0
    ambiguous: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.journal = Journal(self.folder / "journal")
        self.environment = {**self.environment, **(HASTE if self.short else AT_LEISURE)}

    @property
    def valkey(self) -> Valkey:
        """The broker, to be hurt."""
        if self.services.valkey is None:
            raise RuntimeError("The programme starts its broker itself.")
        return self.services.valkey

    @property
    def patience(self) -> float:
        """Seconds."""
        return LEAST_PATIENCE + PATIENCE * self.rows

    def approve(self, title: str, *, corrects: Update | None = None, incident: Incident | None = None) -> tuple[int, int]:
        """An update with that title, ready to be let out: its key and revision number."""
        return approve(self.people, utc_now(), title=title, corrects=corrects, incident=incident)

    def let_out(self, approved: tuple[int, int], title: str, addresses: Sequence[str]) -> Message:
        """Released to everyone; `addresses` are those meant to hear of it."""
        message = release(self.people, approved, utc_now())
        self.expect(message, title, addresses)
        return message

    def release(self, title: str, *, addresses: Sequence[str] | None = None) -> Message:
        """Both at once, for all subscribers unless others are named."""
        return self.let_out(self.approve(title), title, self.addresses if addresses is None else addresses)

    def expect(self, message: Message, title: str, addresses: Sequence[str]) -> None:
        """These are to hear of that."""
        self.messages.append(message.pk)
        self.meant |= {(title, address) for address in addresses}

    @property
    def titles(self) -> set[str]:
        """Of what is to be told."""
        return {title for title, _ in self.meant}

    @contextmanager
    def mail(self, *faults: str, pace: float = 0) -> Iterator[None]:
        """A mail server; workers started within send to it."""
        with sink(self.folder / "journal", seed=self.seed, faults=faults, pace=pace) as port:
            self.environment |= {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port)}
            yield

    @contextmanager
    def workers(self, count: int = 0, **environment: str) -> Iterator[Crew]:
        """Running workers with two processes each, started anew when they end: two, in the short form one."""
        count = count or (1 if self.short else 2)
        log = self.folder / "workers.log"
        with crew(count, environment={**self.environment, **environment}, log=log) as self.crew:
            yield self.crew
        self.crew = None

    def until(self, condition: Callable[[], bool], what: str, seconds: float | None = None) -> None:
        """Waits, with the workers looked after. While the database is away, nothing is true. Raises `TimeoutError`."""
        seconds = self.patience if seconds is None else seconds
        deadline = time.monotonic() + seconds
        while not self._holds(condition):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what}: not within {seconds:.0f} s")
            if self.crew is not None:
                self.crew.keep()
            time.sleep(0.05)

    def until_heard(self, letters: int) -> None:
        """So many lines in the journal, of what is to be told."""
        titles = self.titles
        self.until(lambda: len(self.journal.accepted(titles)) >= letters, f"letter {letters}")

    def is_finished(self) -> bool:
        """Every message has come to its end."""
        return not Message.objects.filter(pk__in=self.messages, finished_at__isnull=True).exists()

    def until_finished(self) -> None:
        """Waits for that, and a moment more: what still leaves then must be heard too."""
        self.until(self.is_finished, "the end of all deliveries")
        self.ended = time.monotonic()
        time.sleep(0.5)

    def hurt(self) -> None:
        """A fault has been done: recovery counts from here."""
        self.last_fault = time.monotonic()

    def account(self) -> Account:
        """Compares the journal with who was meant to hear what."""
        heard, refused = self.journal.counts(self.titles), {line.address for line in self.journal.read() if line.word == REFUSED}
        strangers = heard.keys() - self.meant
        if strangers:
            self.broken.append(f"{len(strangers)} letters to people who were not meant")
        ambiguous, retried = self.ambiguous or self.count_ambiguous()
        self._look_at_the_log()
        unheard = self.meant - heard.keys()
        if gone := sum(address in refused for _, address in unheard):
            self.notes.append(f"{gone} refused for good by the far side")
        return Account(
            name=self.name,
            planned=len(self.meant),
            accepted=len(heard.keys() & self.meant),
            lost=sum(address not in refused for _, address in unheard),
            doubled=sum(count - 1 for count in heard.values()),
            ambiguous=ambiguous,
            retried=retried,
            recovery_seconds=max(0.0, self.ended - self.last_fault) if self.last_fault else 0.0,
            broken=self.broken,
            notes=self.notes,
        )

    def count_ambiguous(self) -> tuple[int, int]:
        """Attempts nobody knew the end of, and those of them that were made again. Kept, for tables that are about to be replaced."""
        with connection.cursor() as cursor:
            found = []
            for counted in (_AMBIGUOUS, _AMBIGUOUS_IN_WINDOWS):
                cursor.execute(counted, {"messages": self.messages})
                found.append(cursor.fetchone())
        self.ambiguous = sum(int(row[0]) for row in found), sum(int(row[1]) for row in found)
        return self.ambiguous

    def _look_at_the_log(self) -> None:
        """Each finished message has one entry whose root is that of its attempts as they stand."""
        for message in Message.objects.filter(pk__in=self.messages, finished_at__isnull=False):
            entries = list(Entry.objects.filter(type="deliveries.batch", subject=f"message:{message.public_id}"))
            if len(entries) != 1 or json.loads(bytes(entries[0].body))["root"] != root_of(attempt_leaves(message)).hex():
                self.broken.append("the log's entry of the batch is not that of its attempts")

    @staticmethod
    def _holds(condition: Callable[[], bool]) -> bool:
        close_old_connections()
        try:
            return condition()
        except (OperationalError, InterfaceError):
            connection.close()
            return False
