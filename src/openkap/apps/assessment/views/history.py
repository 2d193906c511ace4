"""The step 'History': what was tried before and what it comes to, and what tells conditions apart."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.assessment import operations, queries, tried
from openkap.apps.assessment.history_forms import (
    FORMS,
    ConclusionForm,
    ScreenForm,
    SpellForm,
    TreatmentForm,
    WithdrawForm,
    as_initial,
)
from openkap.apps.assessment.history_shown import history_shown
from openkap.apps.assessment.models import DifferentialDecision
from openkap.apps.assessment.models.treatment import Kind
from openkap.apps.assessment.naming import Names, as_trial, from_chart
from openkap.apps.audit import operations as audit
from openkap.apps.chart import queries as chart
from openkap.apps.chart.forms import in_language
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people import operations as people_operations
from openkap.apps.people import queries as people
from openkap.apps.people.models import Patient
from openkap.apps.people.viewer import viewer_of
from openkap.errors import BadInput, NotFound
from openkap.knowledge.schema.staging import Severity


@requires(Permission.CHART_READ, about_patient=True)
@require_safe
def history(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Show the history and what it comes to."""
    viewer, patient = _who(request, patient_id, Permission.CHART_READ)
    return _page(request, viewer, patient)


@requires(Permission.CHART_WRITE, to_write=Permission.CHART_WRITE, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, patient_id: UUID, kind: str) -> HttpResponse:
    """Enter one treatment; `medicine` in the address names an entry of the chart to begin with."""
    viewer, patient = _who(request, patient_id, Permission.CHART_WRITE)
    if kind not in FORMS:
        raise NotFound("There is no such kind of treatment.")
    now, names = timezone.now(), _names(patient)
    medicine = _medicine(patient, request.GET.get("medicine", ""))
    initial = as_trial(medicine, names) if medicine is not None and kind == Kind.DRUG else {}
    form = FORMS[kind](names, request.POST or None, initial=initial)

    def act() -> str:
        entered = form.tried()
        if medicine is not None:
            entered = type(entered)(**vars(entered) | {"from_medication": medicine.public_id})
        operations.record_treatment(by=viewer, now=now, patient=patient, tried=entered)
        return _("Added to the history.")

    return _form_page(request, patient, form, act, title=_add_title(kind))


@requires(Permission.CHART_WRITE, to_write=Permission.CHART_WRITE, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, patient_id: UUID, treatment_id: UUID) -> HttpResponse:
    """Correct one treatment; what was there before stays."""
    viewer, patient = _who(request, patient_id, Permission.CHART_WRITE)
    row, names = tried.treatment_of(patient, treatment_id), _names(patient)
    form = FORMS[row.kind](names, request.POST or None, initial=as_initial(row, names))

    def act() -> str:
        operations.correct_treatment(by=viewer, now=timezone.now(), treatment=row, tried=form.tried())
        return _("Corrected. What was there before is kept.")

    return _form_page(request, patient, form, act, title=_("Correct a treatment"), row=row)


@requires(Permission.CHART_WRITE, about_patient=True)
@require_POST
def withdraw(request: HttpRequest, patient_id: UUID, treatment_id: UUID) -> HttpResponse:
    """Say that a treatment was entered in error."""
    viewer, patient = _who(request, patient_id, Permission.CHART_WRITE)
    row, form = tried.treatment_of(patient, treatment_id), WithdrawForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why it was wrong."))
        return HttpResponseRedirect(
            reverse("assessment:correct-treatment", args=[patient.public_id, treatment_id])
        )
    reason = form.cleaned_data["reason"]
    operations.withdraw_treatment(by=viewer, now=timezone.now(), treatment=row, reason=reason)
    messages.success(request, _("Withdrawn. What was there is kept."))
    return _back(patient)


