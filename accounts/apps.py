"""The app configuration of the people's floor."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # drf-spectacular finds a scheme once its module is loaded; models must be there first.
        import_module("accounts.schema")
