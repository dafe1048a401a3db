"""What every deployment shares. Values come from the environment; `NAME_FILE` names a file that holds the value."""

from datetime import timedelta
from pathlib import Path

from csp.constants import NONCE, NONE, SELF

from accounts.rules.duties import Duty
from approvals.rules.words import RoundState, ScheduleState, Verdict
from approvals.rules.words import Step as ReviewStep
from catalogue.rules.status import ComponentStatus
from core.logs import logging_settings
from core.redis_urls import celery_broker_url
from incidents.rules.words import MilestoneKind, Severity, Status
from notifications.rules.states import AGAIN, DeliveryState
from policies.rules.decision import ReviewKind
from screening.rules.findings import Severity as FindingSeverity
from stakeholders.rules.kinds import ContactKind, StakeholderKind, VerificationState
from statuscomms.settings.environment import Env

ROOT = Path(__file__).resolve().parents[2]
env = Env()

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY", default="")
# Those before it, separated by commas: what they signed and sealed stays good.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Absolute addresses in mail: where the console and the public page are reached from outside.
CONSOLE_URL = env.str("CONSOLE_URL", default="http://localhost:8000")
PUBLIC_PAGE_URL = env.str("PUBLIC_PAGE_URL", default="http://localhost:8001")
PUBLIC_PAGE_NAME = env.str("PUBLIC_PAGE_NAME", default="Status")
STATUSPAGE_DIR = Path(env.str("STATUSPAGE_DIR", default=str(ROOT / ".demo" / "page")))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "guardian",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_structlog",
    "csp",
    "core.apps.CoreConfig",
    "audit",
    "accounts",
    "catalogue",
    "stakeholders",
    "policies",
    "screening",
    "templates",
    "incidents",
    "approvals",
    "notifications",
    "statuspage",
    "integrations",
    "console",
    "statuscomms.apps.StatuscommsConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "statuscomms.failures.TooLargeMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "statuscomms.request_log.RequestLogMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.RefuseNulMiddleware",
    "statuscomms.failures.BusyMiddleware",
]

ROOT_URLCONF = "statuscomms.urls"
WSGI_APPLICATION = "statuscomms.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "ui" / "html", ROOT / "ui" / "mail"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "console.context_processors.navigation",
            ],
        },
    }
]

DATABASES = {"default": env.db_url("DATABASE_URL", default="postgresql:///statuscomms", engine="django.db.backends.postgresql")}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {})["connect_timeout"] = 5
# PostgreSQL would compile a query that it takes for dear, for longer than the query then takes: docs/decisions/0055.
_ASKED = DATABASES["default"]["OPTIONS"].get("options", "")
DATABASES["default"]["OPTIONS"]["options"] = f"-c jit=off {_ASKED}".strip()

# Redis carries nudges only. Sessions and throttling live in PostgreSQL, so signing in survives Redis.
REDIS_URL = env.str("REDIS_URL", default="redis://localhost:6379/0")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}}

CELERY_BROKER_URL = celery_broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
# A task is a nudge: one that is lost is made good by the next poll. So a message is gone once it is read. Kept until acknowledged it
# would do harm: losing the broker with one unacknowledged ends Celery's main process (kombu restores it on a dead connection).
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_TRANSPORT_OPTIONS = {"ack_emulation": False, "socket_timeout": 5, "socket_connect_timeout": 0.5}
CELERY_TASK_PUBLISH_RETRY = False

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/console/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "accounts.forms.SignInForm", "reauthenticate": "accounts.forms.ConfirmForm"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Step-up: a password typed in the last five minutes counts for verdicts and releases.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# The second factor: an app's codes or a passkey; recovery codes for a lost device. Only an act that says so needs a fresh one.
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "accounts.second_factor.SecondFactorAdapter"
MFA_TOTP_ISSUER = "statuscomms"
# Addresses are given by administrators; there is no page on which one would be verified.
MFA_ALLOW_UNVERIFIED_EMAIL = True
SECOND_FACTOR_AT_SIGN_IN = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

# Restricted incidents are granted to named people and groups; nobody is granted by being anonymous.
ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = False

