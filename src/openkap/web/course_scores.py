"""The measures of a patient as panels of the timeline."""

from datetime import datetime

from openkap.apps.access.models import User
from openkap.apps.people.models import Patient
from openkap.web.figures.course import ScorePanel


def panels_of(viewer: User, patient: Patient, now: datetime) -> tuple[ScorePanel, ...]:
    """A panel for each measure with a score."""
    del viewer, patient, now
    return ()
