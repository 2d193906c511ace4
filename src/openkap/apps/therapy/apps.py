"""Django's registration of the app."""

from django.apps import AppConfig


class TherapyConfig(AppConfig):
    name = "openkap.apps.therapy"
    label = "therapy"
