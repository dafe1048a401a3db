"""Routes of the policy's API."""

from django.urls import URLPattern, path

from policies.api.acts import ActivateView, ProposeView, WithdrawView
from policies.api.asking import DecideView, ExplanationView, SchemaView
from policies.api.versions import ActivePolicyView, PolicyListView, PolicyView

api_urlpatterns: list[URLPattern] = [
    path("policies/", PolicyListView.as_view(), name="api-policies"),
    path("policies/active/", ActivePolicyView.as_view(), name="api-policy-active"),
    path("policies/schema/", SchemaView.as_view(), name="api-policy-schema"),
    path("policies/<int:number>/", PolicyView.as_view(), name="api-policy"),
    path("policies/<int:number>/explanation/", ExplanationView.as_view(), name="api-policy-explanation"),
    path("policies/<int:number>/decide/", DecideView.as_view(), name="api-policy-decide"),
    path("policies/<int:number>/propose/", ProposeView.as_view(), name="api-policy-propose"),
    path("policies/<int:number>/withdraw/", WithdrawView.as_view(), name="api-policy-withdraw"),
    path("policies/<int:number>/activate/", ActivateView.as_view(), name="api-policy-activate"),
]
