"""Addresses of the communication policy."""

from django.urls import path

from console.views.policy import changes, rule, trial, versions

urlpatterns = [
    path("policy/", versions.overview, name="policy"),
    path("policy/import/", versions.bring_in, name="policy_import"),
    path("policy/<int:number>/", versions.version, name="policy_version"),
    path("policy/<int:number>/export/", versions.export, name="policy_export"),
    path("policy/<int:number>/add-rule/", rule.rule, name="policy_add_rule"),
    path("policy/<int:number>/add-rule/explain/", rule.explain, name="policy_explain_new"),
    path("policy/<int:number>/rules/<slug:key>/", rule.rule, name="policy_rule"),
    path("policy/<int:number>/rules/<slug:key>/explain/", rule.explain, name="policy_explain"),
    path("policy/<int:number>/compare/", changes.differences, name="policy_compare"),
    path("policy/<int:number>/confirm/", changes.confirm, name="policy_confirm"),
    path("policy/<int:number>/try/", trial.trial, name="policy_try"),
]
