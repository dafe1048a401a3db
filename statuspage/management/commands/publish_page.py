"""`manage.py publish_page`: publishes the public page now."""

from typing import Any

from django.core.management.base import BaseCommand

from core.clock import utc_now
from statuspage.services import publish_snapshot


class Command(BaseCommand):
    help = "Publish the public page now, whether or not anything changed, with every page of the archive."

    def handle(self, *args: Any, **options: Any) -> None:
        published = publish_snapshot(now=utc_now(), patience=float("inf"))
        if published.applied:
            self.stdout.write(f"published seq={published.seq}")
        else:
            self.stdout.write(f"seq={published.seq} came too late: a newer version is live")
