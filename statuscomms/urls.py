"""The address space."""

import warnings
from importlib import import_module
from importlib.util import find_spec

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView

from accounts.permissions import requires
from accounts.rules.roles import Permission
from audit.api import EntryListView, EntryView
from core.api.views import DocsView, SchemaView, not_found
from statuscomms.health import healthz, readyz

handler400 = "statuscomms.failures.bad_request"
handler403 = "statuscomms.failures.forbidden"
handler404 = "statuscomms.failures.not_found"
handler429 = "statuscomms.failures.too_many_requests"
handler500 = "statuscomms.failures.server_error"

Routes = list[URLPattern | URLResolver]

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # allauth's documented way to guard it

# Rooms with pages of their own outside the console; their addresses start at the root.
PAGE_APPS = ["notifications"]
# API_APPS: rooms whose urls module has `api_urlpatterns`, relative to /api/v1/. A room adds its name here.
API_APPS = ["accounts", "catalogue", "stakeholders", "policies", "templates", "incidents", "approvals", "notifications", "integrations"]


def _routes(app: str, name: str) -> Routes:
    if find_spec(f"{app}.urls") is None:
        return []
    try:
        routes: Routes = getattr(import_module(f"{app}.urls"), name, [])
    except (ImportError, AttributeError) as error:
        warnings.warn(f"{app}.urls cannot be imported yet: {error}", stacklevel=2)
        return []
    return routes


may_read_log = [requires(Permission.AUDIT_READ)]
api: Routes = [
    # The log lies below the people and cannot ask who may read it: the permission is handed in here.
    path("audit/entries/", EntryListView.as_view(permission_classes=may_read_log), name="api-audit-entries"),
    path("audit/entries/<int:index>/", EntryView.as_view(permission_classes=may_read_log), name="api-audit-entry"),
    *(route for app in API_APPS for route in _routes(app, "api_urlpatterns")),
]

urlpatterns: Routes = [
    path("", RedirectView.as_view(url="/console/"), name="root"),
    path("console/", include((_routes("console", "urlpatterns"), "console"))),
    *(route for app in PAGE_APPS for route in _routes(app, "urlpatterns")),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("accounts/", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("hooks/", include("integrations.urls")),
    path("api/v1/", include(api)),
    path("api/schema/", SchemaView.as_view(), name="api-schema"),
    path("api/docs/", DocsView.as_view(), name="api-docs"),
    re_path(r"^api/", not_found, name="api-not-found"),
]
