"""`/hooks/…`"""

from django.urls import path

from integrations.alertmanager.views import AlertmanagerHook

urlpatterns = [
    path("alertmanager/", AlertmanagerHook.as_view(), name="hook-alertmanager"),
    # A redirect to the slash would lose the body: senders follow it with a GET, if at all.
    path("alertmanager", AlertmanagerHook.as_view()),
]
