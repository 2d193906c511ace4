"""Django's registration of the app."""

from django.apps import AppConfig


class DosingConfig(AppConfig):
    name = "openkap.apps.dosing"
    label = "dosing"
