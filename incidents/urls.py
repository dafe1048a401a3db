"""Routes of the API, relative to `/api/v1/`."""

from django.urls import URLPattern, path

from incidents.api.access import AccessView
from incidents.api.incidents import IncidentListView, IncidentView, TimelineView
from incidents.api.updates import UpdateListView, UpdateView

api_urlpatterns: list[URLPattern] = [
    path("incidents/", IncidentListView.as_view(), name="api-incidents"),
    path("incidents/<str:public_id>/", IncidentView.as_view(), name="api-incident"),
    path("incidents/<str:public_id>/access/", AccessView.as_view(), name="api-incident-access"),
    path("incidents/<str:public_id>/timeline/", TimelineView.as_view(), name="api-incident-timeline"),
    path("updates/", UpdateListView.as_view(), name="api-updates"),
    path("updates/<str:public_id>/", UpdateView.as_view(), name="api-update"),
]
