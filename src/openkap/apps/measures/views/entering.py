"""Entering what was filled in, and correcting it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission, Role
from openkap.apps.measures import operations, queries
from openkap.apps.measures.forms import AnswersForm, ReasonForm, TotalForm
from openkap.apps.measures.models import Response
from openkap.apps.measures.operations import Entry
from openkap.apps.measures.views.pages import note_read, zone_of
from openkap.apps.measures.words import LANGUAGE_NAMES, reason_in_words
from openkap.apps.people.models import Patient
from openkap.apps.people.queries import patient_for
from openkap.apps.people.viewer import viewer_of
from openkap.core.psychometrics import in_language, languages_of
from openkap.errors import OpenkapError
from openkap.knowledge.schema.instrument import Instrument, Respondent

RATING = (Role.PRESCRIBER, Role.THERAPIST, Role.MONITOR, Role.MEDICAL_DIRECTOR)


@dataclass(frozen=True)
class Page:
    """What both pages are about."""

    patient: Patient
    instrument: Instrument
    language: str
    by_total: bool


@requires(Permission.MEASURE_ENTER, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, patient_id: UUID, instrument_id: str) -> HttpResponse:
    """Ask the questions of an instrument, or its total; POST keeps the answers."""
    viewer, now = viewer_of(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.MEASURE_ENTER)
    page = _page(request, patient, queries.instrument_for_entry(patient, now, instrument_id))
    raters = _raters(page, viewer)
    form = _form(request, page, now, raters)
    if form.is_valid():
        try:
            response = operations.record_response(
                by=viewer,
                now=now,
                patient=patient,
                entry=_rated(form, raters, viewer if raters else None),
                entry_id=form.cleaned_data["entry_id"],
            )
        except OpenkapError as error:
            _add(form, error)
        else:
            return _kept(request, patient, response)
    more = {
        "tell": queries.said_before(patient, now, page.instrument, page.language),
        "overlap": queries.overlapping_days(patient, now, page.instrument),
    }
    return _shown(request, page, form, more)


@requires(Permission.MEASURE_ENTER, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, patient_id: UUID, response_id: UUID) -> HttpResponse:
    """Show an entry's answers to change; POST keeps the correction with its reason."""
    viewer, now = viewer_of(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.MEASURE_ENTER)
    wrong = queries.response_of(patient, response_id)
    page = Page(patient, queries.instrument_of(wrong), wrong.language, wrong.entered_as_total)
    raters = _raters(page, wrong.rater or viewer)
    form, reason = _form(request, page, now, raters), ReasonForm(request.POST or None)
    form.show(wrong)
    if form.is_valid() and reason.is_valid():
        try:
            response = operations.correct_response(
                by=viewer,
                now=now,
                response=wrong,
                entry=_rated(form, raters, wrong.rater),
                reason=reason.cleaned_data["reason"],
                entry_id=form.cleaned_data["entry_id"],
            )
        except OpenkapError as error:
            _add(form, error)
        else:
            return _kept(request, patient, response)
    note_read(viewer, now, patient)
    return _shown(request, page, form, {"reason": reason})


def _page(request: HttpRequest, patient: Patient, instrument: Instrument) -> Page:
    there = languages_of(instrument) or ("en",)
    asked = request.POST.get("language") or request.GET.get("language") or there[0]
    by_total = instrument.total_entry_only or "total" in (request.POST.get("by"), request.GET.get("by"))
    return Page(patient, instrument, asked if asked in there else there[0], by_total)


def _form(
    request: HttpRequest, page: Page, now: datetime, raters: Mapping[str, User]
) -> AnswersForm | TotalForm:
    kind = TotalForm if page.by_total else AnswersForm
    return kind(
        request.POST if request.method == "POST" else None,
        instrument=page.instrument,
        zone=zone_of(page.patient),
        now=now,
        language=page.language,
        raters=[(user_id, str(user)) for user_id, user in raters.items()],
    )


def _raters(page: Page, usual: User) -> dict[str, User]:
    """Who may have rated what a clinician fills in: the usual one first, then the site's clinicians."""
    if page.instrument.respondent is not Respondent.CLINICIAN:
        return {}
    members = access.memberships_at(page.patient.site_id, *RATING)
    return {str(user.public_id): user for user in (usual, *(member.user for member in members))}


def _rated(form: AnswersForm | TotalForm, raters: Mapping[str, User], usual: User | None) -> Entry:
    """What the form says, with who rated: the one chosen, else the usual one."""
    return replace(form.entry(), rater=raters.get(form.cleaned_data.get("rater", ""), usual))


def _add(form: AnswersForm | TotalForm, error: OpenkapError) -> None:
    field = error.field if error.field in form.fields else None
    form.add_error(field, str(error))


def _kept(request: HttpRequest, patient: Patient, response: Response) -> HttpResponse:
    if response.total is not None:
        messages.success(request, _("Kept. The total is %(total)s.") % {"total": response.total})
    elif queries.instrument_of(response).has_total:
        why = reason_in_words(response.total_reason)
        messages.warning(request, _("Kept. There is no total: %(why)s") % {"why": why})
    else:
        messages.success(request, _("Kept. It has no total; its parts are read one by one."))
    return HttpResponseRedirect(reverse("web:measures", args=[patient.public_id]))


def _shown(
    request: HttpRequest, page: Page, form: AnswersForm | TotalForm, more: dict[str, Any]
) -> HttpResponse:
    instrument, there = page.instrument, languages_of(page.instrument)
    evidence = instrument.licence_evidence
    context = {
        "patient": page.patient,
        "instrument": instrument,
        "title": queries.words(instrument.title),
        "stem": in_language(instrument.stem, page.language) if instrument.stem else "",
        "attribution": in_language(evidence.attribution, page.language) if evidence else "",
        "language": page.language,
        "languages": [(code, LANGUAGE_NAMES[code]) for code in there if code != page.language],
        "by_total": page.by_total,
        "form": form,
        "draft": f"measures-{page.patient.public_id}-{instrument.id}",
        "has_safety_item": any(item.safety for item in instrument.items),
        "by_keys": _chosen_by_digits(instrument),
        **more,
    }
    reason = more.get("reason")
    refused = form.errors or (reason is not None and reason.errors)
    return render(request, "measures/enter.html", context, status=400 if refused else 200)


def _chosen_by_digits(instrument: Instrument) -> bool:
    """Whether a number key is enough to choose most answers: their values are small."""
    return all(0 <= choice.value <= 10 for item in instrument.items for choice in instrument.choices_of(item))
