"""Routes of the screening's API."""

from django.urls import URLPattern, path

from screening.api import ActiveRuleSetView, CheckView, RuleSetListView, RuleSetView

api_urlpatterns: list[URLPattern] = [
    path("screening/check/", CheckView.as_view(), name="api-screening-check"),
    path("screening/rule-sets/", RuleSetListView.as_view(), name="api-screening-rule-sets"),
    path("screening/rule-sets/active/", ActiveRuleSetView.as_view(), name="api-screening-rule-set-active"),
    path("screening/rule-sets/<int:number>/", RuleSetView.as_view(), name="api-screening-rule-set"),
]
