"""Importing this makes Django ready: measurements run outside any server."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "statuscomms.settings.test")
django.setup()
