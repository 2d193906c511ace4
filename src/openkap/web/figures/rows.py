"""What a timeline says, as the rows of the table beside it: nothing is only in the picture."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils import formats
from django.utils.translation import gettext as _

from openkap.web.figures.course import Course, ScorePanel
from openkap.web.figures.marks import KIND_WORDS, since


@dataclass(frozen=True, order=True)
class Row:
    """One thing on the timeline. `planned` says that it lies ahead."""

    on: date
    what: str
    details: str
    planned: bool = False


def rows(course: Course) -> list[Row]:
    """Everything on the timeline, by day."""
    found = [*_bands(course), *_doses(course), *_visits(course), *_therapy(course), *_events(course)]
    for panel in course.panels:
        found += _scores(panel)
    return sorted(found, key=lambda row: row.on)


def _bands(course: Course) -> Iterator[Row]:
    for band in course.bands:
        until = _("until %(date)s") % {"date": formats.date_format(band.last)}
        yield Row(band.first, _("Plan: %(part)s") % {"part": band.label}, until, band.planned)


def _doses(course: Course) -> Iterator[Row]:
    for dose in course.doses:
        details = dose.amount
        if dose.incomplete:
            details = _("%(amount)s, less than ordered") % {"amount": dose.amount}
        yield Row(dose.at.date(), _("Dose %(number)s") % {"number": dose.number}, details, dose.planned)


def _visits(course: Course) -> Iterator[Row]:
    for visit in course.visits:
        kind = _("Visit: %(kind)s") % {"kind": KIND_WORDS[visit.kind]}
        yield Row(visit.on, kind, visit.label, visit.planned)


def _therapy(course: Course) -> Iterator[Row]:
    for session in course.therapy:
        details = ""
        if session.hours_since_dose is not None and not session.planned:
            details = _("%(time)s after the dose") % {"time": since(session.hours_since_dose)}
        yield Row(session.on, _("Therapy: %(method)s") % {"method": session.method}, details, session.planned)


def _events(course: Course) -> Iterator[Row]:
    for event in course.events:
        yield Row(event.on, _("Event"), event.label)


def _scores(panel: ScorePanel) -> Iterator[Row]:
    for point in panel.points:
        if point.total is None:
            yield Row(point.on, panel.name, _("no total. %(why)s") % {"why": point.why})
            continue
        total = point.total
        band = next((b.label for b in panel.bands if b.low <= total <= b.high), "")
        yield Row(point.on, panel.name, f"{total} ({band})" if band else str(total))
    if panel.due:
        yield Row(panel.due, panel.name, _("due"), planned=True)
