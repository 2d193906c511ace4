"""Medical clearance: what is required, how each item stands, and noting results."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.assessment import operations, queries
from openkap.apps.assessment.clearance_forms import (
    DecideForm,
    PressureForm,
    ResultForm,
    WaiveForm,
    WithdrawForm,
)
from openkap.apps.assessment.clearance_shown import (
    ShownItem,
    readings_of,
    roles_in_words,
    shown_items,
    shown_limits,
)
from openkap.apps.assessment.forms import refuse
from openkap.apps.assessment.judging import Judged, judge, scope_of
from openkap.apps.assessment.models import ClearanceResult
from openkap.apps.assessment.operations.clearance import MAY_DECIDE, MAY_READ
from openkap.apps.assessment.permissions import roles_held
from openkap.apps.assessment.views.page import may, note_read
from openkap.apps.chart import queries as chart
from openkap.apps.people import queries as people
from openkap.apps.people.models import Patient
from openkap.apps.people.viewer import viewer_of
from openkap.core.assessment.pressure_limits import pressure_limits
from openkap.errors import NotAllowedNow, OpenkapError
from openkap.knowledge.schema.clearance_item import ClearanceItem

NEWEST = 3


@requires(Permission.CHART_READ, about_patient=True)
@require_safe
def clearance(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Show every item and the blood pressures."""
    viewer = viewer_of(request)
    patient = people.patient_for(viewer, patient_id, Permission.CHART_READ)
    return _page(request, viewer, patient)


@requires(Permission.CHART_READ, to_write=Permission.CHART_WRITE, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, patient_id: UUID, item_id: str) -> HttpResponse:
    """Show one item with its history, and note a result."""
    viewer, now = viewer_of(request), timezone.now()
    needed = Permission.CHART_WRITE if request.method == "POST" else Permission.CHART_READ
    patient = people.patient_for(viewer, patient_id, needed)
    judged = _judged(patient, now)
    record = _record(judged, item_id)
    if request.method != "POST":
        return _item_page(request, viewer, patient, record.id)
    form = ResultForm(record, judged.on, request.POST)

    def act() -> str:
        operations.record_results(by=viewer, now=now, patient=patient, entries=[form.entry()])
        return _("Saved.")

    return _done(request, patient, form, act) or _item_page(
        request, viewer, patient, record.id, result_form=form
    )


