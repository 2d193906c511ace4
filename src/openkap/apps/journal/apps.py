"""Django's registration of the app."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "openkap.apps.journal"
    label = "journal"
