"""`/hooks/…`"""

from django.urls import path

from integrations.alertmanager.views import AlertmanagerHook

urlpatterns = [path("alertmanager/", AlertmanagerHook.as_view(), name="hook-alertmanager")]
