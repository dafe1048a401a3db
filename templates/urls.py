"""Routes of the templates' API."""

from django.urls import URLPattern, path

from templates.api.holding import StatementListView, StatementView
from templates.api.rules import RulesView, TestView, UnmappedView
from templates.api.templates import TemplateListView, TemplateView

api_urlpatterns: list[URLPattern] = [
    path("templates/", TemplateListView.as_view(), name="api-templates"),
    path("templates/<str:public_id>/", TemplateView.as_view(), name="api-template"),
    path("template-rules/", RulesView.as_view(), name="api-template-rules"),
    path("template-rules/unmapped/", UnmappedView.as_view(), name="api-template-rules-unmapped"),
    path("template-rules/test/", TestView.as_view(), name="api-template-rules-test"),
    path("holding-statements/", StatementListView.as_view(), name="api-holding-statements"),
    path("holding-statements/<str:public_id>/", StatementView.as_view(), name="api-holding-statement"),
]
