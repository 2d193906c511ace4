"""Django's registration of the app."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "openkap.apps.inbox"
    label = "inbox"
