"""What is done on the assessment page."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.assessment import operations, queries
from openkap.apps.assessment.forms import (
    AnswersForm,
    DecisionForm,
    EndForm,
    IndicationForm,
    NoteForm,
    OverrideForm,
    refuse,
)
from openkap.apps.assessment.judging import judge, scope_of
from openkap.apps.assessment.models import Episode
from openkap.apps.assessment.shown import further_signs, open_questions
from openkap.apps.assessment.views.page import page
from openkap.apps.chart.operations import record_answer
from openkap.apps.people import queries as people
from openkap.apps.people.models import Patient
from openkap.apps.people.viewer import viewer_of
from openkap.errors import NotAllowedNow, OpenkapError


@requires(Permission.ASSESS, about_patient=True)
@require_POST
def indication(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Set what is to be treated, and how."""
    viewer, patient = _who(request, patient_id, Permission.ASSESS)
    form = IndicationForm(request.POST)

    def act() -> str:
        operations.set_indication(by=viewer, now=timezone.now(), patient=patient, **form.cleaned_data)
        return _("The indication is set.")

    return _done(request, viewer, patient, {"indication_form": form}, act)


@requires(Permission.CHART_WRITE, about_patient=True)
@require_POST
def answers(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Note answers to open questions; all of them or none."""
    viewer, patient = _who(request, patient_id, Permission.CHART_WRITE)
    now = timezone.now()
    episode = queries.current_episode(patient)
    judged = judge(patient, scope_of(episode), now) if episode else None
    questions = open_questions(judged) if judged else {}
    form = AnswersForm(questions, judged.on if judged else now.date(), request.POST)

    @transaction.atomic
    def act() -> str:
        given = form.answered()
        for concept, reply in given.items():
            record_answer(
                by=viewer,
                now=now,
                patient=patient,
                concept=concept,
                reply=reply,
                asked_on=form.cleaned_data["asked_on"],
                note=form.cleaned_data["note"],
            )
        return _("Saved %(n)d answers.") % {"n": len(given)}

    return _done(request, viewer, patient, {"answers_form": form}, act)


@requires(Permission.CHART_WRITE, about_patient=True)
@require_POST
def note(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Note a sign that nobody asked for."""
    viewer, patient = _who(request, patient_id, Permission.CHART_WRITE)
    now = timezone.now()
    episode = queries.current_episode(patient)
    judged = judge(patient, scope_of(episode), now) if episode else None
    signs = further_signs(judged) if judged else {}
    form = NoteForm(signs, judged.on if judged else now.date(), request.POST)

    def act() -> str:
        record_answer(by=viewer, now=now, patient=patient, **form.cleaned_data)
        return _("Saved.")

    return _done(request, viewer, patient, {"note_form": form}, act)


@requires(Permission.ASSESS, about_patient=True)
@require_POST
def override(request: HttpRequest, patient_id: UUID, rule_id: str) -> HttpResponse:
    """Set a finding aside."""
    viewer, patient = _who(request, patient_id, Permission.ASSESS)
    form = OverrideForm(rule_id, request.POST)

    def act() -> str:
        operations.override_finding(
            by=viewer,
            now=timezone.now(),
            episode=_episode(patient),
            rule_id=rule_id,
            reason=form.cleaned_data["reason"],
            expires_on=form.cleaned_data["expires_on"],
        )
        return _("Set aside. It is shown ever after.")

    return _done(request, viewer, patient, {"refused_override": form}, act)


@requires(Permission.ASSESS, about_patient=True)
@require_POST
def end_override(request: HttpRequest, patient_id: UUID, override_id: UUID) -> HttpResponse:
    """Take an override back."""
    viewer, patient = _who(request, patient_id, Permission.ASSESS)

    def act() -> str:
        taken_back = queries.override_of(patient, override_id)
        operations.end_override(by=viewer, now=timezone.now(), override=taken_back)
        return _("Taken back. The finding stands again.")

    return _done(request, viewer, patient, {}, act)


@requires(Permission.ASSESS, about_patient=True)
@require_POST
def decision(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Sign what was decided."""
    viewer, patient = _who(request, patient_id, Permission.ASSESS)
    form = DecisionForm(request.POST)

    def act() -> str:
        operations.sign_assessment(
            by=viewer, now=timezone.now(), episode=_episode(patient), **form.cleaned_data
        )
        return _("Signed.")

    return _done(request, viewer, patient, {"decision_form": form}, act)


@requires(Permission.ASSESS, about_patient=True)
@require_POST
def end(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """End the episode."""
    viewer, patient = _who(request, patient_id, Permission.ASSESS)
    form = EndForm(request.POST)

    def act() -> str:
        reason = form.cleaned_data["reason"]
        operations.end_episode(by=viewer, now=timezone.now(), episode=_episode(patient), reason=reason)
        return _("The episode has ended.")

    return _done(request, viewer, patient, {"end_form": form}, act)


def _who(request: HttpRequest, patient_id: UUID, permission: Permission) -> tuple[User, Patient]:
    viewer = viewer_of(request)
    return viewer, people.patient_for(viewer, patient_id, permission)


def _episode(patient: Patient) -> Episode:
    episode = queries.current_episode(patient)
    if episode is None:
        raise NotAllowedNow(_("Set the indication first."))
    return episode


def _done(
    request: HttpRequest, viewer: User, patient: Patient, asked: dict[str, forms.Form], act: Callable[[], str]
) -> HttpResponse:
    """Act on a valid form and go back to the page; else show the page with what is wrong."""
    if all(form.is_valid() for form in asked.values()):
        try:
            messages.success(request, act())
        except OpenkapError as error:
            for form in asked.values():
                refuse(form, error)
            if not asked or "refused_override" in asked:  # its form may be gone from the page
                messages.error(request, str(error))
    if any(form.errors for form in asked.values()):
        return page(request, viewer, timezone.now(), patient, **asked)  # type: ignore[arg-type]  # by name
    return HttpResponseRedirect(reverse("assessment:page", args=[patient.public_id]))
