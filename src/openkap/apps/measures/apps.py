"""Django's registration of the app."""

from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "openkap.apps.measures"
    label = "measures"
