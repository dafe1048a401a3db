"""Settings of the demo: loopback only, a known password, mail that stays on this machine. Never for production."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from statuscomms.settings.base import *  # noqa: F403 - a settings module extends its base by name
from statuscomms.settings.base import ALLOWED_HOSTS, CONSOLE_URL, EMAIL_HOST, INSTALLED_APPS, ROOT

LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}

if "DEMO_MAIL_DIR" not in os.environ:
    raise ImproperlyConfigured("These settings are for `python3 run.py demo` alone.")
if not ALLOWED_HOSTS or not LOOPBACK.issuperset(ALLOWED_HOSTS) or EMAIL_HOST not in LOOPBACK:
    raise ImproperlyConfigured("The demo answers and sends on this machine only: ALLOWED_HOSTS and EMAIL_HOST must be loopback.")

OUTBOUND_PUBLIC = False
OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8", "::1/128"]
DEMO_PROVIDERS_DIR = Path(os.environ.get("DEMO_PROVIDERS_DIR", os.environ["DEMO_MAIL_DIR"]))
DEMO_PROVIDERS_URL = os.environ.get("DEMO_PROVIDERS_URL", "")
DEMO_MAIL_DIR = Path(os.environ["DEMO_MAIL_DIR"])
INSTALLED_APPS = [*INSTALLED_APPS, "demo"]
ROOT_URLCONF = "demo.urls"
# Everybody's password is "demo"; the validators would refuse it. The hash stays the real one.
AUTH_PASSWORD_VALIDATORS = []
STATICFILES_DIRS = [ROOT / "ui" / "static"]
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Several people sign in from one address here, often.
ACCOUNT_RATE_LIMITS = False
# One password opens the door here; the second factor is asked for by the acts that need it.
SECOND_FACTOR_AT_SIGN_IN = False
# Browsers keep cookies per host, not per port: two demos side by side must not sign each other out.
SESSION_COOKIE_NAME = f"sessionid_{CONSOLE_URL.rpartition(':')[2]}"
