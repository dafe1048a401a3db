"""`manage.py person NAME --role R … --trained D …`: makes a person who may sign in, or gives an existing one other roles or training."""

import sys
from argparse import ArgumentParser
from datetime import UTC, datetime, time
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actors import Actor, system
from accounts.models import User
from accounts.rules.duties import Duty
from accounts.rules.roles import Role
from accounts.rules.training import NEEDS_TRAINING
from accounts.services.people import create_user, set_roles
from accounts.services.persons import link_accounts, note_subject
from accounts.services.training import record_training
from core.clock import utc_now
from core.errors import InvalidInput


def calendar_day(text: str) -> datetime:
    """The first instant of a day, in UTC; argparse says which argument is wrong."""
    return datetime.combine(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date(), time(), UTC)


class Command(BaseCommand):
    help = (
        "Makes a person who may sign in; asks for the password, or reads it from standard input when that is no terminal. "
        "Of a person who is there already it sets the roles to those given, no more and no fewer; without --role they stay as they are "
        "where training, a subject or a second account is recorded."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="NAME")
        parser.add_argument("--email", default="")
        parser.add_argument("--display-name", default="", help="the name shown to colleagues")
        parser.add_argument("--time-zone", default="UTC", help="IANA name, for instance Europe/Berlin")
        trained = sorted(duty.value for duty in NEEDS_TRAINING)
        parser.add_argument("--trained", action="append", default=[], choices=trained, help="took a course; may be given several times")
        parser.add_argument("--trained-until", type=calendar_day, metavar="YYYY-MM-DD", help="until when that counts; a year if not given")
        parser.add_argument(
            "--sso-subject",
            nargs=2,
            metavar=("ISSUER", "SUBJECT"),
            help="what the identity provider calls them; accounts with one subject are one person's",
        )
        parser.add_argument(
            "--same-as",
            nargs=2,
            metavar=("OTHER", "REASON"),
            help="says that this and OTHER are one person's accounts, and how you know; it cannot be undone",
        )
        parser.add_argument("--role", action="append", default=[], choices=[role.value for role in Role], help="may be given several times")

    def handle(self, *args: Any, **options: Any) -> None:
        roles, actor = [Role(name) for name in options["role"]], system("command-line")
        user = User.objects.filter(username=options["username"]).first()
        try:
            if user is None:
                self._create(actor, roles, options)
            elif roles or not (options["trained"] or options["sso_subject"] or options["same_as"]):
                set_roles(actor=actor, now=utc_now(), user=user, roles=roles)
            self._note(actor, User.objects.get(username=options["username"]), options)
        except InvalidInput as error:
            details = [f"{name}: {text}" for name, texts in error.fields.items() for text in texts]
            raise CommandError(" ".join([error.message, *details])) from error
        done = "made" if user is None else "changed"
        held = sorted(User.objects.get(username=options["username"]).roles)
        self.stdout.write(f"{options['username']} {done}, roles: {', '.join(held) or 'none'}")

    def _note(self, actor: Actor, user: User, options: dict[str, Any]) -> None:
        until: datetime | None = options["trained_until"]
        for name in options["trained"]:
            made = record_training(
                actor=actor, now=utc_now(), user=user, duty=Duty(name), valid_until=until, note="Recorded on the command line"
            )
            self.stdout.write(f"{user.username} trained: {name} until {made.valid_until:%Y-%m-%d}")
        if options["sso_subject"]:
            issuer, subject = options["sso_subject"]
            note_subject(actor=actor, now=utc_now(), user=user, issuer=issuer, subject=subject)
        if options["same_as"]:
            name, reason = options["same_as"]
            other = User.objects.filter(username=name).first()
            if other is None:
                raise CommandError(f"There is no user called {name}.")
            link_accounts(actor=actor, now=utc_now(), user=user, other=other, reason=reason)
            self.stdout.write(f"{user.username} and {name} are one person's accounts")

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
