"""WSGI entry point. WSGI rather than ASGI: every synchronous middleware would hop threads under ASGI."""

import os

from django.core.wsgi import get_wsgi_application

from core.tasks import prepare

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "statuscomms.settings.production")

application = get_wsgi_application()

# Loading the broker's client takes longer than a nudge may: it is done before anybody waits for one.
prepare()
