"""The yardstick of ``task_per_mail``: what a project of Django and Celery does at first, one task for each reader's letter."""

import os

from celery import Celery
from redis import Redis

import bench.ready  # noqa: F401 # isort: skip - imported for its effect: mail is set up by the settings

from django.core.mail import EmailMultiAlternatives

from core.redis_urls import celery_broker_url

SENT = "bench:sent"

app = Celery("bench", broker=celery_broker_url(os.environ["REDIS_URL"]))
app.conf.task_ignore_result = True
# The engine's workers read the usual one.
app.conf.task_default_queue = "bench"
_counter = Redis.from_url(os.environ["REDIS_URL"])


@app.task
def send(address: str, subject: str, text: str, html: str) -> None:
    """Builds one letter and sends it through Django's own SMTP backend, which connects for it."""
    letter = EmailMultiAlternatives(subject, text, to=[address], headers={"List-Unsubscribe": f"<https://example.com/off/{address}>"})
    letter.attach_alternative(html, "text/html")
    letter.send()
    _counter.incr(SENT)
