"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from notifications.api import ReleaseListView, ReleaseView
from notifications.views import unsubscribe_page

urlpatterns: list[URLPattern | URLResolver] = [path("unsubscribe/<str:token>/", unsubscribe_page, name="unsubscribe")]

api_urlpatterns: list[URLPattern | URLResolver] = [
    path("releases/", ReleaseListView.as_view(), name="api-releases"),
    path("releases/<str:public_id>/", ReleaseView.as_view(), name="api-release"),
]
