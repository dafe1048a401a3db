"""The Celery application. Tasks carry ids only and are nudges: the rows in PostgreSQL are the queue."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "statuscomms.settings.production")

app = Celery("statuscomms")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
