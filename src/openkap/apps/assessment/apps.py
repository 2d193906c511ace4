"""Django's registration of the app."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "openkap.apps.assessment"
    label = "assessment"