REST_FRAMEWORK = {
    # The token's class first: an anonymous request is then answered with 401 and its WWW-Authenticate, not with 403.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.BearerTokenAuthentication",
        "accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["core.api.filters.StrictFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.problems.exception_handler",
    "PAGE_SIZE": 50,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_TTL": timedelta(days=90), "AUTO_REFRESH": False}
KNOX_TOKEN_MODEL = "accounts.ApiToken"  # noqa: S105 - a model
# knox's own migrations make a table for its swapped-out model, which nothing would ever use.
MIGRATION_MODULES = {"knox": None}
SPECTACULAR_SETTINGS = {
    "TITLE": "statuscomms API",
    "DESCRIPTION": "Incidents, updates, reviews, releases and their record.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    # Addresses are grouped by the noun behind this.
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema.describe_what_is_common",
    ],
    # Fields called status, kind or mode differ from room to room: their sets of words get names of their own.
    "ENUM_NAME_OVERRIDES": {
        "ComponentStatusEnum": [status.value for status in ComponentStatus],
        "IncidentStatusEnum": [status.value for status in Status],
        "StakeholderKindEnum": [kind.value for kind in StakeholderKind],
        "ContactKindEnum": [kind.value for kind in ContactKind],
        "VerificationStateEnum": [state.value for state in VerificationState],
        "DeliveryStateEnum": [state.value for state in DeliveryState],
        "DeliveryAgainStateEnum": sorted(AGAIN),
        "DutyEnum": [duty.value for duty in Duty],
        "FindingSeverityEnum": [severity.value for severity in FindingSeverity],
        "IncidentSeverityEnum": [severity.value for severity in Severity],
        "MilestoneKindEnum": [kind.value for kind in MilestoneKind],
        "ReviewKindEnum": [kind.value for kind in ReviewKind],
        "ReviewRoundStateEnum": [state.value for state in RoundState],
        "ReviewStepEnum": [step.value for step in ReviewStep],
        "VerdictEnum": [verdict.value for verdict in Verdict],
        "ReleaseModeEnum": ["by_hand", "as_soon_as_approved", "at_time"],
        "ReleasePlanModeEnum": ["as_soon_as_approved", "at_time"],
        "ReleasePlanStateEnum": [state.value for state in ScheduleState],
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "ui" / "static"]
STATIC_ROOT = ROOT / "ui" / "collected"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
# Seconds for one reply of the mail server. A delivery is leased for three times as long.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Status <status@localhost>")

# Mail by SMTP is signed (DKIM) where selector and key are given: the key in PEM, Ed25519 or RSA of 2048 bits or more.
DKIM_SELECTOR = env.str("DKIM_SELECTOR", default="")
DKIM_PRIVATE_KEY = env.str("DKIM_PRIVATE_KEY", default="", multiline=True)
# Empty: the domain of DEFAULT_FROM_EMAIL.
DKIM_DOMAIN = env.str("DKIM_DOMAIN", default="")

# Beside the database, and not in its backups: what tells this installation from a restored or copied one. Empty: nobody looks.
INSTALLATION_FILE = env.str("INSTALLATION_FILE", default=str(STATUSPAGE_DIR / ".installation"))
# Called once a minute as long as the engine is found in order; an outside watch that misses the call raises the alarm. Empty: nobody is.
HEARTBEAT_URL = env.str("HEARTBEAT_URL", default="")

# Providers. Without its secrets a provider cannot be used; they stand here, or in a file named by X_FILE, and nowhere else.
SENDGRID_API_KEY = env.str("SENDGRID_API_KEY", default="")
SENDGRID_API_URL = env.str("SENDGRID_API_URL", default="https://api.sendgrid.com")
# The verification key that SendGrid shows beside its signed event webhook.
SENDGRID_EVENT_KEY = env.str("SENDGRID_EVENT_KEY", default="")
TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", default="")
TWILIO_API_URL = env.str("TWILIO_API_URL", default="https://api.twilio.com")
# The number that SMS come from, or the messaging service (MG…) that chooses one.
TWILIO_FROM = env.str("TWILIO_FROM", default="")
# What one segment costs, for instance 0.0079, and in which currency; 0: not known, and no cost is shown.
SMS_PRICE_PER_SEGMENT = env.str("SMS_PRICE_PER_SEGMENT", default="0")
SMS_PRICE_CURRENCY = env.str("SMS_PRICE_CURRENCY", default="USD")
SMS_MOST_SEGMENTS = env.int("SMS_MOST_SEGMENTS", default=2)
# What the signing secrets of outgoing webhooks are derived from; empty: from SECRET_KEY. Changing it changes every one of them; as long as
# the one before stands in the fallbacks, everything is signed with both.
WEBHOOK_SECRET_KEY = env.str("WEBHOOK_SECRET_KEY", default="")
WEBHOOK_SECRET_KEY_FALLBACKS: list[str] = env.list("WEBHOOK_SECRET_KEY_FALLBACKS", default=[])
# Seconds for one exchange with a provider or an endpoint.
PROVIDER_TIMEOUT = env.int("PROVIDER_TIMEOUT", default=10)

# Networks that are called although they are not public, for instance 10.1.0.0/16 for a receiver of one's own. Everything else that is
# private, link-local, shared or reserved is refused. With OUTBOUND_PUBLIC off nothing else is called at all.
OUTBOUND_PUBLIC = env.bool("OUTBOUND_PUBLIC", default=True)
OUTBOUND_ALLOWED_NETWORKS: list[str] = env.list("OUTBOUND_ALLOWED_NETWORKS", default=[])

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "statuscomms.failures.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
# The API documents X-CSRFToken for signed-in sessions; a script reads the value from this cookie.
CSRF_COOKIE_HTTPONLY = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = logging_settings(level=LOG_LEVEL, as_json=False)
