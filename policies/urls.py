"""Routes of the policy's API."""

from django.urls import URLPattern, path

from policies.api import ActivePolicyView, PolicyListView, PolicyView

api_urlpatterns: list[URLPattern] = [
    path("policies/", PolicyListView.as_view(), name="api-policies"),
    path("policies/active/", ActivePolicyView.as_view(), name="api-policy-active"),
    path("policies/<int:number>/", PolicyView.as_view(), name="api-policy"),
]
