"""Connects events to their handlers once every app is loaded."""

from django.apps import AppConfig


class StatuscommsConfig(AppConfig):
    name = "statuscomms"

    def ready(self) -> None:
        from statuscomms import wiring  # the app registry must be complete before handlers import models

        wiring.connect()
