"""Addresses of disputes, overrides, holds and corrections."""

from django.urls import URLPattern, path

from console.views import disputes, holds, overrides

urlpatterns: list[URLPattern] = [
    path("updates/<str:update_id>/dispute/", disputes.dispute, name="dispute"),
    path("disputes/", disputes.disputes, name="disputes"),
    path("disputes/<str:dispute_id>/", disputes.dispute_page, name="dispute_page"),
    path("disputes/<str:dispute_id>/withdraw/", disputes.withdraw, name="dispute_withdraw"),
    path("updates/<str:update_id>/override/", overrides.override, name="override"),
    path("ratifications/", overrides.ratifications, name="ratifications"),
    path("overrides/<str:override_id>/", overrides.override_page, name="override_page"),
    path("incidents/<slug:public_id>/hold/", holds.place_on_incident, name="incident_hold"),
    path("updates/<str:update_id>/hold/", holds.place_on_update, name="update_hold"),
    path("holds/<str:hold_id>/lift/", holds.lift, name="hold_lift"),
    path("updates/<str:update_id>/correct/", holds.correct, name="update_correct"),
]
