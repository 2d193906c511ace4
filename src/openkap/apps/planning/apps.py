"""Django's registration of the app."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "openkap.apps.planning"
    label = "planning"

    def ready(self) -> None:
        from openkap.apps.measures.cadence_courses import find_courses_by  # noqa: PLC0415 - models must be ready
        from openkap.apps.planning.asking_courses import courses_of  # noqa: PLC0415 - models must be ready

        find_courses_by(courses_of)
