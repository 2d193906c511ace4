"""Entering, correcting and taking back problems, medicines, allergies and procedures."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.chart import operations, queries
from openkap.apps.chart.entry_forms import CorrectForm, EntryForm, WithdrawForm, initial_of
from openkap.apps.chart.models import ChartFact
from openkap.apps.chart.operations.by_hand import KINDS
from openkap.apps.chart.terms import is_recognised, terms_for
from openkap.apps.chart.views.record import note_read
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people import queries as people
from openkap.apps.people.models import Patient
from openkap.apps.people.viewer import viewer_of
from openkap.errors import OpenkapError

TITLES: dict[str, str | Promise] = {
    "problem": gettext_lazy("Add a problem"),
    "medicine": gettext_lazy("Add a medicine"),
    "allergy": gettext_lazy("Add an allergy"),
    "procedure": gettext_lazy("Add a procedure"),
}


@requires(Permission.CHART_WRITE, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, patient_id: UUID, kind: str) -> HttpResponse:
    """Enter something."""
    viewer, now, patient = _who(request, patient_id, kind)
    form = EntryForm(kind, knowledge_for(patient.site, now), request.POST or None)

    def act() -> ChartFact:
        return operations.record_fact(by=viewer, now=now, patient=patient, entry=form.entry())

    return _done(request, patient, now, form, act) or _page(request, viewer, patient, form)


@requires(Permission.CHART_WRITE, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, patient_id: UUID, kind: str, fact_id: UUID) -> HttpResponse:
    """Say what an entry should have been, or has become."""
    viewer, now, patient = _who(request, patient_id, kind)
    fact = queries.fact_of(patient, kind, fact_id)
    form = CorrectForm(kind, knowledge_for(patient.site, now), request.POST or None, initial=initial_of(fact))

    def act() -> ChartFact:
        reason = form.cleaned_data["reason"]
        return operations.correct_fact(by=viewer, now=now, fact=fact, entry=form.entry(), reason=reason)

    return _done(request, patient, now, form, act) or _page(request, viewer, patient, form, fact=fact)


@requires(Permission.CHART_WRITE, about_patient=True)
@require_POST
def withdraw(request: HttpRequest, patient_id: UUID, kind: str, fact_id: UUID) -> HttpResponse:
    """Say that an entry was made in error."""
    viewer, now, patient = _who(request, patient_id, kind)
    fact = queries.fact_of(patient, kind, fact_id)
    form = WithdrawForm(request.POST)
    if form.is_valid():
        try:
            operations.withdraw_fact(by=viewer, now=now, fact=fact, reason=form.cleaned_data["reason"])
        except OpenkapError as error:
            form.add_error("reason", str(error))
        else:
            messages.success(request, _("Taken back. It stays in the history as entered in error."))
            return _back(patient)
    again = CorrectForm(kind, knowledge_for(patient.site, now), initial=initial_of(fact))
    return _page(request, viewer, patient, again, fact=fact, withdraw_form=form)


@requires(Permission.CHART_WRITE, about_patient=True)
@require_POST
def no_allergies(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """State that no allergy is known."""
    viewer = viewer_of(request)
    patient = people.patient_for(viewer, patient_id, Permission.CHART_WRITE)
    try:
        operations.state_no_allergies(by=viewer, now=timezone.now(), patient=patient, source="patient")
    except OpenkapError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Noted today, under your name: no known allergies."))
    return _back(patient)


def _who(request: HttpRequest, patient_id: UUID, kind: str) -> tuple[User, datetime, Patient]:
    viewer = viewer_of(request)
    patient = people.patient_for(viewer, patient_id, Permission.CHART_WRITE)
    if kind not in KINDS:
        raise Http404
    return viewer, timezone.now(), patient


def _done(
    request: HttpRequest, patient: Patient, now: datetime, form: EntryForm, act: Callable[[], ChartFact]
) -> HttpResponse | None:
    """Act on a valid form and go back to the record; nothing when the form has to be shown."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        fact = act()
    except OpenkapError as error:
        form.refuse(error)
        return None
    messages.success(request, _("Saved."))
    today = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    if not is_recognised(form.knowledge, queries.facts_of_entry(fact, today)):
        messages.warning(
            request, _("No rule knows this entry. It is listed as not recognised: look at it yourself.")
        )
    return _back(patient)


def _page(
    request: HttpRequest,
    viewer: User,
    patient: Patient,
    form: EntryForm,
    **more: Any,
) -> HttpResponse:
    """The form; with `fact` it corrects that entry; a `withdraw_form` comes back with its errors."""
    note_read(viewer, timezone.now(), patient)
    refused = bool(form.errors) or "withdraw_form" in more
    context = {
        "patient": patient,
        "form": form,
        "title": _("Correct an entry") if "fact" in more else TITLES[form.kind],
        "kind": form.kind,
        "terms": terms_for(form.knowledge, form.kind),
        "withdraw_form": WithdrawForm(),
    }
    return render(request, "chart_record/entry.html", context | more, status=400 if refused else 200)


def _back(patient: Patient) -> HttpResponse:
    return HttpResponseRedirect(reverse("chart:record", args=[patient.public_id]))
