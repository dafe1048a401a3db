"""The Celery application. Tasks carry ids only and are nudges: the rows in PostgreSQL are the queue."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "statuscomms.settings.production")

app = Celery("statuscomms")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.worker_consumer = "statuscomms.consumer:MendingConsumer"
# Late is useless here: a tick that waited longer than the pause to the next one is dropped.
app.conf.beat_schedule = {"ticks": {"task": "statuscomms.tick", "schedule": 5.0, "options": {"expires": 5}}}
