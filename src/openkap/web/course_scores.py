"""The measures of a patient as panels of the timeline."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures import queries as measures
from openkap.apps.measures.queries import BandShown, PatientScore
from openkap.apps.people.models import Patient
from openkap.web.figures.course import ScorePanel, ScorePoint, SeverityBand


def panels_of(patient: Patient, now: datetime, indication: str = "") -> tuple[ScorePanel, ...]:
    """A panel for each measure that was filled in; what matters most for the indication first, lists last."""
    zone = ZoneInfo(patient.site.time_zone)
    known = knowledge_for(patient.site, now).instruments

    def comes_later(course: measures.Course) -> tuple[bool, bool, bool]:
        instrument = known.get(course.instrument_id)
        is_main = instrument is not None and indication in instrument.main_for
        return not is_main, not course.has_total, not course.bands

    return tuple(
        panel_of(course, zone) for course in sorted(measures.courses_of(patient, now), key=comes_later)
    )


def panel_of(course: measures.Course, zone: ZoneInfo) -> ScorePanel:
    """One measure as a panel, its days on the clock of `zone`."""
    return ScorePanel(
        name=course.abbreviation,
        about=course.title,
        low=course.lowest,
        high=course.highest,
        bands=bands_of(course.bands, course.highest, rising=course.higher_is_worse),
        points=tuple(_point(score, zone) for score in course.scores),
        baseline=_point(course.baseline, zone) if course.baseline else None,
        reliable_change=course.reliable_points,
        note=change_note(course.latest),
        lower_is_better=course.higher_is_worse,
        has_total=course.has_total,
    )


def _point(score: PatientScore, zone: ZoneInfo) -> ScorePoint:
    return ScorePoint(score.administered_at.astimezone(zone).date(), score.total, score.total_reason)


def bands_of(shown: Sequence[BandShown], highest: float, *, rising: bool) -> tuple[SeverityBand, ...]:
    """Bands with both ends, from least to most severe; each reaches to just under the next."""
    edges = [band.at_least for band in shown] + [highest + 1]
    found = [
        SeverityBand(band.label, low, high - 1)
        for band, (low, high) in zip(shown, pairwise(edges), strict=True)
    ]
    return tuple(found if rising else reversed(found))


def change_note(latest: PatientScore) -> str:
    """What the newest total means since baseline; '' where no figure for that is adopted."""
    change = latest.change
    if change is None or change.reliable.met is None:
        return ""
    words = {"n": abs(change.points)}
    if not change.reliable.met:
        return _("no reliable change") if change.points else _("unchanged")
    return _("down %(n)s: reliable") % words if change.points < 0 else _("up %(n)s: reliable") % words
