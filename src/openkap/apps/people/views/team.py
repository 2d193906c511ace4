"""Opening a chart to members of staff, and closing it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from openkap.apps.access import queries as access
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.people import operations, queries
from openkap.apps.people.details import details_of
from openkap.apps.people.forms import DetailsForm, TeamForm
from openkap.apps.people.viewer import viewer_of
from openkap.apps.people.views.details import page
from openkap.errors import OpenkapError


@requires(Permission.CARE_TEAM_MANAGE, about_patient=True)
@require_POST
def add(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Add somebody to the care team."""
    viewer = viewer_of(request)
    patient = queries.patient_for(viewer, patient_id, Permission.CARE_TEAM_MANAGE)
    form = TeamForm(queries.who_may_care(patient), request.POST)
    if form.is_valid():
        person, role = form.chosen()
        try:
            member = operations.add_to_care_team(
                by=viewer,
                now=timezone.now(),
                patient=patient,
                user=access.user_named(person),
                role=role,
            )
        except OpenkapError as error:
            form.add_error("member", str(error))
        else:
            messages.success(request, _("%(name)s can now open this chart.") % {"name": member.user})
            return HttpResponseRedirect(f"/patients/{patient.public_id}/details/")
    return page(request, viewer, patient, DetailsForm(initial=vars(details_of(patient))), form)


@requires(Permission.CARE_TEAM_MANAGE, about_patient=True)
@require_POST
def end(request: HttpRequest, patient_id: UUID, member_id: UUID) -> HttpResponse:
    """End somebody's place in the care team."""
    viewer = viewer_of(request)
    patient = queries.patient_for(viewer, patient_id, Permission.CARE_TEAM_MANAGE)
    try:
        member = queries.team_member(patient, member_id)
        operations.end_in_care_team(by=viewer, now=timezone.now(), member=member)
    except OpenkapError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(name)s can no longer open this chart.") % {"name": member.user})
    return HttpResponseRedirect(f"/patients/{patient.public_id}/details/")
