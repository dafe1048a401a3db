"""How this program asks the database, whatever the database's own settings."""

import os
import subprocess
import sys

import pytest
from django.db import connection

from statuscomms.settings.base import ROOT


@pytest.mark.django_db
def test_no_query_is_compiled_before_it_runs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)


def test_what_the_address_of_the_database_asks_for_besides_is_kept_and_counts_last() -> None:
    shown = "from statuscomms.settings import base; print(base.DATABASES['default']['OPTIONS']['options'])"
    env = os.environ | {"DATABASE_URL": "postgresql:///statuscomms?options=-c%20jit%3Don"}
    done = subprocess.run([sys.executable, "-c", shown], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "-c jit=off -c jit=on", done.stderr
