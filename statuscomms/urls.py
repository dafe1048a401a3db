"""The address space."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView
from rest_framework.request import Request

from accounts.permissions import requires
from accounts.requests import actor_of
from accounts.rules.roles import Permission
from accounts.urls import api_urlpatterns as accounts_api
from approvals.urls import api_urlpatterns as approvals_api
from audit.api import EntryListView, EntryView
from catalogue.urls import api_urlpatterns as catalogue_api
from console.queries.hidden import hidden_subjects
from console.views.review_acts import link as review_link
from core.api.views import DocsView, SchemaView, not_found
from incidents.urls import api_urlpatterns as incidents_api
from notifications.urls import api_urlpatterns as notifications_api
from policies.urls import api_urlpatterns as policies_api
from screening.urls import api_urlpatterns as screening_api
from stakeholders.urls import api_urlpatterns as stakeholders_api
from statuscomms.health import healthz, readyz
from templates.urls import api_urlpatterns as templates_api

handler400 = "statuscomms.failures.bad_request"
handler403 = "statuscomms.failures.forbidden"
handler404 = "statuscomms.failures.not_found"
handler429 = "statuscomms.failures.too_many_requests"
handler500 = "statuscomms.failures.server_error"

Routes = list[URLPattern | URLResolver]


def _hidden(request: Request) -> list[str]:
    return hidden_subjects(actor_of(request))


may_read_log = [requires(Permission.AUDIT_READ)]
# Relative to /api/v1/. A room with an API adds its routes here.
api: Routes = [
    # The log lies below the people and cannot ask who may read what of it: both are handed in here.
    path("audit/entries/", EntryListView.as_view(permission_classes=may_read_log, hidden_subjects=_hidden), name="api-audit-entries"),
    path("audit/entries/<int:index>/", EntryView.as_view(permission_classes=may_read_log, hidden_subjects=_hidden), name="api-audit-entry"),
    *accounts_api,
    *catalogue_api,
    *stakeholders_api,
    *policies_api,
    *screening_api,
    *templates_api,
    *incidents_api,
    *approvals_api,
    *notifications_api,
]

urlpatterns: Routes = [
    path("", RedirectView.as_view(url="/console/"), name="root"),
    path("console/", include("console.urls")),
    path("r/<str:token>/", review_link, name="review-link"),
    path("", include("notifications.urls")),
    path("", include("stakeholders.urls")),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("accounts/", include("accounts.urls")),
    path("hooks/", include("integrations.urls")),
    path("api/v1/", include(api)),
    path("api/schema/", SchemaView.as_view(), name="api-schema"),
    path("api/docs/", DocsView.as_view(), name="api-docs"),
    re_path(r"^api/", not_found, name="api-not-found"),
]
