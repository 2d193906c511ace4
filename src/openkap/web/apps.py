"""Django's registration of the package."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "openkap.web"
    label = "web"

    def ready(self) -> None:
        from openkap.apps.measures.induction import find_by  # noqa: PLC0415 - models must be ready
        from openkap.errors import speak_by  # noqa: PLC0415
        from openkap.web import checks  # noqa: F401, PLC0415 - registers the checks
        from openkap.web.induction import induction_of  # noqa: PLC0415 - models must be ready
        from openkap.web.saying import said  # noqa: PLC0415

        find_by(induction_of)
        speak_by(said)
