"""Addresses of the channels' settings."""

from django.urls import URLPattern, path

from console.views import channels, webhook_secret

urlpatterns: list[URLPattern] = [
    path("channels/", channels.channels, name="channels"),
    path("channels/<slug:channel>/<slug:provider>/", channels.provider, name="channel"),
    path("webhook-secrets/<int:row>/", webhook_secret.webhook_secret, name="webhook_secret"),
]
