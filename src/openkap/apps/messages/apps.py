"""Django's registration of the app."""

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "openkap.apps.messages"
    label = "outbox"  # 'messages' is Django's own
