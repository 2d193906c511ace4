"""Intakes for staff: asking for one, filling one in with the patient, and taking one into the record."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.intake import operations, queries, reviewing
from openkap.apps.intake.forms import PointForm
from openkap.apps.intake.models import Intake, IntakeState
from openkap.apps.intake.topics import TOPICS
from openkap.apps.intake.views.filling import Step, keep, topic_page, topic_with
from openkap.apps.people.models import Patient
from openkap.apps.people.queries import patient_for
from openkap.apps.people.viewer import viewer_of
from openkap.errors import BadInput, NotAllowedNow


@requires(Permission.PATIENT_REGISTER, about_patient=True)
@require_POST
def begin(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Begin an intake, for the patient's own pages or to fill in together."""
    viewer, patient = _who(request, patient_id)
    intake = operations.begin_intake(by=viewer, now=timezone.now(), patient=patient)
    return redirect("intake:review", patient_id, intake.public_id)


@requires(Permission.PATIENT_REGISTER, about_patient=True)
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, patient_id: UUID, intake_id: UUID) -> HttpResponse:
    """What was written beside what the record holds; POST decides on what was chosen."""
    viewer, patient = _who(request, patient_id)
    intake, now = queries.intake_of(patient, intake_id), timezone.now()
    if request.method == "POST":
        return _decide(request, viewer, now, intake)
    note_read(viewer, now, intake)
    return _page(request, intake)


@requires(Permission.PATIENT_REGISTER, about_patient=True)
@require_http_methods(["GET", "POST", "PUT"])
def topic(request: HttpRequest, patient_id: UUID, intake_id: UUID, topic_id: str) -> HttpResponse:
    """One topic, filled in by staff with the patient."""
    _viewer, patient = _who(request, patient_id)
    arguments = {"patient_id": patient_id, "intake_id": intake_id}
    intake = queries.intake_of(patient, intake_id)
    step = Step(
        intake,
        topic_with(topic_id),
        "intake/staff_topic.html",
        "intake:staff-topic",
        "intake:review",
        arguments,
    )
    return keep(request, step) if request.method == "PUT" else topic_page(request, step)


@requires(Permission.PATIENT_REGISTER, about_patient=True)
@require_POST
def send(request: HttpRequest, patient_id: UUID, intake_id: UUID) -> HttpResponse:
    """Hand in what staff filled in with the patient."""
    viewer, patient = _who(request, patient_id)
    intake = queries.intake_of(patient, intake_id)
    try:
        operations.send_intake(by=viewer, now=timezone.now(), intake=intake)
    except BadInput as error:
        messages.warning(request, str(error))
    return redirect("intake:review", patient_id, intake_id)


@requires(Permission.PATIENT_REGISTER, about_patient=True)
@require_POST
def withdraw(request: HttpRequest, patient_id: UUID, intake_id: UUID) -> HttpResponse:
    """No longer wanted."""
    viewer, patient = _who(request, patient_id)
    operations.withdraw_intake(by=viewer, now=timezone.now(), intake=queries.intake_of(patient, intake_id))
    messages.success(request, _("The intake is withdrawn."))
    return redirect("people:details", patient_id)


def _decide(request: HttpRequest, viewer: User, now: datetime, intake: Intake) -> HttpResponse:
    forms = _forms(intake, request)
    if not all(form.is_valid() for form in forms):
        return _page(request, intake, request, status=400)
    verdicts = {form.point.key: found for form in forms if (found := form.verdict()) is not None}
    try:
        waiting = reviewing.decide(by=viewer, now=now, intake=intake, verdicts=verdicts)
    except (BadInput, NotAllowedNow) as error:
        return _page(request, intake, request, mistake=str(error), status=400)
    if waiting:
        left = ngettext("Saved. %(n)s answer still waits.", "Saved. %(n)s answers still wait.", waiting)
        messages.success(request, left % {"n": waiting})
    else:
        messages.success(request, _("The intake is reviewed. What you took over stands in the record."))
    return redirect("intake:review", intake.patient.public_id, intake.public_id)


def _forms(intake: Intake, request: HttpRequest | None) -> list[PointForm]:
    """A form for every point that is not decided yet."""
    data = request.POST if request is not None else None
    return [
        PointForm(point, data)
        for _topic, points in queries.points_of(intake)
        for point in points
        if point.decision is None
    ]


def _page(
    request: HttpRequest,
    intake: Intake,
    sent: HttpRequest | None = None,
    *,
    mistake: str = "",
    status: int = 200,
) -> HttpResponse:
    forms = {form.point.key: form for form in _forms(intake, sent)}
    topics = [
        (topic, [(point, forms.get(point.key)) for point in points])
        for topic, points in queries.points_of(intake)
    ]
    context = {
        "patient": intake.patient,
        "intake": intake,
        "topics": topics,
        "all_topics": TOPICS,
        "waiting": len(forms),
        "mistake": mistake,
        "is_open": intake.state == IntakeState.OPEN,
        "is_sent": intake.state == IntakeState.SENT,
    }
    return render(request, "intake/review.html", context, status=status)


@transaction.atomic
def note_read(viewer: User, now: datetime, intake: Intake) -> None:
    """One row of the trail for this request."""
    subject = audit.Subject("intake", intake.public_id, intake.patient.public_id, intake.site_id)
    audit.record(by=viewer, now=now, action="intake.read", subject=subject)


def _who(request: HttpRequest, patient_id: UUID) -> tuple[User, Patient]:
    viewer = viewer_of(request)
    return viewer, patient_for(viewer, patient_id, Permission.PATIENT_REGISTER)
