"""Opens a stage for a scenario: a copy of an installation that was migrated once, and as many subscribers as it asks for."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import bench.ready  # noqa: F401 # isort: skip - imported for its effect: models can be imported only after it

from django.core.management import call_command
from django.db import connection

from bench.scene import staff, subscribe
from core.embedded.services import Services
from faults.stage import Stage


def prepare() -> None:
    """Migrates the database that all stages are copies of."""
    call_command("migrate", verbosity=0)
    connection.close()


@contextmanager
def stage(name: str, *, rows: int, readers: int, kills: int, short: bool, seed: int, services: Services) -> Iterator[Stage]:
    """An installation of its own for one scenario; gone afterwards."""
    home, database = str(connection.settings_dict["NAME"]), f"faults_{name}"
    _use("postgres")
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{database}" TEMPLATE "{home}"')
    _use(database)
    address = urlsplit(services.database_url)._replace(path=f"/{database}").geturl()
    environment = {"DATABASE_URL": address, "REDIS_URL": services.redis_url, "DJANGO_SETTINGS_MODULE": "statuscomms.settings.test"}
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        try:
            people = staff()
            subscribe(readers)
            addresses = [f"reader{number}@example.com" for number in range(readers)]
            environment["STATUSPAGE_DIR"] = str(Path(folder, "page"))
            yield Stage(name, rows, kills, short, seed, Path(folder), services, environment, people, addresses)
        finally:
            _use("postgres")
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{database}" WITH (FORCE)')
            _use(home)


def copy(name: str) -> None:
    """Copies the stage's database as it stands; nobody else may be connected to it."""
    stage_database = str(connection.settings_dict["NAME"])
    _use("postgres")
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{stage_database}"')
    _use(stage_database)


def restore(name: str) -> None:
    """Puts a copy in the stage's database's place."""
    stage_database = str(connection.settings_dict["NAME"])
    _use("postgres")
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{stage_database}" WITH (FORCE)')
        cursor.execute(f'ALTER DATABASE "{name}" RENAME TO "{stage_database}"')
    _use(stage_database)


def _use(database: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = database
