"""The project: settings, urls, the Celery application and the wiring of events to handlers."""

from statuscomms.celery import app as celery_app

__all__ = ["celery_app"]
