"""Routes of the catalogue's API."""

from django.urls import URLPattern, path

from catalogue.api import ComponentListView, ComponentView

api_urlpatterns: list[URLPattern] = [
    path("components/", ComponentListView.as_view(), name="api-components"),
    path("components/<str:public_id>/", ComponentView.as_view(), name="api-component"),
]
