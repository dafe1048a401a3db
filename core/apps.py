"""The app configuration of the ground floor."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