@requires(Permission.CHART_WRITE, about_patient=True)
@require_POST
def spell(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Describe the present spell of illness."""
    viewer, patient = _who(request, patient_id, Permission.CHART_WRITE)
    form = SpellForm(_severities(patient), None, request.POST)
    if form.is_valid():
        try:
            operations.describe_spell(by=viewer, now=timezone.now(), patient=patient, **form.cleaned_data)
        except BadInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Saved."))
            return _back(patient)
    return _page(request, viewer, patient, spell_form=form)


@requires(Permission.CHART_WRITE, to_write=Permission.CHART_WRITE, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def screen(request: HttpRequest, patient_id: UUID, screen_id: str) -> HttpResponse:
    """Ask the questions of one screen."""
    viewer, patient = _who(request, patient_id, Permission.CHART_WRITE)
    now = timezone.now()
    record = knowledge_for(patient.site, now).screens.get(screen_id)
    if record is None:
        raise NotFound("There is no such screen.")
    last = tried.replies_of(patient).get(screen_id)
    form = ScreenForm(record, _today(patient, now), last, request.POST or None)

    def act() -> str:
        operations.record_replies(
            by=viewer,
            now=now,
            patient=patient,
            screen=screen_id,
            replies=form.replies(),
            asked_on=form.cleaned_data["asked_on"],
            note=form.cleaned_data["note"],
        )
        return _("The answers are saved.")

    return _form_page(
        request, patient, form, act, title=in_language(record.title), intro=in_language(record.intro)
    )


@requires(Permission.ASSESS, about_patient=True)
@require_POST
def conclude(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Say which condition leads, and why."""
    viewer, patient = _who(request, patient_id, Permission.ASSESS)
    form = ConclusionForm(request.POST)
    if form.is_valid():
        try:
            operations.conclude(by=viewer, now=timezone.now(), patient=patient, **form.cleaned_data)
        except BadInput as error:
            form.refuse(error)
        else:
            messages.success(request, _("The conclusion is kept."))
            return _back(patient)
    return _page(request, viewer, patient, conclusion_form=form)


def _page(request: HttpRequest, viewer: User, patient: Patient, **refused: forms.Form) -> HttpResponse:
    now = timezone.now()
    _note_read(viewer, now, patient)
    episode = queries.current_episode(patient)
    shown = history_shown(patient, now, episode.indication if episode else "")
    present, concluded = tried.present_spell(patient), tried.conclusion_of(patient)
    used = {one.row.from_medication for one in shown.treatments}
    context: dict[str, Any] = {
        "patient": patient,
        "episode": episode,
        "shown": shown,
        "present": present,
        "severity": _severity_word(patient, present.severity) if present else "",
        "conclusion": concluded,
        "conclusion_is_old": concluded is not None and tried.is_older_than_replies(concluded),
        "also_present": [DifferentialDecision.Condition(one).label for one in concluded.also_present]
        if concluded
        else [],
        "changed": tried.changed_treatments(patient),
        "kinds": Kind.choices,
        "charted": from_chart(chart.medications_of(patient), shown.names, used),
        "may_write": _may(viewer, patient, Permission.CHART_WRITE),
        "may_assess": _may(viewer, patient, Permission.ASSESS),
        "spell_form": SpellForm(_severities(patient), present),
        "conclusion_form": ConclusionForm(initial=_concluded(concluded)),
    }
    return render(request, "assessment/history.html", context | refused, status=400 if refused else 200)


def _form_page(
    request: HttpRequest, patient: Patient, form: Any, act: Callable[[], str], **context: Any
) -> HttpResponse:
    """A form on a page of its own; sent and right, back to the history."""
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, act())
        except BadInput as error:
            form.refuse(error)
        else:
            return _back(patient)
    _note_read(viewer_of(request), timezone.now(), patient)
    kind = form.kind if isinstance(form, TreatmentForm) else ""
    names = form.names.listed(kind) if isinstance(form, TreatmentForm) else []
    shown = {"patient": patient, "form": form, "names": names, "withdraw_form": WithdrawForm()}
    return render(request, "assessment/history_form.html", shown | context, status=400 if form.errors else 200)


def _add_title(kind: str) -> str:
    return {
        Kind.DRUG: _("Add a medicine"),
        Kind.PSYCHOTHERAPY: _("Add a psychotherapy"),
        Kind.ECT: _("Add electroconvulsive therapy"),
        Kind.TMS: _("Add magnetic stimulation"),
        Kind.KETAMINE: _("Add ketamine or esketamine given before"),
    }[Kind(kind)]


def _medicine(patient: Patient, said: str) -> Any:
    """The chart's medicine of that id, or None where the address names none. Raises `NotFound`."""
    if not said:
        return None
    found = next((row for row in chart.medications_of(patient) if str(row.public_id) == said), None)
    if found is None:
        raise NotFound("There is no such medicine in this chart.")
    return found


def _names(patient: Patient) -> Names:
    return Names.of_records(knowledge_for(patient.site, timezone.now()).past_treatments)


def _severities(patient: Patient) -> list[Severity]:
    methods = knowledge_for(patient.site, timezone.now()).staging.values()
    return [one for method in methods if method.maudsley for one in method.maudsley.severity]


def _severity_word(patient: Patient, chosen: str) -> str:
    return next((in_language(one.label) for one in _severities(patient) if one.id == chosen), "")


def _concluded(concluded: Any) -> dict[str, Any]:
    if concluded is None:
        return {}
    return {
        name: getattr(concluded, name) for name in ("main_condition", "conclusion", "also_present", "reason")
    }


def _today(patient: Patient, now: datetime) -> date:
    return now.astimezone(ZoneInfo(patient.site.time_zone)).date()


def _who(request: HttpRequest, patient_id: UUID, permission: Permission) -> tuple[User, Patient]:
    viewer = viewer_of(request)
    return viewer, people.patient_for(viewer, patient_id, permission)


def _back(patient: Patient) -> HttpResponse:
    return HttpResponseRedirect(reverse("assessment:history", args=[patient.public_id]))


@transaction.atomic
def _note_read(viewer: User, now: datetime, patient: Patient) -> None:
    subject = people_operations.subject_of(patient)
    audit.record(by=viewer, now=now, action="assessment.read-history", subject=subject)


def _may(viewer: User, patient: Patient, permission: Permission) -> bool:
    return people.holds(viewer, permission, patient)
