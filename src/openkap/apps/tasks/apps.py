"""Django's registration of the app."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "openkap.apps.tasks"
    label = "tasks"
