"""The schedule of what a patient is asked, and what staff may change about it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.measures import operations, queries
from openkap.apps.measures.asking_forms import AskForm, ChangeForm, PauseForm, SkipForm, WhyForm
from openkap.apps.measures.cadence import active_cadences, standing_of
from openkap.apps.measures.schedule import schedule_of, skippable
from openkap.apps.measures.views.pages import may_enter, note_read, zone_of
from openkap.apps.people.models import Patient
from openkap.apps.people.queries import holds, patient_for
from openkap.apps.people.viewer import viewer_of
from openkap.errors import OpenkapError

USUAL_SPAN = timedelta(days=3)


@requires(Permission.CHART_READ, about_patient=True)
@require_safe
def schedule(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """What was asked and what became of it, what is asked now, and what is to come."""
    viewer, now = viewer_of(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.CHART_READ)
    note_read(viewer, now, patient)
    context = {
        "patient": patient,
        "schedule": schedule_of(patient, now),
        "has_pages": patient.user_id is not None,
        "may_enter": may_enter(viewer, patient),
        "may_change": holds(viewer, Permission.PLAN_WRITE, patient),
        "zone": patient.site.time_zone,
    }
    return render(request, "measures/schedule.html", context)


@requires(Permission.MEASURE_ENTER, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask for one questionnaire now, besides the cadence."""
    viewer, now = viewer_of(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.MEASURE_ENTER)
    today = now.astimezone(zone_of(patient)).date()
    form = AskForm(
        request.POST or None,
        instruments=queries.instruments_for(patient, now),
        initial={"until": today + USUAL_SPAN, "instrument": request.GET.get("instrument", "")},
    )

    def do(data: dict[str, Any]) -> str:
        given = {"instrument_id": data["instrument"], "until": data["until"], "reason": data["reason"]}
        operations.ask_now(by=viewer, now=now, patient=patient, **given)
        return _("Asked. It waits on the patient's page.") if patient.user_id else _("Asked. The task is open.")

    return _changed(request, patient, form, do, title=_("Ask now"))


@requires(Permission.MEASURE_ENTER, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def skip(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Not ask this once. `at` in the address is when what may be skipped opens, or has opened."""
    viewer, now = viewer_of(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.MEASURE_ENTER)
    asks = skippable(patient, now, request.GET.get("at", ""))
    names = [(one.key, one.name) for one in asks]
    form = SkipForm(request.POST or None, asks=names, initial={"asks": [one.key for one in asks]})

    def do(data: dict[str, Any]) -> str:
        days = {one.key: one.day for one in asks if one.key in data["asks"]}
        operations.skip_asks(by=viewer, now=now, patient=patient, days=days, reason=data["reason"])
        return _("Skipped this once.")

    return _changed(request, patient, form, do, title=_("Skip this once"))


@requires(Permission.MEASURE_ENTER, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask nothing for a while; while that holds, let asking go on."""
    viewer, now = viewer_of(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.MEASURE_ENTER)
    is_paused = standing_of(patient, now).changes.pause_at(now) is not None
    form: WhyForm = WhyForm(request.POST or None) if is_paused else PauseForm(request.POST or None)

    def do(data: dict[str, Any]) -> str:
        change = operations.resume_asking if is_paused else operations.pause_asking
        change(by=viewer, now=now, patient=patient, **data)
        return _("Asking goes on.") if is_paused else _("Asking is paused.")

    return _changed(request, patient, form, do, title=_("Go on asking") if is_paused else _("Pause asking"))


@requires(Permission.PLAN_WRITE, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Another record for this patient, or questionnaires left out."""
    viewer, now = viewer_of(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.PLAN_WRITE)
    form = _change_form(request, patient, now)

    def do(data: dict[str, Any]) -> str:
        changed = operations.change_asking(
            by=viewer,
            now=now,
            patient=patient,
            cadence_id=data["cadence"],
            left_out=frozenset(data["left_out"]),
            reason=data["reason"],
        )
        return _("Changed.") if changed else _("It was so already; nothing was changed.")

    return _changed(request, patient, form, do, title=_("Change what is asked"))


def _change_form(request: HttpRequest, patient: Patient, now: datetime) -> ChangeForm:
    standing = standing_of(patient, now)
    known, changes = standing.known.instruments, standing.changes
    asked = {ask.instrument_id for ask in standing.wanted if ask.expires > now} | changes.left_out
    return ChangeForm(
        request.POST or None,
        cadences=active_cadences(standing.known),
        asked=[known[name] for name in sorted(asked) if name in known],
        initial={"cadence": changes.cadence_id, "left_out": sorted(changes.left_out)},
    )


def _changed(
    request: HttpRequest,
    patient: Patient,
    form: forms.Form,
    do: Callable[[dict[str, Any]], str],
    *,
    title: str,
) -> HttpResponse:
    """Do it and go back to the schedule; what is refused is said in the form."""
    if form.is_valid():
        try:
            messages.success(request, do(form.cleaned_data))
        except OpenkapError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return redirect("measures:schedule", patient.public_id)
    if request.method != "POST":
        note_read(viewer_of(request), timezone.now(), patient)
    context = {"patient": patient, "form": form, "title": title}
    return render(request, "measures/asking_form.html", context, status=400 if form.errors else 200)
