"""Django's registration of the app."""

from django.apps import AppConfig


class SafetyConfig(AppConfig):
    name = "openkap.apps.safety"
    label = "safety"