@requires(Permission.CHART_WRITE, about_patient=True)
@require_POST
def pressures(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Note a series of blood pressures."""
    viewer, now = viewer_of(request), timezone.now()
    patient = people.patient_for(viewer, patient_id, Permission.CHART_WRITE)
    form = PressureForm(patient.site.time_zone, now, request.POST)

    def act() -> str:
        operations.record_pressures(
            by=viewer,
            now=now,
            patient=patient,
            readings=form.readings(),
            position=form.cleaned_data["position"],
            arm=form.cleaned_data["arm"],
            rest_minutes=form.cleaned_data["rest_minutes"],
        )
        return _("Saved %(n)d readings.") % {"n": len(form.readings())}

    return _done(request, patient, form, act) or _page(request, viewer, patient, pressure_form=form)


@requires(Permission.ASSESS, about_patient=True)
@require_POST
def decide(request: HttpRequest, patient_id: UUID, result_id: UUID) -> HttpResponse:
    """Decide on an abnormal result."""
    viewer, patient, result = _of_result(request, patient_id, result_id, Permission.ASSESS)
    form = DecideForm(request.POST)

    def act() -> str:
        operations.decide_result(by=viewer, now=timezone.now(), result=result, **form.cleaned_data)
        return _("The decision is kept.")

    return _done(request, patient, form, act) or _item_page(
        request, viewer, patient, result.item_id, decide_form=form
    )


@requires(Permission.CHART_WRITE, about_patient=True)
@require_POST
def withdraw(request: HttpRequest, patient_id: UUID, result_id: UUID) -> HttpResponse:
    """Say that a result was entered in error."""
    viewer, patient, result = _of_result(request, patient_id, result_id, Permission.CHART_WRITE)
    form = WithdrawForm(request.POST)

    def act() -> str:
        operations.withdraw_result(by=viewer, now=timezone.now(), result=result, **form.cleaned_data)
        return _("Taken back. It stays in the history as entered in error.")

    return _done(request, patient, form, act) or _item_page(
        request, viewer, patient, result.item_id, withdraw_form=form
    )


@requires(Permission.ASSESS, about_patient=True)
@require_POST
def waive(request: HttpRequest, patient_id: UUID, item_id: str) -> HttpResponse:
    """Go on without an item."""
    viewer, now = viewer_of(request), timezone.now()
    patient = people.patient_for(viewer, patient_id, Permission.ASSESS)
    form = WaiveForm(request.POST)

    def act() -> str:
        episode = queries.current_episode(patient)
        if episode is None:
            raise NotAllowedNow(_("Set the indication first."))
        operations.waive_item(by=viewer, now=now, episode=episode, item_id=item_id, **form.cleaned_data)
        return _("Waived. It is shown ever after.")

    _record(_judged(patient, now), item_id)
    return _done(request, patient, form, act) or _item_page(request, viewer, patient, item_id, waive_form=form)


@requires(Permission.ASSESS, about_patient=True)
@require_POST
def end_waiver(request: HttpRequest, patient_id: UUID, waiver_id: UUID) -> HttpResponse:
    """Take a waiver back."""
    viewer = viewer_of(request)
    patient = people.patient_for(viewer, patient_id, Permission.ASSESS)
    waiver = queries.waiver_of(patient, waiver_id)
    operations.end_waiver(by=viewer, now=timezone.now(), waiver=waiver)
    messages.success(request, _("Taken back. The item is asked for again."))
    return _back(patient)


def _page(
    request: HttpRequest, viewer: User, patient: Patient, pressure_form: PressureForm | None = None
) -> HttpResponse:
    now = timezone.now()
    note_read(viewer, now, patient)
    episode = queries.current_episode(patient)
    points = readings_of(patient)
    context: dict[str, Any] = {
        "patient": patient,
        "episode": episode,
        "waivers": queries.waivers_of(patient),
        "points": points,
        "newest": points[: -NEWEST - 1 : -1],
        "may_measure": may(viewer, patient, Permission.CHART_WRITE),
        "pressure_form": pressure_form or PressureForm(patient.site.time_zone, now),
    }
    if episode is not None:
        context |= _of_episode(patient, judge(patient, scope_of(episode), now))
    return render(request, "assessment/clearance.html", context, status=400 if pressure_form else 200)


def _of_episode(patient: Patient, judged: Judged) -> dict[str, Any]:
    items = shown_items(patient, judged.clearance, judged.on)
    groups: dict[str, list[ShownItem]] = {}
    for one in items:
        groups.setdefault(one.group, []).append(one)
    facts = chart.facts_for(patient, judged.on)
    age = _age(patient, judged.on)
    return {
        "judged": judged,
        "groups": groups,
        "lacking": [one for one in items if not one.state.counts],
        "limits": shown_limits(pressure_limits(facts, judged.knowledge, judged.scope, age)),
    }


def _age(patient: Patient, on: date) -> int:
    return relativedelta(on, patient.birth_date).years


def _item_page(
    request: HttpRequest, viewer: User, patient: Patient, item_id: str, **refused: forms.Form
) -> HttpResponse:
    """One item; `refused` are forms that come back with their errors, by the name the template gives them."""
    now = timezone.now()
    note_read(viewer, now, patient)
    judged = _judged(patient, now)
    record = _record(judged, item_id)
    shown = next(one for one in shown_items(patient, judged.clearance, judged.on) if one.id == item_id)
    reads = bool(roles_held(viewer, patient, MAY_READ)) and may(viewer, patient, Permission.CHART_WRITE)
    context: dict[str, Any] = {
        "patient": patient,
        "one": shown,
        "item": record,
        "history": queries.clearance_history(patient, item_id),
        "waivers": queries.waivers_of(patient).filter(item_id=item_id),
        "may_read": reads and record.needs_reading,
        "may_decide": bool(roles_held(viewer, patient, MAY_DECIDE)) and may(viewer, patient, Permission.ASSESS),
        "waiver_roles": roles_in_words(record.waiver.roles),
        "result_form": ResultForm(record, judged.on),
        "decide_form": DecideForm(),
        "withdraw_form": WithdrawForm(),
        "waive_form": WaiveForm(),
    }
    return render(request, "assessment/clearance_item.html", context | refused, status=400 if refused else 200)


def _judged(patient: Patient, now: datetime) -> Judged:
    """As of now for the current episode. Without one there is nothing to be cleared for."""
    judged = queries.assessment_of(patient, now)
    if judged is None:
        raise Http404
    return judged


def _record(judged: Judged, item_id: str) -> ClearanceItem:
    found = judged.knowledge.clearance_items.get(item_id)
    if found is None:
        raise Http404
    return found


def _of_result(
    request: HttpRequest, patient_id: UUID, result_id: UUID, permission: Permission
) -> tuple[User, Patient, ClearanceResult]:
    viewer = viewer_of(request)
    patient = people.patient_for(viewer, patient_id, permission)
    _judged(patient, timezone.now())
    return viewer, patient, queries.clearance_result_of(patient, result_id)


def _done(
    request: HttpRequest, patient: Patient, form: forms.Form, act: Callable[[], str]
) -> HttpResponse | None:
    """Act on a valid form and go back to the list; nothing when the form has to be shown again."""
    if form.is_valid():
        try:
            messages.success(request, act())
        except OpenkapError as error:
            refuse(form, error)
        else:
            return _back(patient)
    return None


def _back(patient: Patient) -> HttpResponse:
    return HttpResponseRedirect(reverse("assessment:clearance", args=[patient.public_id]))
