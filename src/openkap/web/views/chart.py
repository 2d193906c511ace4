"""The first page of a chart: one timeline, what is due, what to do next."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.people import queries as people
from openkap.apps.people.models import Patient
from openkap.apps.tasks import queries as tasks
from openkap.apps.tasks.links import page_of
from openkap.web.course_of import Reader, course_of
from openkap.web.figures import TimelinePicture, picture_of
from openkap.web.figures.course import Course
from openkap.web.next_step import next_step


@requires(Permission.CHART_READ, about_patient=True)
@require_GET
def chart(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """GET /patients/<id>/."""
    user, now = request.user, timezone.now()
    assert isinstance(user, User)  # noqa: S101 - the policy lets nobody else through
    patient = people.patient_for(user, patient_id, Permission.CHART_READ)
    with transaction.atomic():
        subject = audit.Subject("patient", patient.public_id, patient.public_id, patient.site_id)
        audit.record(by=user, now=now, action="chart.read", subject=subject, details={"page": "timeline"})
    reader = Reader(user, patient, now)
    course = course_of(reader)
    context = {
        "patient": patient,
        "reader": reader,
        "now": now,
        "empty": course.is_empty(),
        "picture": picture(patient, course),
        "next_step": next_step(reader),
        "due": [(task, page_of(task), task.due_at < now) for task in tasks.open_tasks_about(patient)],
        "alerts": _open_alerts(user, patient, now),
    }
    return render(request, "web/chart.html", context)


def _open_alerts(user: User, patient: Patient, now: datetime) -> list[tuple[object, str, bool]]:
    """Alerts on this patient that nobody has answered; a link to this very page is left out."""
    here = f"/patients/{patient.public_id}/"
    found = tasks.open_alerts_for(user).filter(patient=patient)
    places = ((alert, page_of(alert)) for alert in found)
    return [(alert, "" if place == here else place, alert.acknowledge_by < now) for alert, place in places]


def picture(patient: Patient, course: Course) -> TimelinePicture:
    """The timeline with its name and its span in words."""
    days = sorted(course.days())
    lead = ""
    if days:
        words = {"first": formats.date_format(days[0]), "last": formats.date_format(days[-1])}
        lead = _("%(first)s to %(last)s") % words
    name = patient.name
    return picture_of(course, heading=_("Course of treatment of %(name)s") % {"name": name}, lead=lead)
