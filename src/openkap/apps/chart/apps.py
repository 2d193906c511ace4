"""Django's registration of the app."""

from django.apps import AppConfig


class ChartConfig(AppConfig):
    name = "openkap.apps.chart"
    label = "chart"
