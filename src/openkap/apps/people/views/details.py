"""Who the patient is, and who cares for them."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import ROLE_NAMES, Permission, Role
from openkap.apps.audit import operations as audit
from openkap.apps.people import operations, queries
from openkap.apps.people.details import details_of
from openkap.apps.people.forms import DetailsForm, TeamForm
from openkap.apps.people.models import Patient
from openkap.apps.people.viewer import viewer_of
from openkap.errors import BadInput, Refused


@requires(Permission.CHART_READ, to_write=Permission.PATIENT_REGISTER, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Show details and care team; POST changes the details."""
    viewer, now = viewer_of(request), timezone.now()
    patient = queries.patient_for(viewer, patient_id, Permission.CHART_READ)
    held = details_of(patient)
    form = DetailsForm(request.POST if request.method == "POST" else None, initial=vars(held))
    if form.is_valid():
        try:
            changed = operations.change_details(by=viewer, now=now, patient=patient, details=form.details(held))
        except (BadInput, Refused) as error:
            form.add_error(getattr(error, "field", None), str(error))
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
            return HttpResponseRedirect(request.path)
    note_read(viewer, now, patient)
    return page(request, viewer, patient, form)


@transaction.atomic
def note_read(viewer: User, now: datetime, patient: Patient) -> None:
    """One row of the trail for this request."""
    audit.record(by=viewer, now=now, action="people.read", subject=operations.subject_of(patient))


def page(
    request: HttpRequest,
    viewer: User,
    patient: Patient,
    form: DetailsForm,
    team_form: TeamForm | None = None,
) -> HttpResponse:
    """The page with these forms; 400 if one of them was refused."""
    context = {
        "patient": patient,
        "form": form,
        "team": [(member, ROLE_NAMES[Role(member.role)]) for member in queries.care_team_of(patient)],
        "team_form": team_form or TeamForm(queries.who_may_care(patient)),
        "identifiers": patient.identifiers.order_by("system", "value"),
        "former": patient.former_details.select_related("replaced_by").order_by("-version"),
        "may_change": _may(viewer, patient, Permission.PATIENT_REGISTER),
        "may_manage_team": _may(viewer, patient, Permission.CARE_TEAM_MANAGE),
    }
    refused = form.errors or (team_form is not None and team_form.errors)
    return render(request, "people/details.html", context, status=400 if refused else 200)


def _may(viewer: User, patient: Patient, permission: Permission) -> bool:
    return queries.holds(viewer, permission, patient)
