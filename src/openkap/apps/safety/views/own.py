"""The patient's own safety plan, on the telephone."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.people.operations import subject_of
from openkap.apps.people.queries import own_patient
from openkap.apps.people.viewer import viewer_of
from openkap.apps.safety import queries
from openkap.apps.safety.shown import plan_shown


@requires(Permission.OWN_RECORD)
@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """What I do when it gets dangerous, in my words."""
    user = viewer_of(request)
    patient = own_patient(user)
    held = queries.plan_of(patient)
    with transaction.atomic():
        audit.record(by=user, now=timezone.now(), action="safety.read-plan", subject=subject_of(patient))
    context = {
        "nav": "help",
        "plan": held,
        "review": queries.last_review_of(held) if held else None,
        "sections": plan_shown(held) if held else [],
    }
    return render(request, "safety/own_plan.html", context)
