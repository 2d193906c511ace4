"""Django's registration of the configuration, which has the system checks."""

from django.apps import AppConfig


class ConfigurationConfig(AppConfig):
    name = "openkap.config"
    label = "configuration"

    def ready(self) -> None:
        from openkap.config import checks  # noqa: F401, PLC0415 (registers the checks)
