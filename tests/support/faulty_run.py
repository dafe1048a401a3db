"""One message to many readers, while workers and the broker are killed around it."""

import random
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from django.db import close_old_connections

from core.embedded.valkey import Valkey
from notifications.models import AttemptOutcome, Delivery, Message
from tests.support.sinks import read_journal, sink_process
from tests.support.workers import Account, Worker, account_of, start_worker, wait_until, workers

# Kills beyond this share of the letters would fall on workers that have nothing left to do.
KILLING_SHARE = 0.9


def run(
    message: Message, *, kills: int, environment: Mapping[str, str], valkey: Valkey, folder: Path, seed: int, patience: float
) -> Account:
    """Sends `message` by two workers; kills one of their processes `kills` times, now and then a whole worker, spread over the
    letters; halfway the broker, which comes back later. Then waits until every delivery has come to its end."""
    chance, journal, log = random.Random(seed), folder / "journal", folder / "workers.log"
    keys = {str(key) for key in Delivery.objects.filter(message=message).values_list("key", flat=True)}
    journal.touch()
    with sink_process(journal) as port:
        start = partial(start_worker, environment=environment, smtp_port=port, log=log)
        with workers(2, start) as running:
            wait_until(lambda: journal.stat().st_size > 0, 60, "the first letter")
            begun = time.monotonic()
            for number in range(kills):
                mark = min(len(keys) - 1, int(len(keys) * KILLING_SHARE * number / kills))
                wait_until(partial(_has_heard, journal, mark), patience, f"letter {mark}")
                if number == kills // 2:
                    valkey.kill()
                if number == (3 * kills) // 4:
                    valkey.start()
                _kill(running, number, chance, start)
            last_kill = time.monotonic()
            wait_until(lambda: _is_finished(message), patience, "the end of all deliveries")
            ended = time.monotonic()
    return account_of(
        journal=journal,
        keys=keys,
        others={str(key) for key in Delivery.objects.exclude(message=message).values_list("key", flat=True)},
        ambiguous=AttemptOutcome.objects.filter(attempt__delivery__message=message, outcome="ambiguous").count(),
        kills=kills,
        recovery_seconds=ended - last_kill,
        seconds=ended - begun,
    )


def _kill(running: list[Worker], number: int, chance: random.Random, start: Callable[[], Worker]) -> None:
    for place, worker in enumerate(running):
        if worker.process.poll() is not None:
            # Celery gives up where a process of its pool dies while it starts; a supervisor starts it anew.
            running[place] = start()
    place = chance.randrange(len(running))
    if number % 5 == 4:
        running[place].kill_all()
        running[place] = start()
        return
    wait_until(lambda: running[place].kill_one_child(chance) or running[1 - place].kill_one_child(chance), 60, "a process to kill")


def _has_heard(journal: Path, letters: int) -> bool:
    return len(read_journal(journal)) >= letters


def _is_finished(message: Message) -> bool:
    close_old_connections()
    return Message.objects.filter(pk=message.pk, finished_at__isnull=False).exists()
