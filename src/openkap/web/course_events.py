"""What happened beside the doses, to be marked on a course: alerts, decisions, medicines, doses cut short."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from openkap.apps.assessment import queries as assessment
from openkap.apps.chart import queries as chart
from openkap.units.partial_dates import PartialDate, Precision
from openkap.web.course_of import Reader
from openkap.web.figures.course import EventMark


def events_of(reader: Reader) -> list[EventMark]:
    """Everything the record has a day for, by day; the caller has checked that the chart may be read."""
    found = [*_alerts(reader), *_decisions(reader), *_medicines(reader), *_cut_short(reader)]
    return sorted(found, key=lambda mark: (mark.on, mark.label))


def _alerts(reader: Reader) -> Iterator[EventMark]:
    for alert in reader.alerts:
        yield EventMark(reader.local(alert.raised_at).date(), str(alert.words))


def _decisions(reader: Reader) -> Iterator[EventMark]:
    for signed in assessment.decisions_of(reader.patient):
        yield EventMark(signed.on, str(signed.get_decision_display()))


def _medicines(reader: Reader) -> Iterator[EventMark]:
    """Begun and ended, where the day is known; a month or a year is no day."""
    for medicine in chart.medications_of(reader.patient):
        if (began := _day(medicine.began)) is not None:
            yield EventMark(began, _("%(medicine)s begun") % {"medicine": medicine.text})
        if (ended := _day(medicine.ended)) is not None:
            yield EventMark(ended, _("%(medicine)s ended") % {"medicine": medicine.text})


def _cut_short(reader: Reader) -> Iterator[EventMark]:
    """Doses of which less was given than ordered; for those who may read sessions."""
    for dose in reader.given if reader.sees_doses else ():
        if dose.stopped:
            yield EventMark(
                reader.local(dose.at).date(), _("dose %(number)s stopped early") % {"number": dose.number}
            )


def _day(day: PartialDate | None) -> date | None:
    return day.first if day is not None and day.precision >= Precision.DAY else None
