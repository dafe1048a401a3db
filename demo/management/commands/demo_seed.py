"""`manage.py demo_seed`: tells the story once, and prints how to get in every time."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from audit.services import unit_of_work
from core.clock import utc_now
from demo.story.people import PASSWORD, PEOPLE
from demo.story.second_factors import secrets
from demo.story.tell import tell
from demo.tokens import hook_token
from integrations.models import HookToken
from statuscomms.ticks import run_ticks


class Command(BaseCommand):
    help = "Fills the demo's database with a story, once; prints sign-ins and the Alertmanager hook."

    def handle(self, *args: Any, **options: Any) -> None:
        if not hasattr(settings, "DEMO_MAIL_DIR"):
            raise CommandError("This fills the demo only: run it through `python3 run.py demo`.")
        now = utc_now()
        token, text = hook_token(now)
        if not User.objects.exists():
            self._tell(now, token)
        for name, *_ in PEOPLE:
            self.stdout.write(f"login {name} {PASSWORD}")
        for name, secret in secrets():
            self.stdout.write(f"totp {name} {secret}")
        self.stdout.write(f"hook alertmanager {settings.CONSOLE_URL}/hooks/alertmanager/ {text}")

    def _tell(self, now: datetime, token: HookToken) -> None:
        # All of it or nothing: a start that is interrupted tells it anew.
        with unit_of_work(actor="system:demo", now=now):
            tell(now, token)
        # The story's mail goes out before anybody looks, and the public page is there when the demo says so.
        while run_ticks():
            pass
