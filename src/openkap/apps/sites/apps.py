"""Django's registration of the app."""

from django.apps import AppConfig


class SitesConfig(AppConfig):
    name = "openkap.apps.sites"
    label = "sites"
