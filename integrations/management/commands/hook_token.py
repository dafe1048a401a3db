"""`manage.py hook_token --source alertmanager`: makes a token for an inbound hook and prints it, alone."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.actors import system
from core.clock import utc_now
from integrations.rules.sources import Source
from integrations.services import create_hook_token, revoke_hook_tokens


class Command(BaseCommand):
    help = "Makes a bearer token for an inbound hook. Prints the token alone; it is not shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", required=True, choices=[source.value for source in Source], help="which tool will use it")
        parser.add_argument("--revoke-others", action="store_true", help="make the source's earlier tokens invalid")

    def handle(self, *args: Any, **options: Any) -> None:
        actor, now, source = system("command-line"), utc_now(), Source(options["source"])
        token, text = create_hook_token(actor=actor, now=now, source=source)
        if options["revoke_others"]:
            revoke_hook_tokens(actor=actor, now=now, source=source, except_for=token)
        self.stdout.write(text)
