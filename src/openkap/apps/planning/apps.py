"""Django's registration of the app."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "openkap.apps.planning"
    label = "planning"
