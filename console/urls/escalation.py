"""Addresses of escalation trees, their runs, and drills."""

from django.urls import URLPattern, path

from console.views import drills, escalation, escalation_runs

urlpatterns: list[URLPattern] = [
    path("escalation/", escalation.trees, name="escalation"),
    path("escalation/new/", escalation.tree_new, name="escalation_new"),
    path("escalation/trees/<slug:key>/", escalation.tree, name="escalation_tree"),
    path("escalation/trees/<slug:key>/edit/", escalation.tree_edit, name="escalation_edit"),
    path("escalation/trees/<slug:key>/retire/", escalation.tree_retire, name="escalation_retire"),
    path("escalation/trees/<slug:key>/start/", escalation_runs.start, name="escalation_start"),
    path("escalation/runs/<slug:public_id>/", escalation_runs.run, name="escalation_run"),
    path("escalation/runs/<slug:public_id>/answer/", escalation_runs.answer, name="escalation_answer"),
    path("escalation/runs/<slug:public_id>/stop/", escalation_runs.stop, name="escalation_stop"),
    path("escalation/drills/new/", drills.drill_new, name="drill_new"),
    path("escalation/drills/<slug:public_id>/", drills.drill, name="drill"),
    path("escalation/drills/<slug:public_id>/answer/", drills.drill_answer, name="drill_answer"),
    path("escalation/drills/<slug:public_id>/cancel/", drills.drill_cancel, name="drill_cancel"),
    path("escalation/drills/<slug:public_id>/report.csv", drills.drill_csv, name="drill_csv"),
    path("escalation/drills/<slug:public_id>/report.json", drills.drill_json, name="drill_json"),
]
