"""Django's registration of the app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "openkap.apps.people"
    label = "people"
