"""The record: what is known of a patient's health, and entering values."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.chart import operations, queries
from openkap.apps.chart.forms import ValuesForm
from openkap.apps.chart.models import ChartFact
from openkap.apps.chart.words import condition_line, medication_line, value_lines
from openkap.apps.people import operations as people_operations
from openkap.apps.people import queries as people
from openkap.apps.people.models import Patient
from openkap.apps.people.viewer import viewer_of
from openkap.errors import BadInput, OpenkapError


@requires(Permission.CHART_READ, about_patient=True)
@require_safe
def record(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Show the record."""
    viewer, now = viewer_of(request), timezone.now()
    patient = people.patient_for(viewer, patient_id, Permission.CHART_READ)
    note_read(viewer, now, patient)
    return _page(request, viewer, patient, ValuesForm(patient.site.time_zone, now))


@requires(Permission.CHART_WRITE, about_patient=True)
@require_POST
def enter(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Note values."""
    viewer, now = viewer_of(request), timezone.now()
    patient = people.patient_for(viewer, patient_id, Permission.CHART_WRITE)
    form = ValuesForm(patient.site.time_zone, now, request.POST)
    if form.is_valid():
        try:
            rows = operations.record_observations(
                by=viewer,
                now=now,
                patient=patient,
                values=form.values(),
                measured_at=form.cleaned_data["measured_at"],
                provenance=ChartFact.Provenance(form.cleaned_data["provenance"]),
            )
        except BadInput as error:
            form.refuse(error)
        else:
            words = ngettext("Saved %(n)d value.", "Saved %(n)d values.", len(rows))
            messages.success(request, words % {"n": len(rows)})
            return HttpResponseRedirect(reverse("chart:record", args=[patient.public_id]))
    note_read(viewer, now, patient)
    return _page(request, viewer, patient, form)


@requires(Permission.CHART_WRITE, about_patient=True)
@require_POST
def withdraw(request: HttpRequest, patient_id: UUID, observation_id: UUID) -> HttpResponse:
    """Say that a value was entered in error."""
    viewer = viewer_of(request)
    patient = people.patient_for(viewer, patient_id, Permission.CHART_WRITE)
    try:
        observation = queries.observation_of(patient, observation_id)
        operations.withdraw_observation(by=viewer, now=timezone.now(), observation=observation)
    except OpenkapError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Taken back. It stays in the history as entered in error."))
    return HttpResponseRedirect(reverse("chart:record", args=[patient.public_id]))


@transaction.atomic
def note_read(viewer: User, now: datetime, patient: Patient) -> None:
    """One row of the trail for this request."""
    audit.record(by=viewer, now=now, action="chart.read", subject=people_operations.subject_of(patient))


def _page(request: HttpRequest, viewer: User, patient: Patient, form: ValuesForm) -> HttpResponse:
    may_write = people.holds(viewer, Permission.CHART_WRITE, patient)
    context = {
        "patient": patient,
        "form": form,
        "conditions": [condition_line(row) for row in queries.conditions_of(patient)],
        "medications": [medication_line(row) for row in queries.medications_of(patient)],
        "allergies": [condition_line(row) for row in queries.allergies_of(patient)],
        "observations": value_lines(queries.latest_observations(patient)),
        "procedures": queries.procedures_of(patient),
        "imports": queries.imports_of(patient),
        "left_out": queries.left_out(patient),
        "corrections": queries.corrections_of(patient),
        "may_write": may_write,
        "may_import": people.holds(viewer, Permission.PATIENT_REGISTER, patient),
    }
    return render(request, "chart_record/record.html", context, status=400 if form.errors else 200)
