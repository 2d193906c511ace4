"""The patient's sessions, the console, and the record of a session."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.chart.allergies import allergies_shown
from openkap.apps.dosing import operations, queries
from openkap.apps.dosing.config import console_config
from openkap.apps.dosing.report import report_of
from openkap.apps.dosing.snapshots import snapshot_of
from openkap.apps.dosing.views.reading import note_read, viewer_of
from openkap.apps.people.queries import holds, patient_for
from openkap.apps.planning import queries as planning
from openkap.errors import OpenkapError


@requires(Permission.DOSING_READ, about_patient=True)
@require_GET
def session_list(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.DOSING_READ)
    sessions = list(queries.sessions_of(viewer, patient))
    note_read(viewer, now, patient)
    opened = {session.visit_id for session in sessions}
    dosing = [
        v for v in planning.visits_of(patient) if v.kind == "dosing" and v.state in ("planned", "arrived")
    ]
    context = {
        "patient": patient,
        "sessions": [(session, snapshot_of(session, now)) for session in sessions],
        "visits": [visit for visit in dosing if visit.pk not in opened],
        "may_record": holds(viewer, Permission.DOSING_RECORD, patient),
    }
    return render(request, "dosing/sessions.html", context)


@requires(Permission.DOSING_RECORD, about_patient=True)
@require_POST
def open_session(request: HttpRequest, patient_id: UUID, visit_id: UUID) -> HttpResponse:
    viewer = viewer_of(request)
    patient = patient_for(viewer, patient_id, Permission.DOSING_RECORD)
    visit = planning.visit_for(viewer, visit_id, Permission.DOSING_RECORD)
    try:
        chair = request.POST.get("chair", "")[:12]
        session = operations.open_session(by=viewer, now=timezone.now(), visit=visit, chair=chair)
    except OpenkapError as error:
        messages.error(request, str(error))
        return redirect("dosing:sessions", patient.public_id)
    return redirect("dosing:console", session.public_id)


@requires(Permission.DOSING_READ, about_patient=True)
@require_GET
def console(request: HttpRequest, session_id: UUID) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    session = queries.session_for(viewer, session_id)
    note_read(viewer, now, session.patient, session)
    context = {
        "session": session,
        "patient": session.patient,
        "config": console_config(viewer, session, now),
        "allergies": allergies_shown(session.patient, now),
        "title": _("Session, chair %(chair)s") % {"chair": session.chair},
    }
    return render(request, "dosing/console.html", context)


@requires(Permission.DOSING_READ, about_patient=True)
@require_GET
def report(request: HttpRequest, session_id: UUID) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    session = queries.session_for(viewer, session_id)
    note_read(viewer, now, session.patient, session)
    context = {"session": session, "patient": session.patient, "report": report_of(session, now)}
    return render(request, "dosing/report.html", context)
