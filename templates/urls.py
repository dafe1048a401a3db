"""Routes of the templates' API."""

from django.urls import URLPattern, path

from templates.api import TemplateListView, TemplateView

api_urlpatterns: list[URLPattern] = [
    path("templates/", TemplateListView.as_view(), name="api-templates"),
    path("templates/<str:public_id>/", TemplateView.as_view(), name="api-template"),
]
