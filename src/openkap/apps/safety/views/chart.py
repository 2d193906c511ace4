"""The Safety page of a chart: the level, what is to be done, the decision, the history, the safety plan."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import subject_of
from openkap.apps.people.queries import holds, patient_for
from openkap.apps.people.viewer import viewer_of
from openkap.apps.safety import operations, queries
from openkap.apps.safety.forms import DecisionForm, PlanForm, ResultForm
from openkap.apps.safety.models import Plan
from openkap.apps.safety.rota import duty_at
from openkap.apps.safety.shown import alerts_shown, history_shown, level_shown, plan_shown, steps_shown
from openkap.apps.safety.words import CHOICES, HOLDS
from openkap.apps.sites.rows import new_id
from openkap.core.assessment.suicide_risk import Choice, Hold
from openkap.errors import BadInput, OpenkapError

LONGEST_VERSION = 8  # digits


@requires(Permission.CHART_READ, about_patient=True)
@require_safe
def page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Show it."""
    viewer = viewer_of(request)
    patient = patient_for(viewer, patient_id, Permission.CHART_READ)
    note_read(viewer, patient, "safety")
    return _page(request, viewer, patient)


@requires(Permission.RISK_ASSESS, about_patient=True)
@require_POST
def result(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Keep a clinician's result."""
    viewer = viewer_of(request)
    patient = patient_for(viewer, patient_id, Permission.RISK_ASSESS)
    form = ResultForm(ZoneInfo(patient.site.time_zone), request.POST)
    if form.is_valid():
        try:
            operations.record_result(
                by=viewer,
                now=timezone.now(),
                patient=patient,
                found=form.found(),
                entry_id=form.cleaned_data["entry_id"],
            )
        except BadInput as error:
            form.refuse(error)
        except OpenkapError as error:
            messages.error(request, str(error))
            return redirect("safety:page", patient_id)
        else:
            messages.success(request, _("Kept. The level is worked out anew."))
            return redirect("safety:page", patient_id)
    return _page(request, viewer, patient, result_form=form)


@requires(Permission.RISK_DECIDE, about_patient=True)
@require_POST
def decide(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Sign the decision."""
    viewer = viewer_of(request)
    patient = patient_for(viewer, patient_id, Permission.RISK_DECIDE)
    form = DecisionForm(request.POST)
    if form.is_valid():
        try:
            operations.decide(by=viewer, now=timezone.now(), patient=patient, **form.cleaned_data)
        except BadInput as error:
            form.refuse(error)
        except OpenkapError as error:
            messages.error(request, str(error))
            return redirect("safety:page", patient_id)
        else:
            messages.success(request, _("Signed."))
            return redirect("safety:page", patient_id)
    return _page(request, viewer, patient, decision_form=form)


@requires(Permission.CHART_READ, to_write=Permission.RISK_ASSESS, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The safety plan: GET shows it to be written with the patient or printed; POST keeps a new version."""
    viewer, permission = viewer_of(request), Permission.CHART_READ
    patient = patient_for(viewer, patient_id, permission)
    held = queries.plan_of(patient)
    earlier = _earlier(request, patient)
    form = PlanForm(held, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            operations.write_plan(
                by=viewer,
                now=timezone.now(),
                patient=patient,
                content=form.content(),
                based_on=form.cleaned_data["based_on"],
                together=form.cleaned_data["together"] == "yes",
            )
        except BadInput as error:
            form.refuse(error)
        except OpenkapError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Kept. The patient sees it on their telephone."))
            return redirect("safety:plan", patient_id)
    note_read(viewer, patient, "safety-plan")
    context = {
        "patient": patient,
        "form": form,
        "plan": earlier or held,
        "is_earlier": earlier is not None,
        "review": queries.last_review_of(held) if held else None,
        "sections": plan_shown(earlier or held) if held else [],
        "versions": queries.plans_of(patient),
        "may_assess": _may(viewer, patient, Permission.RISK_ASSESS),
    }
    return render(request, "safety/plan.html", context, status=400 if form.errors else 200)


@requires(Permission.RISK_ASSESS, about_patient=True)
@require_POST
def review(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Note that the plan was gone through with the patient and stands."""
    viewer = viewer_of(request)
    patient = patient_for(viewer, patient_id, Permission.RISK_ASSESS)
    asked = request.POST.get("version", "")
    try:
        version = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < LONGEST_VERSION else 0
        operations.review_plan(by=viewer, now=timezone.now(), patient=patient, version=version)
    except OpenkapError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Noted."))
    return redirect("safety:plan", patient_id)


def _earlier(request: HttpRequest, patient: Patient) -> Plan | None:
    """The version that was asked for instead of the newest."""
    asked = request.GET.get("version", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < LONGEST_VERSION):
        return None
    return queries.plan_version(patient, int(asked))


@transaction.atomic
def note_read(viewer: User, patient: Patient, what: str) -> None:
    """One row of the trail for this request."""
    now, subject = timezone.now(), subject_of(patient)
    audit.record(by=viewer, now=now, action="safety.read", subject=subject, details={"page": what})


def _page(request: HttpRequest, viewer: User, patient: Patient, **forms: Any) -> HttpResponse:
    now = timezone.now()
    zone = ZoneInfo(patient.site.time_zone)
    standing = queries.standing_of(patient)
    held = queries.plan_of(patient)
    open_steps, closed_steps = steps_shown(patient, now)
    context = {
        "patient": patient,
        "standing": standing,
        "level": level_shown(standing.level),
        "hold": HOLDS[standing.hold] if standing.hold else "",
        "decision_words": CHOICES[Choice(standing.decision.choice)] if standing.decision else "",
        "asks_decision": standing.hold is Hold.DECISION_OPEN,
        "open_steps": open_steps,
        "closed_steps": closed_steps,
        "history": history_shown(patient),
        "alerts": alerts_shown(patient),
        "plan": held,
        "sections": plan_shown(held) if held else [],
        "duty": duty_at(patient.site, now),
        "may_assess": _may(viewer, patient, Permission.RISK_ASSESS),
        "may_decide": _may(viewer, patient, Permission.RISK_DECIDE),
        "may_close": _may(viewer, patient, Permission.TASK_WRITE),
        "result_form": ResultForm(
            zone, initial={"assessed_at": now.astimezone(zone).replace(tzinfo=None), "entry_id": new_id()}
        ),
        "decision_form": DecisionForm(),
        "now": now,
    } | forms
    wrong = any(form.errors for form in forms.values())
    return render(request, "safety/page.html", context, status=400 if wrong else 200)


def _may(viewer: User, patient: Patient, permission: Permission) -> bool:
    return holds(viewer, permission, patient)
