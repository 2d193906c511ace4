"""The candidacy summary on one page, its PDF, and the interview that belongs to it."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from openkap.adapters.documents import documents
from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.assessment import operations, queries
from openkap.apps.assessment.clearance_forms import CandidacyForm
from openkap.apps.assessment.forms import refuse
from openkap.apps.assessment.operations.candidacy import MAY_ASK
from openkap.apps.assessment.permissions import roles_held
from openkap.apps.assessment.summary import as_document, summary_of
from openkap.apps.assessment.views.page import note_read
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people import queries as people
from openkap.apps.people.models import Patient
from openkap.apps.people.viewer import viewer_of
from openkap.errors import OpenkapError

TEMPLATE = "apps/assessment/documents/summary.typ"


@requires(Permission.CHART_READ, about_patient=True)
@require_safe
def summary(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Show the sheet."""
    viewer = viewer_of(request)
    patient = people.patient_for(viewer, patient_id, Permission.CHART_READ)
    return _page(request, viewer, patient)


@requires(Permission.CHART_READ, about_patient=True)
@require_safe
def pdf(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The sheet as a PDF, in the reader's language."""
    viewer, now = viewer_of(request), timezone.now()
    patient = people.patient_for(viewer, patient_id, Permission.CHART_READ)
    episode = queries.current_episode(patient)
    if episode is None:
        raise Http404
    note_read(viewer, now, patient)
    data = as_document(summary_of(patient, episode, now), patient, get_language() or "en")
    made = documents.render(TEMPLATE, data, made_at=now)
    name = f"candidacy-{patient.record_number}.pdf"
    return HttpResponse(
        made, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


@requires(Permission.CHART_READ, about_patient=True)
@require_POST
def candidacy(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Note answers of the interview."""
    viewer, now = viewer_of(request), timezone.now()
    patient = people.patient_for(viewer, patient_id, Permission.CHART_READ)
    form = _form(patient, now, request)
    if form.is_valid():
        try:
            operations.record_candidacy(
                by=viewer,
                now=now,
                patient=patient,
                answers=form.answers(),
                asked_on=form.cleaned_data["asked_on"],
            )
        except OpenkapError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("assessment:summary", args=[patient.public_id]))
    return _page(request, viewer, patient, form)


def _page(
    request: HttpRequest, viewer: User, patient: Patient, form: CandidacyForm | None = None
) -> HttpResponse:
    now = timezone.now()
    note_read(viewer, now, patient)
    episode = queries.current_episode(patient)
    context = {
        "patient": patient,
        "episode": episode,
        "summary": summary_of(patient, episode, now) if episode else None,
        "may_ask": bool(roles_held(viewer, patient, MAY_ASK)),
        "candidacy_form": form or _form(patient, now),
        "planned_anyway": queries.planning_overrides_of(patient),
    }
    return render(request, "assessment/summary.html", context, status=400 if form else 200)


def _form(patient: Patient, now: datetime, request: HttpRequest | None = None) -> CandidacyForm:
    questions = knowledge_for(patient.site, now).candidacy_questions.values()
    today = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    if request is not None:
        return CandidacyForm(questions, today, request.POST)
    said = queries.candidacy_of(patient)
    initial = {row.question_id: row.choice for row in said.values()}
    notes = {f"{row.question_id}-note": row.note for row in said.values()}
    return CandidacyForm(questions, today, initial={**initial, **notes, "asked_on": today})
