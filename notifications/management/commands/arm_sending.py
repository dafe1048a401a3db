"""`manage.py arm_sending --reason …`: says that this database is the one to send from, after it was restored, copied or moved."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.actors import system
from core.clock import utc_now
from notifications.services.guard import arm


class Command(BaseCommand):
    help = "Arms sending again. Look first at what is still waiting: it would go out now, though it may have gone out long ago."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", required=True, help="why this database may send; kept in the log")

    def handle(self, *args: Any, **options: Any) -> None:
        row = arm(actor=system("arm_sending"), now=utc_now(), reason=options["reason"])
        self.stdout.write(f"armed marker={row.marker}")
