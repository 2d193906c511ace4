"""Django's registration of the app."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "openkap.apps.consent"
    label = "consent"
