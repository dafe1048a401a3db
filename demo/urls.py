"""The product's addresses, and the mailbox."""

from django.urls import path

from demo import views
from statuscomms.urls import urlpatterns as product

urlpatterns = [
    path("demo/mailbox/", views.mailbox, name="demo-mailbox"),
    path("demo/mailbox/messages.json", views.messages_json, name="demo-messages"),
    path("demo/mailbox/<str:mail_id>.eml", views.raw_message, name="demo-message"),
    *product,
]
