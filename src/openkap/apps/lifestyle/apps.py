"""Django's registration of the app."""

from django.apps import AppConfig


class LifestyleConfig(AppConfig):
    name = "openkap.apps.lifestyle"
    label = "lifestyle"
