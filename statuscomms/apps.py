"""Connects events to their handlers, the workers' own clock, and what `check` asks, once every app is loaded."""

from celery.signals import worker_process_init, worker_process_shutdown
from django.apps import AppConfig
from django.core.checks import register


class StatuscommsConfig(AppConfig):
    name = "statuscomms"

    def ready(self) -> None:
        from statuscomms import checks, poller, wiring  # noqa: PLC0415 - the app registry must be complete before handlers import models

        wiring.connect()
        register(checks.webhooks_have_a_key_of_their_own, deploy=True)
        worker_process_init.connect(poller.start_polling)
        worker_process_shutdown.connect(poller.stop_polling)
