"""Addresses of the roster."""

from django.urls import URLPattern, path

from console.views import roster, roster_entries

urlpatterns: list[URLPattern] = [
    path("roster/", roster.roster, name="roster"),
    path("roster/absences/new/", roster_entries.absence_new, name="roster_absence_new"),
    path("roster/absences/<int:row>/end/", roster.absence_end, name="roster_absence_end"),
    path("roster/handovers/new/", roster_entries.handover_new, name="roster_handover_new"),
    path("roster/handovers/<int:row>/end/", roster.handover_end, name="roster_handover_end"),
    path("roster/shifts/new/", roster_entries.shift_new, name="roster_shift_new"),
    path("roster/shifts/remove/", roster.shifts_remove, name="roster_shifts_remove"),
    path("roster/training/", roster_entries.training, name="roster_training"),
    path("roster/training/<int:row>/withdraw/", roster_entries.training_withdraw, name="roster_training_withdraw"),
]
