"""The step 'Consent' of the assessment: how it stands, offering a text, and one consent in full."""

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
from openkap.apps.assessment import queries as assessment
from openkap.apps.assessment.models import Episode
from openkap.apps.audit import operations as audit
from openkap.apps.consent import operations, queries
from openkap.apps.consent.forms import (
    AnswerForm,
    CountersignForm,
    OfferForm,
    ReasonForm,
    WithdrawForm,
    refuse,
)
from openkap.apps.consent.models import Consent
from openkap.apps.consent.operations.offering import text_for
from openkap.apps.consent.paper import blank_pdf, signed_pdf
from openkap.apps.consent.shown import addenda_of, consent_shown, standing_note, why_not_offered
from openkap.apps.consent.states import may
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import subject_of
from openkap.apps.people.queries import holds, patient_for
from openkap.apps.people.viewer import viewer_of
from openkap.errors import NotAllowedNow, NotFound, OpenkapError


@requires(Permission.CHART_READ, about_patient=True)
@require_safe
def step(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """How consent stands for what is planned, and what was signed before."""
    viewer, patient = _who(request, patient_id, Permission.CHART_READ)
    return _page(request, viewer, patient, timezone.now())


def _page(
    request: HttpRequest, viewer: User, patient: Patient, now: datetime, form: OfferForm | None = None
) -> HttpResponse:
    _note(viewer, now, patient, "consent.read")
    episode = assessment.current_episode(patient)
    consents = list(queries.consents_of(patient))
    context: dict[str, Any] = {
        "patient": patient,
        "episode": episode,
        "consents": consents,
        "may_take": _may(viewer, patient, Permission.CONSENT_TAKE),
    }
    if episode is not None:
        standing = queries.standing_of(patient, episode.drug, episode.route, now)
        opened = queries.open_consent(patient, episode.drug, episode.route)
        context |= {
            "standing": standing,
            "standing_note": standing_note(standing),
            "valid": next((c for c in consents if c.public_id == standing.consent_id and c.valid_until), None),
            "open": consent_shown(opened, now) if opened else None,
            "signing_opens_at": queries.signing_opens_at(patient, now),
            "why_not": why_not_offered(episode, now),
            "form": form or _offer_form(episode, now),
        }
    return render(request, "consent/step.html", context, status=422 if form else 200)


def _offer_form(episode: Episode, now: datetime, data: Any = None) -> OfferForm:
    addenda = addenda_of(episode, now)
    initial = {"addenda": [one.template.id for one in addenda if one.suggested], "place": "tablet"}
    rows = [(one.template, one.title, one.when) for one in addenda]
    return OfferForm(rows, data, initial=initial, has_portal=episode.patient.user_id is not None)


@requires(Permission.CONSENT_TAKE, about_patient=True)
@require_POST
def offer(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Offer the text; on the tablet, go on to reading it."""
    viewer, patient = _who(request, patient_id, Permission.CONSENT_TAKE)
    now, episode = timezone.now(), assessment.current_episode(patient)
    if episode is None:
        raise NotAllowedNow(_("Set the indication first."))
    form = _offer_form(episode, now, request.POST)
    if form.is_valid():
        try:
            consent = operations.offer(by=viewer, now=now, patient=patient, **form.cleaned_data)
        except OpenkapError as error:
            refuse(form, error)
        else:
            messages.success(request, _("The text is offered."))
            return _to("consent:step" if consent.is_portal else "consent:read", consent)
    return _page(request, viewer, patient, now, form)


@requires(Permission.CONSENT_TAKE, about_patient=True)
@require_safe
def blank(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The form to print and sign by hand, in the language asked for."""
    viewer, patient = _who(request, patient_id, Permission.CONSENT_TAKE)
    now, episode = timezone.now(), assessment.current_episode(patient)
    if episode is None:
        raise NotAllowedNow(_("Set the indication first."))
    asked = request.GET.getlist("addenda")
    text, _version = text_for(patient, episode, request.GET.get("language", "en"), asked, now)
    made = blank_pdf(patient, text, now)
    _note(viewer, now, patient, "consent.print-blank")
    return _pdf(made, f"consent-blank-{patient.record_number}.pdf")


@requires(Permission.CHART_READ, about_patient=True)
@require_safe
def record(request: HttpRequest, patient_id: UUID, consent_id: UUID) -> HttpResponse:
    """One consent in full: the text, what was read, asked, understood and signed."""
    viewer = viewer_of(request)
    consent = _consent(viewer, patient_id, consent_id, Permission.CHART_READ)
    return _record(request, viewer, consent, timezone.now())


def _record(
    request: HttpRequest, viewer: User, consent: Consent, now: datetime, **refused: forms.Form
) -> HttpResponse:
    patient = consent.patient
    _note(viewer, now, patient, "consent.read")
    questions = consent.document["questions"]
    context: dict[str, Any] = {
        "patient": patient,
        "consent": consent,
        "shown": consent_shown(consent, now),
        "sections": queries.sections_of(consent),
        "understanding": queries.understanding_of(consent),
        "withdrawal": getattr(consent, "withdrawal", None),
        "may_take": _may(viewer, patient, Permission.CONSENT_TAKE),
        "may_countersign": may(consent.state, "countersign") and _may(viewer, patient, Permission.ASSESS),
        "may_withdraw": may(consent.state, "withdraw"),
        "may_decline": may(consent.state, "decline"),
        "may_cancel": may(consent.state, "cancel"),
        "may_read_on": may(consent.state, "read") and not consent.is_portal,
        "may_answer": may(consent.state, "read"),
        "answer_form": AnswerForm(),
        "cancel_form": ReasonForm(prefix="cancel"),
        "withdraw_form": WithdrawForm(prefix="withdraw"),
        "countersign_form": CountersignForm(questions, initial={"printed_name": viewer.full_name}),
    }
    return render(request, "consent/record.html", context | refused, status=422 if refused else 200)


@requires(Permission.CONSENT_TAKE, about_patient=True)
@require_POST
def answer(request: HttpRequest, patient_id: UUID, consent_id: UUID, question_id: UUID) -> HttpResponse:
    """Answer a question of the patient."""
    viewer = viewer_of(request)
    consent = _consent(viewer, patient_id, consent_id, Permission.CONSENT_TAKE)
    form = AnswerForm(request.POST)

    def act() -> str:
        operations.answer_question(
            by=viewer,
            now=timezone.now(),
            consent=consent,
            question=queries.question_of(consent, question_id),
            answer=form.cleaned_data["answer"],
        )
        return _("The answer is kept; the patient sees it.")

    return _done(request, viewer, consent, {"answer_form": form}, act)


@requires(Permission.ASSESS, about_patient=True)
@require_POST
def countersign(request: HttpRequest, patient_id: UUID, consent_id: UUID) -> HttpResponse:
    """Confirm that it was explained and understood."""
    viewer = viewer_of(request)
    consent = _consent(viewer, patient_id, consent_id, Permission.ASSESS)
    form = CountersignForm(consent.document["questions"], request.POST)

    def act() -> str:
        operations.countersign(by=viewer, now=timezone.now(), consent=consent, **form.cleaned_data)
        return _("Countersigned. The consent is valid.")

    return _done(request, viewer, consent, {"countersign_form": form}, act)


@requires(Permission.CONSENT_TAKE, about_patient=True)
@require_POST
def cancel(request: HttpRequest, patient_id: UUID, consent_id: UUID) -> HttpResponse:
    """Take the offer back."""
    viewer = viewer_of(request)
    consent = _consent(viewer, patient_id, consent_id, Permission.CONSENT_TAKE)
    form = ReasonForm(request.POST, prefix="cancel")

    def act() -> str:
        operations.cancel(by=viewer, now=timezone.now(), consent=consent, reason=form.cleaned_data["reason"])
        return _("The offer is cancelled.")

    return _done(request, viewer, consent, {"cancel_form": form}, act)


@requires(Permission.CHART_READ, about_patient=True)
@require_POST
def withdraw(request: HttpRequest, patient_id: UUID, consent_id: UUID) -> HttpResponse:
    """The patient told us: withdraw what was signed, or decline what was offered."""
    viewer = viewer_of(request)
    consent = _consent(viewer, patient_id, consent_id, Permission.CHART_READ)
    form = WithdrawForm(request.POST, prefix="withdraw")

    def act() -> str:
        verb = operations.withdraw if may(consent.state, "withdraw") else operations.decline
        verb(by=viewer, now=timezone.now(), consent=consent, reason=form.cleaned_data["reason"])
        return _("Noted. No dose is given on this consent.")

    return _done(request, viewer, consent, {"withdraw_form": form}, act)


@requires(Permission.CHART_READ, about_patient=True)
@require_safe
def pdf(request: HttpRequest, patient_id: UUID, consent_id: UUID) -> HttpResponse:
    """The text with its signatures as PDF."""
    viewer, now = viewer_of(request), timezone.now()
    consent = _consent(viewer, patient_id, consent_id, Permission.CHART_READ)
    made = signed_pdf(consent, now)
    _note(viewer, now, consent.patient, "consent.download")
    return _pdf(made, f"consent-{consent.patient.record_number}-{consent.text_digest[:8]}.pdf")


def _done(
    request: HttpRequest, viewer: User, consent: Consent, asked: dict[str, forms.Form], act: Callable[[], str]
) -> HttpResponse:
    """Act on a valid form and go back to the page; else show the page with what is wrong."""
    form = next(iter(asked.values()))
    if form.is_valid():
        try:
            messages.success(request, act())
        except OpenkapError as error:
            refuse(form, error)
        else:
            return _to("consent:record", consent)
    return _record(request, viewer, consent, timezone.now(), **asked)


def _to(name: str, consent: Consent) -> HttpResponseRedirect:
    arguments = {"consent:step": [consent.patient.public_id], "consent:read": [consent.public_id]}
    return HttpResponseRedirect(
        reverse(name, args=arguments.get(name, [consent.patient.public_id, consent.public_id]))
    )


def _pdf(made: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _consent(viewer: User, patient_id: UUID, consent_id: UUID, permission: Permission) -> Consent:
    patient = patient_for(viewer, patient_id, permission)
    consent = queries.consent_for(viewer, consent_id, permission)
    if consent.patient_id != patient.pk:
        raise NotFound(_("There is no such consent of this patient."))
    return consent


@transaction.atomic
def _note(viewer: User, now: datetime, patient: Patient, action: str) -> None:
    audit.record(by=viewer, now=now, action=action, subject=subject_of(patient))


def _who(request: HttpRequest, patient_id: UUID, permission: Permission) -> tuple[User, Patient]:
    viewer = viewer_of(request)
    return viewer, patient_for(viewer, patient_id, permission)


def _may(viewer: User, patient: Patient, permission: Permission) -> bool:
    return holds(viewer, permission, patient)
