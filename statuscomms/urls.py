"""The address space."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView

from accounts.permissions import requires
from accounts.rules.roles import Permission
from accounts.urls import api_urlpatterns as accounts_api
from approvals.urls import api_urlpatterns as approvals_api
from audit.api import EntryListView, EntryView
from catalogue.urls import api_urlpatterns as catalogue_api
from core.api.views import DocsView, SchemaView, not_found
from incidents.urls import api_urlpatterns as incidents_api
from notifications.urls import api_urlpatterns as notifications_api
from policies.urls import api_urlpatterns as policies_api
from stakeholders.urls import api_urlpatterns as stakeholders_api
from statuscomms.health import healthz, readyz
from templates.urls import api_urlpatterns as templates_api

handler400 = "statuscomms.failures.bad_request"
handler403 = "statuscomms.failures.forbidden"
handler404 = "statuscomms.failures.not_found"
handler429 = "statuscomms.failures.too_many_requests"
handler500 = "statuscomms.failures.server_error"

Routes = list[URLPattern | URLResolver]

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # allauth's documented way to guard it

may_read_log = [requires(Permission.AUDIT_READ)]
# Relative to /api/v1/. A room with an API adds its routes here.
api: Routes = [
    # The log lies below the people and cannot ask who may read it: the permission is handed in here.
    path("audit/entries/", EntryListView.as_view(permission_classes=may_read_log), name="api-audit-entries"),
    path("audit/entries/<int:index>/", EntryView.as_view(permission_classes=may_read_log), name="api-audit-entry"),
    *accounts_api,
    *catalogue_api,
    *stakeholders_api,
    *policies_api,
    *templates_api,
    *incidents_api,
    *approvals_api,
    *notifications_api,
]

urlpatterns: Routes = [
    path("", RedirectView.as_view(url="/console/"), name="root"),
    path("console/", include("console.urls")),
    path("", include("notifications.urls")),
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
