"""Django's registration of the package."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "openkap.jobs"
    label = "jobs"
