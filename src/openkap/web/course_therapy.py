"""Therapy sessions of a patient as marks of the timeline."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from openkap.apps.people.models import Patient
from openkap.apps.therapy import queries as therapy
from openkap.apps.therapy.methods import in_short
from openkap.web.figures.course import TherapyMark

LONGEST = 16  # letters of a chip; the whole name stands in the note


def therapy_of(patient: Patient) -> tuple[TherapyMark, ...]:
    """A mark for each signed note, with the hours since the dose before it as known at signing."""
    zone = ZoneInfo(patient.site.time_zone)
    notes = sorted(therapy.notes_of(patient), key=lambda note: note.began_at)
    return tuple(
        TherapyMark(
            short(in_short(note.methods)),
            note.began_at.astimezone(zone).date(),
            (note.began_at - note.dose_at) / timedelta(hours=1) if note.dose_at else None,
        )
        for note in notes
    )


def short(words: str) -> str:
    """Words that fit on a chip."""
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip(" ,") + "\u2026"
