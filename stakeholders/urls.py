"""Addresses of the register: the page that confirms an address, and the API."""

from django.urls import URLPattern, path

from stakeholders.api.addresses import AddressesView, AddressView, AskView, StopView, UseAgainView
from stakeholders.api.audience_filters import BelongingView, PreviewView
from stakeholders.api.audience_views import AudiencesView, OneAudienceView
from stakeholders.api.bulk import BulkView
from stakeholders.api.escalation import TreeListView, TreeView, TreeWeekView
from stakeholders.api.stakeholders import StakeholderListView, StakeholderView
from stakeholders.views import confirm_page

urlpatterns: list[URLPattern] = [path("confirm/<str:token>/", confirm_page, name="confirm")]

api_urlpatterns: list[URLPattern] = [
    path("stakeholders/", StakeholderListView.as_view(), name="api-stakeholders"),
    path("stakeholders/bulk/", BulkView.as_view(), name="api-stakeholders-bulk"),
    path("stakeholders/<str:public_id>/", StakeholderView.as_view(), name="api-stakeholder"),
    path("stakeholders/<str:public_id>/addresses/", AddressesView.as_view(), name="api-addresses"),
    path("stakeholders/<str:public_id>/addresses/<int:row>/", AddressView.as_view(), name="api-address"),
    path("stakeholders/<str:public_id>/addresses/<int:row>/ask/", AskView.as_view(), name="api-address-ask"),
    path("stakeholders/<str:public_id>/addresses/<int:row>/stop/", StopView.as_view(), name="api-address-stop"),
    path("stakeholders/<str:public_id>/addresses/<int:row>/use-again/", UseAgainView.as_view(), name="api-address-use-again"),
    path("audiences/", AudiencesView.as_view(), name="api-audiences"),
    path("audiences/preview/", PreviewView.as_view(), name="api-audience-preview"),
    path("audiences/<str:public_id>/", OneAudienceView.as_view(), name="api-audience"),
    path("audiences/<str:public_id>/belonging/", BelongingView.as_view(), name="api-audience-belonging"),
    path("escalation-trees/", TreeListView.as_view(), name="api-escalation-trees"),
    path("escalation-trees/<slug:key>/", TreeView.as_view(), name="api-escalation-tree"),
    path("escalation-trees/<slug:key>/week/", TreeWeekView.as_view(), name="api-escalation-week"),
]
