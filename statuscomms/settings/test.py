"""Settings of the test suite: quick password hashing and plain static files; everything else as in production."""

from statuscomms.settings.base import *  # noqa: F403 - a settings module extends its base by name

SECRET_KEY = "only-for-tests"  # noqa: S105 - guards nothing
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ACCOUNT_RATE_LIMITS = False
# Nothing is collected for tests: static files are looked for where they lie, at each request.
WHITENOISE_AUTOREFRESH = True
# The providers' stand-ins listen on this machine.
OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8", "::1/128"]
# Every test has a database of its own, and many share a folder.
INSTALLATION_FILE = ""
