"""Everyday life beside treatment: the patient's own page, and the same for who cares for them."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.lifestyle import queries
from openkap.apps.people.operations import subject_of
from openkap.apps.people.queries import patient_for
from openkap.apps.people.viewer import viewer_of
from openkap.web.course_of import Reader
from openkap.web.lifestyle import NARROW, WIDE, days_shown, sentences_of, strip_of
from openkap.web.portal import page, patient_of, user_of

OWN_DAYS = 56
CHART_DAYS = 182


@requires(Permission.OWN_RECORD)
@require_GET
def own_weeks(request: HttpRequest) -> HttpResponse:
    """How my weeks were, in my own words, and what my devices counted."""
    user, patient, now = user_of(request), patient_of(request), timezone.now()
    reader = Reader(user, patient, now)
    with transaction.atomic():
        subject = subject_of(patient)
        audit.record(by=user, now=now, action="chart.read", subject=subject, details={"page": "weeks"})
    weeks, doses = queries.weeks_of(patient), _days_of_doses(reader)
    return page(
        request,
        "portal/weeks.html",
        "journal",
        patient=patient,
        latest=weeks[-1] if weeks else None,
        sentences=sentences_of(weeks),
        strip=strip_of(weeks, doses),
        counted=days_shown(patient, now, doses, OWN_DAYS, NARROW),
        files=queries.files_of(patient),
    )


@requires(Permission.CHART_READ, about_patient=True)
@require_GET
def lifestyle(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The weeks as a strip with doses on it, what to look at, steps and sleep by the day."""
    viewer, now = viewer_of(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.CHART_READ)
    reader = Reader(viewer, patient, now)
    with transaction.atomic():
        audit.record(by=viewer, now=now, action="lifestyle.read", subject=subject_of(patient))
    doses = _days_of_doses(reader) if reader.sees_doses else []
    context = {
        "patient": patient,
        "strip": strip_of(queries.weeks_of(patient), doses),
        "counted": days_shown(patient, now, doses, CHART_DAYS, WIDE),
        "files": queries.files_of(patient),
        "sees_doses": reader.sees_doses,
        "may_enter": reader.may(Permission.MEASURE_ENTER),
    }
    return render(request, "web/lifestyle.html", context)


def _days_of_doses(reader: Reader) -> list[date]:
    return [reader.local(dose.at).date() for dose in reader.given]
