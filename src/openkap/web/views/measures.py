"""The measures of a patient: all side by side, and one large with treatment on it."""

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures import queries
from openkap.apps.measures.early import warning_of
from openkap.apps.measures.items import ORDERS, ItemsOverTime, items_over_time
from openkap.apps.measures.views.pages import course_rows, may_enter, note_read
from openkap.apps.measures.words import response_in_words
from openkap.apps.people.models import Patient
from openkap.apps.people.queries import patient_for
from openkap.apps.people.viewer import viewer_of
from openkap.core.psychometrics import Early
from openkap.errors import NotFound
from openkap.web.changes import changes_since, since_when
from openkap.web.course_of import Reader
from openkap.web.measures_course import PERIODS, drawn
from openkap.web.measures_shown import multiples_of

BUTTONS = 3  # to enter the questionnaires used most; the rest is a page further


@requires(Permission.CHART_READ, about_patient=True)
@require_safe
def overview(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """GET /patients/<id>/measures/: what changed, what is off track, and every trended measure."""
    viewer, now = viewer_of(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.CHART_READ)
    note_read(viewer, now, patient)
    reader = Reader(viewer, patient, now)
    courses = queries.courses_of(patient, now)
    since = since_when(reader, _day(request.GET.get("since")))
    context = {
        "patient": patient,
        "reader": reader,
        "multiples": multiples_of(reader, courses),
        "warning": warning_of(knowledge_for(patient.site, now)),
        "since": since,
        "changes": changes_since(reader, since),
        "instruments": queries.instruments_at_hand(patient, now)[:BUTTONS],
        "may_enter": may_enter(viewer, patient),
        "zone": patient.site.time_zone,
    }
    return render(request, "web/measures.html", context)


@requires(Permission.CHART_READ, about_patient=True)
@require_safe
def measure(request: HttpRequest, patient_id: UUID, instrument_id: str) -> HttpResponse:
    """GET /patients/<id>/measures/of/<instrument>/?period=...&order=...: one measure large."""
    viewer, now = viewer_of(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.CHART_READ)
    courses = queries.courses_of(patient, now)
    course = next((one for one in courses if one.instrument_id == instrument_id), None)
    if course is None:
        raise NotFound(_("This questionnaire has not been filled in."))
    note_read(viewer, now, patient)
    reader = Reader(viewer, patient, now)
    order = request.GET.get("order", ORDERS[0])
    context = {
        "patient": patient,
        "reader": reader,
        "course": course,
        "others": [one for one in courses if one is not course],
        "drawn": drawn(reader, course, request.GET.get("period", "whole")),
        "periods": PERIODS.items(),
        "rows": course_rows(course),
        "endpoint": _endpoint(course),
        "warning": _warning(patient, course, now),
        "items": _items(patient, course, order),
        "zone": patient.site.time_zone,
    }
    return render(request, "web/measure.html", context)


def _day(text: str | None) -> date | None:
    """A day as an address names it; anything else names none."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _endpoint(course: queries.Course) -> dict[str, object] | None:
    """The score that counts for response, and what it says; None while there is none."""
    score = next((one for one in course.scores if one.is_response_endpoint), None)
    if score is None or score.change is None:
        return None
    return {"score": score, "said": response_in_words(score.change.response)}


def _warning(patient: Patient, course: queries.Course, now: datetime) -> object:
    """The early warning while the course is off track by it."""
    if course.early is None or course.early.standing is not Early.OFF_TRACK:
        return None
    return warning_of(knowledge_for(patient.site, now))


def _items(patient: Patient, course: queries.Course, order: str) -> ItemsOverTime | None:
    """The single answers of the newest version over time."""
    responses = [row for row in queries.responses_of(patient) if row.instrument_id == course.instrument_id]
    instrument = queries.instrument_of(responses[-1])
    baseline = course.baseline.response_id if course.baseline else None
    language = "es" if (get_language() or "en").startswith("es") else "en"
    return items_over_time(instrument, responses, baseline, language, order)
