"""The product's addresses, and the mailbox."""

from django.urls import path

from demo import views
from statuscomms.urls import handler400, handler403, handler404, handler429, handler500
from statuscomms.urls import urlpatterns as product

# Django looks for these by name in the root of all addresses, which in the demo is this module.
__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500", "urlpatterns"]

urlpatterns = [
    path("demo/mailbox/", views.mailbox, name="demo-mailbox"),
    path("demo/mailbox/messages.json", views.messages_json, name="demo-messages"),
    path("demo/mailbox/<str:mail_id>.eml", views.raw_message, name="demo-message"),
    path("demo/mailbox/<str:mail_id>/", views.letter, name="demo-letter"),
    path("demo/messages/", views.outside, name="demo-outside"),
    *product,
]
