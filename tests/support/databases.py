"""The test database's address, for processes that tests start."""

import os
from urllib.parse import urlsplit

from django.db import connection


def address_of_test_database() -> str:
    """`DATABASE_URL` with the name that pytest-django gave the database."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
