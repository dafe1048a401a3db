"""`manage.py person NAME --role R …`: makes a person who may sign in, or gives an existing one other roles."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actors import Actor, system
from accounts.models import User
from accounts.rules.roles import Role
from accounts.services.people import create_user, set_roles
from core.clock import utc_now
from core.errors import InvalidInput


class Command(BaseCommand):
    help = (
        "Makes a person who may sign in; asks for the password, or reads it from standard input when that is no terminal. "
        "Of a person who is there already it sets the roles to those given, no more and no fewer."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="NAME")
        parser.add_argument("--email", default="")
        parser.add_argument("--display-name", default="", help="the name shown to colleagues")
        parser.add_argument("--time-zone", default="UTC", help="IANA name, for instance Europe/Berlin")
        parser.add_argument("--role", action="append", default=[], choices=[role.value for role in Role], help="may be given several times")

    def handle(self, *args: Any, **options: Any) -> None:
        roles, actor = [Role(name) for name in options["role"]], system("command-line")
        user = User.objects.filter(username=options["username"]).first()
        try:
            if user is None:
                self._create(actor, roles, options)
            else:
                set_roles(actor=actor, now=utc_now(), user=user, roles=roles)
        except InvalidInput as error:
            details = [f"{name}: {text}" for name, texts in error.fields.items() for text in texts]
            raise CommandError(" ".join([error.message, *details])) from error
        done = "made" if user is None else "changed"
        self.stdout.write(f"{options['username']} {done}, roles: {', '.join(roles) or 'none'}")

    @staticmethod
    def _create(actor: Actor, roles: list[Role], options: dict[str, Any]) -> None:
        create_user(
            actor=actor,
            now=utc_now(),
            username=options["username"],
            email=options["email"],
            display_name=options["display_name"],
            time_zone=options["time_zone"],
            roles=roles,
            password=getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n"),
        )
