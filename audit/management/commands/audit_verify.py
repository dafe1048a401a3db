"""`manage.py audit_verify`: recomputes the tree over every entry."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from audit.services.verify import verify_log


class Command(BaseCommand):
    help = "Recomputes the audit log. Prints `ok size=N root=HEX`, or `bad index=N` and exits with 1."

    def handle(self, *args: Any, **options: Any) -> None:
        result = verify_log()
        if result.bad_index is not None:
            self.stdout.write(f"bad index={result.bad_index}")
            sys.exit(1)
        self.stdout.write(f"ok size={result.size} root={result.root.hex()}")
