"""Connects events to their handlers, and the workers' own clock, once every app is loaded."""

from celery.signals import worker_process_init, worker_process_shutdown
from django.apps import AppConfig


class StatuscommsConfig(AppConfig):
    name = "statuscomms"

    def ready(self) -> None:
        from statuscomms import poller, wiring  # noqa: PLC0415 - the app registry must be complete before handlers import models

        wiring.connect()
        worker_process_init.connect(poller.start_polling)
        worker_process_shutdown.connect(poller.stop_polling)
