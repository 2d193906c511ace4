"""Django's registration of the app."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "openkap.apps.access"
    label = "access"
