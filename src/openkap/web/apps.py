"""Django's registration of the package."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "openkap.web"
    label = "web"

    def ready(self) -> None:
        from openkap.web import checks  # noqa: F401, PLC0415 - registers the checks
