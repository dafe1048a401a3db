"""`manage.py api_token --user NAME --scope S …`: makes a token for a person and prints it, alone."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actors import system
from accounts.models import User
from accounts.rules.scopes import Scope
from accounts.services.tokens import create_token
from core.clock import utc_now
from core.errors import InvalidInput


class Command(BaseCommand):
    help = "Makes an API token acting for a person within the scopes given. Prints the token alone; it is not shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, metavar="NAME", help="who the token acts for")
        parser.add_argument(
            "--scope",
            required=True,
            action="extend",
            nargs="+",
            choices=[scope.value for scope in Scope],
            help="what it may do; may be given several times",
        )
        parser.add_argument("--name", default="api_token command", help="what it is for, shown to its owner")
        parser.add_argument("--days", type=int, default=90, help="how long it lasts (90)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(options["user"])
        except User.DoesNotExist:
            raise CommandError(f"There is no user called {options['user']}.") from None
        try:
            _, text = create_token(
                actor=system("command-line"),
                now=utc_now(),
                user=user,
                name=options["name"],
                scopes=[Scope(scope) for scope in options["scope"]],
                lifetime=timedelta(days=options["days"]),
            )
        except InvalidInput as error:
            raise CommandError(" ".join([error.message, *(text for texts in error.fields.values() for text in texts)])) from error
        self.stdout.write(text)
