"""Django's registration of the package."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "openkap.web"
    label = "web"
