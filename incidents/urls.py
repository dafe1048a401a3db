"""Routes of the API, relative to `/api/v1/`."""

from django.urls import URLPattern, path

from incidents.api.access import AccessView, TeamAccessView
from incidents.api.dry_runs import DryRunDifferenceView, DryRunListView, DryRunView
from incidents.api.incidents import IncidentListView, IncidentView, TimelineView
from incidents.api.room import DecisionListView, EtrListView, MilestoneListView, PromiseListView, SnoozeListView
from incidents.api.updates import UpdateListView, UpdateView

api_urlpatterns: list[URLPattern] = [
    path("incidents/", IncidentListView.as_view(), name="api-incidents"),
    path("incidents/<str:public_id>/", IncidentView.as_view(), name="api-incident"),
    path("incidents/<str:public_id>/access/", AccessView.as_view(), name="api-incident-access"),
    path("incidents/<str:public_id>/access/teams/", TeamAccessView.as_view(), name="api-incident-access-teams"),
    path("incidents/<str:public_id>/timeline/", TimelineView.as_view(), name="api-incident-timeline"),
    path("incidents/<str:public_id>/decisions/", DecisionListView.as_view(), name="api-incident-decisions"),
    path("incidents/<str:public_id>/promises/", PromiseListView.as_view(), name="api-incident-promises"),
    path("incidents/<str:public_id>/snoozes/", SnoozeListView.as_view(), name="api-incident-snoozes"),
    path("incidents/<str:public_id>/milestones/", MilestoneListView.as_view(), name="api-incident-milestones"),
    path("incidents/<str:public_id>/etr/", EtrListView.as_view(), name="api-incident-etr"),
    path("policies/<int:number>/dry-runs/", DryRunListView.as_view(), name="api-policy-dry-runs"),
    path("dry-runs/<int:run>/", DryRunView.as_view(), name="api-dry-run"),
    path("dry-runs/<int:run>/differences/", DryRunDifferenceView.as_view(), name="api-dry-run-differences"),
    path("updates/", UpdateListView.as_view(), name="api-updates"),
    path("updates/<str:public_id>/", UpdateView.as_view(), name="api-update"),
]
