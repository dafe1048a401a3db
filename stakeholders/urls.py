"""Routes of the register's API."""

from django.urls import URLPattern, path

from stakeholders.api.audiences import AudienceListView, AudienceView
from stakeholders.api.stakeholders import StakeholderListView, StakeholderView

api_urlpatterns: list[URLPattern] = [
    path("stakeholders/", StakeholderListView.as_view(), name="api-stakeholders"),
    path("stakeholders/<str:public_id>/", StakeholderView.as_view(), name="api-stakeholder"),
    path("audiences/", AudienceListView.as_view(), name="api-audiences"),
    path("audiences/<str:public_id>/", AudienceView.as_view(), name="api-audience"),
]
