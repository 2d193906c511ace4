"""Which therapy suits this person, and why; who decides, signs."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.assessment import matching, queries
from openkap.apps.assessment.forms import refuse
from openkap.apps.assessment.method_forms import ChoiceForm, InterviewForm
from openkap.apps.assessment.method_shown import choices_shown, method_page
from openkap.apps.assessment.operations import method as operations
from openkap.apps.audit import operations as audit
from openkap.apps.people import operations as people_operations
from openkap.apps.people import queries as people
from openkap.apps.people.models import Patient
from openkap.apps.people.viewer import viewer_of
from openkap.errors import NotAllowedNow, OpenkapError


@requires(Permission.CHART_READ, about_patient=True)
@require_safe
def method(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The methods with their reasons, as of now."""
    viewer, now = viewer_of(request), timezone.now()
    patient = people.patient_for(viewer, patient_id, Permission.CHART_READ)
    return _page(request, viewer, now, patient)


@requires(Permission.MEASURE_ENTER, about_patient=True)
@require_POST
def interview(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Keep what the patient said in the interview."""
    viewer, now = viewer_of(request), timezone.now()
    patient = people.patient_for(viewer, patient_id, Permission.MEASURE_ENTER)
    form = InterviewForm(matching.table_for(patient, now), request.POST)

    def act() -> str:
        operations.record_method_interview(
            by=viewer,
            now=now,
            patient=patient,
            ratings=form.ratings(),
            asked_on=form.cleaned_data["asked_on"],
        )
        return _("Saved. The methods are weighed anew.")

    return _done(request, patient, act, interview_form=form)


@requires(Permission.MEASURE_ENTER, about_patient=True)
@require_POST
def choose(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Sign the method that therapy begins with."""
    viewer, now = viewer_of(request), timezone.now()
    patient = people.patient_for(viewer, patient_id, Permission.MEASURE_ENTER)
    form = ChoiceForm(matching.table_for(patient, now), request.POST)

    def act() -> str:
        episode = queries.current_episode(patient)
        if episode is None:
            raise NotAllowedNow(_("Set the indication first."))
        operations.choose_method(
            by=viewer,
            now=now,
            episode=episode,
            method_id=form.cleaned_data["method"],
            reason=form.cleaned_data["reason"],
        )
        return _("Signed. Therapy notes begin with this method.")

    return _done(request, patient, act, choice_form=form)


def _done(
    request: HttpRequest, patient: Patient, act: Callable[[], str], **forms_sent: forms.Form
) -> HttpResponse:
    """Act on a valid form and go back to the page; else show the page with what is wrong."""
    (form,) = forms_sent.values()
    if form.is_valid():
        try:
            messages.success(request, act())
            return HttpResponseRedirect(reverse("assessment:method", args=[patient.public_id]))
        except OpenkapError as error:
            refuse(form, error)
    return _page(request, viewer_of(request), timezone.now(), patient, **forms_sent)


def _page(
    request: HttpRequest, viewer: User, now: datetime, patient: Patient, **refused: forms.Form
) -> HttpResponse:
    _note_read(viewer, now, patient)
    matched = matching.match_for(patient, now)
    episode = queries.current_episode(patient)
    choices = matching.choices_of(patient)
    asked = matched.interview.ratings if matched.interview else {}
    context: dict[str, Any] = {
        "patient": patient,
        "episode": episode,
        "page": method_page(patient, matched, now),
        "choices": choices_shown(choices),
        "may_note": _may(viewer, patient, Permission.MEASURE_ENTER),
        "may_choose": episode is not None
        and (_may(viewer, patient, Permission.THERAPY_WRITE) or _may(viewer, patient, Permission.ASSESS)),
        "interview_form": InterviewForm(matched.table, initial=asked),
        "choice_form": ChoiceForm(
            matched.table, initial={"method": matched.best.method if matched.best else ""}
        ),
    }
    return render(request, "assessment/method/page.html", context | refused, status=400 if refused else 200)


@transaction.atomic
def _note_read(viewer: User, now: datetime, patient: Patient) -> None:
    subject = people_operations.subject_of(patient)
    audit.record(by=viewer, now=now, action="assessment.read-method", subject=subject)


def _may(viewer: User, patient: Patient, permission: Permission) -> bool:
    return people.holds(viewer, permission, patient)
