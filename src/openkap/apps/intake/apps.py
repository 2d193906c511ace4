"""Django's registration of the app."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "openkap.apps.intake"
    label = "intake"
