"""The plan of a patient: choosing a protocol, looking at its dated visits before starting, then the visits."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.assessment import queries as assessment
from openkap.apps.audit import operations as audit
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import subject_of
from openkap.apps.people.queries import holds, patient_for
from openkap.apps.planning import operations, queries
from openkap.apps.planning.forms import AnywayForm, PlanForm, ReasonForm
from openkap.apps.planning.states import PlanState
from openkap.apps.planning.words import dose_words, preview_row, row_of, said, verification_words
from openkap.core.planning import PlannedVisit
from openkap.errors import OpenkapError
from openkap.knowledge.schema.protocol import Protocol


@requires(Permission.CHART_READ, to_write=Permission.PLAN_WRITE, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    viewer, now = _viewer(request), timezone.now()
    needed = Permission.PLAN_WRITE if request.method == "POST" else Permission.CHART_READ
    patient = patient_for(viewer, patient_id, needed)
    if request.method == "POST":
        return _choose(request, viewer, patient, now)
    _note_reading(viewer, patient, now)
    found = queries.current_plan(patient)
    again = request.GET.get("new") == "1" and (found is None or found.state != PlanState.ACTIVE.value)
    if found is None or again:
        return _choosing(request, viewer, patient, now)
    context = _shown(viewer, patient, now)
    return render(request, "planning/plan.html", context)


@requires(Permission.CHART_READ, to_write=Permission.PLAN_WRITE, about_patient=True)
@require_POST
def stop(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    viewer = _viewer(request)
    patient = patient_for(viewer, patient_id, Permission.PLAN_WRITE)
    form, found = ReasonForm(request.POST), queries.current_plan(patient)
    if found is None or not form.is_valid():
        messages.error(request, _("Say why the plan is stopped."))
    else:
        try:
            operations.stop_plan(by=viewer, now=timezone.now(), plan=found, reason=form.cleaned_data["reason"])
            messages.success(request, _("The plan is stopped; what was ahead is cancelled."))
        except OpenkapError as error:
            messages.error(request, str(error))
    return HttpResponseRedirect(reverse("planning:plan", args=[patient_id]))


def _choose(request: HttpRequest, viewer: User, patient: Patient, now: datetime) -> HttpResponse:
    """Show the dated visits first; start only when they were looked at."""
    form = _form(patient, now, request)
    if not form.is_valid():
        return _choosing(request, viewer, patient, now, form)
    protocol_id, start, choices = form.cleaned_data["protocol"], form.cleaned_data["start"], form.choices()
    anyway = AnywayForm(request.POST)
    visits: Sequence[PlannedVisit] = ()
    try:
        visits = queries.preview_for(patient, now, protocol_id, start, choices).visits
        if request.POST.get("step") == "start":
            operations.start_plan(
                by=viewer, now=now, patient=patient, protocol_id=protocol_id, start=start, choices=choices,
                override_reason=anyway.reason(),
            )  # fmt: skip
            messages.success(request, _("The plan has started."))
            return HttpResponseRedirect(reverse("planning:plan", args=[patient.public_id]))
    except OpenkapError as error:
        if error.field in anyway.fields:
            anyway.add_error(error.field, str(error))
        else:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            return _choosing(request, viewer, patient, now, form)
    return _previewed(request, patient, now, visits, (form, anyway))


def _previewed(
    request: HttpRequest,
    patient: Patient,
    now: datetime,
    visits: Sequence[PlannedVisit],
    forms: tuple[PlanForm, AnywayForm],
) -> HttpResponse:
    """The dated visits; without a decision that holds, a reason to go on is asked for too."""
    form, anyway = forms
    protocol_id = form.cleaned_data["protocol"]
    episode = assessment.current_episode(patient)
    decided = assessment.may_be_planned(episode, now) if episode else assessment.Planning.UNDECIDED
    protocol = next(o.protocol for o in _offered(patient, now) if o.protocol.id == protocol_id)
    rows = [(visit, preview_row(visit, protocol)) for visit in visits]
    context = {
        "patient": patient,
        "form": form,
        "rows": rows,
        "protocol": _described(protocol),
        "doses": protocol.dose_count,
        "decided": decided.value,
        "anyway_form": anyway if anyway.errors else AnywayForm(),
    }
    return render(request, "planning/preview.html", context, status=422 if anyway.errors else 200)


def _choosing(
    request: HttpRequest, viewer: User, patient: Patient, now: datetime, form: PlanForm | None = None
) -> HttpResponse:
    offered = _offered(patient, now)
    context = {
        "patient": patient,
        "episode": assessment.current_episode(patient),
        "form": form or _form(patient, now),
        "offered": [(one, _described(one.protocol)) for one in offered],
        "may_plan": holds(viewer, Permission.PLAN_WRITE, patient),
        "any_active": any(one.active for one in offered),
    }
    return render(request, "planning/choose.html", context, status=422 if form and form.errors else 200)


def _form(patient: Patient, now: datetime, request: HttpRequest | None = None) -> PlanForm:
    protocols = [(one.protocol.id, said(one.protocol.title)) for one in _offered(patient, now) if one.active]
    today = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    if request is not None:
        return PlanForm(request.POST, protocols=protocols)
    return PlanForm(protocols=protocols, initial={"start": today})


def _offered(patient: Patient, now: datetime) -> list[queries.OfferedProtocol]:
    episode = assessment.current_episode(patient)
    return queries.offered_protocols(patient.site, now, episode.indication if episode else "")


def _described(protocol: Protocol) -> dict[str, object]:
    """A protocol as the pages show it: what it says, and what that rests on."""
    window = protocol.integration_window
    return {
        "record": protocol,
        "title": said(protocol.title),
        "evidence": said(protocol.evidence_note),
        "stop_rules": [said(rule) for rule in protocol.stop_rules],
        "basis": [
            (said(part.statement), part.source, verification_words(part.verification))
            for part in protocol.basis
        ],
        "window_rests_on": said(window.rests_on),
        "dose": dose_words(protocol),
        "per_week": max(phase.per_week for phase in protocol.phases),
        "phases": [(said(phase.name), phase.doses, phase.per_week) for phase in protocol.phases],
    }


def _shown(viewer: User, patient: Patient, now: datetime) -> dict[str, object]:
    found = queries.current_plan(patient)
    assert found is not None  # noqa: S101  the caller looked
    protocol = queries.protocol_of(found)
    today = now.astimezone(ZoneInfo(found.time_zone)).date()
    day, days = queries.plan_days(found, today)
    return {
        "patient": patient,
        "plan": found,
        "protocol": _described(protocol),
        "rows": [(visit, row_of(visit, protocol, now)) for visit in queries.visits_in(found)],
        "day": day,
        "days": days,
        "active": found.state == PlanState.ACTIVE.value,
        "earlier": [
            (one, said(queries.protocol_of(one).title))
            for one in queries.plans_of(patient).exclude(pk=found.pk)
        ],
        "may_plan": holds(viewer, Permission.PLAN_WRITE, patient),
        "stop_form": ReasonForm(auto_id="stop_%s"),
    }


def _note_reading(viewer: User, patient: Patient, now: datetime) -> None:
    with transaction.atomic():
        audit.record(by=viewer, now=now, action="planning.read", subject=subject_of(patient))


def _viewer(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the policy let only users through
    return request.user
