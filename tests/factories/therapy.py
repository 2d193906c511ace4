"""Integration visits and notes for tests, through the operations."""

from datetime import datetime, timedelta

from openkap.apps.planning.models import Visit
from openkap.apps.planning.queries import visits_of
from openkap.apps.therapy.models import IntegrationNote
from openkap.apps.therapy.operations import Content, record_integration
from tests.factories.dosing import Sitting, a_sitting
from tests.factories.tasks import CaredFor

HOUR = timedelta(hours=1)


def content(began_at: datetime, **more: object) -> Content:
    """A filled note."""
    given: dict[str, object] = {
        "minutes": 60,
        "methods": ("therapy-emdr",),
        "what_happened": "worked on the corridor",
        "goals": "the second target",
        "homework": "walk to the bridge",
    } | more
    return Content(began_at=began_at, **given)  # type: ignore[arg-type]


def after_a_dose() -> tuple[Sitting, Visit]:
    """A given and signed first dose, and the integration visit that follows it."""
    sitting = a_sitting().until_signed()
    return sitting, integration(sitting.cared)


def integration(cared: CaredFor, number: int = 1) -> Visit:
    """The integration visit of a dose."""
    found = visits_of(cared.patient).filter(kind="integration", dose_number=number).first()
    assert found is not None
    return found


def a_note(sitting: Sitting, visit: Visit, hours: float = 25, **more: object) -> IntegrationNote:
    """A signed note of a visit that began so many hours after the dose."""
    began = sitting.zero + hours * HOUR
    return record_integration(
        by=sitting.cared.therapist, now=began + 2 * HOUR, visit=visit, content=content(began, **more)
    )
