"""Therapy of a patient: integration visits with their notes; writing, reading and adding to a note."""

from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten
from uuid import UUID
from zoneinfo import ZoneInfo

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
from openkap.apps.assessment.matching import chosen_method
from openkap.apps.audit import operations as audit
from openkap.apps.dosing.queries import DoseGiven
from openkap.apps.journal.operations.checks import LONGEST_TITLE
from openkap.apps.journal.practising import is_on_list
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import subject_of
from openkap.apps.people.queries import holds, patient_for
from openkap.apps.planning.models import Visit
from openkap.apps.planning.queries import protocol_of
from openkap.apps.planning.states import VisitState, may
from openkap.apps.planning.words import label_of
from openkap.apps.therapy import operations, queries
from openkap.apps.therapy.forms import AddendumForm, NoteForm, ProcessNoteForm
from openkap.apps.therapy.methods import in_words, known_with_ketamine, said
from openkap.apps.therapy.models import IntegrationNote
from openkap.apps.therapy.words import WindowWords, rating_words, window_words
from openkap.core.planning import Place
from openkap.errors import OpenkapError

USUAL_MINUTES = 60


@dataclass(frozen=True)
class VisitShown:
    """An integration visit as the page lists it."""

    visit: Visit
    label: str
    note: IntegrationNote | None
    methods: list[str]
    window: WindowWords | None
    rating: str
    may_write: bool


@requires(Permission.THERAPY_READ, about_patient=True)
@require_safe
def therapy(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    viewer, now = _viewer(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.THERAPY_READ)
    _note_reading(viewer, patient, now)
    may_write = _may_write(viewer, patient)
    doses = queries.doses_of(patient, now)
    notes = {note.visit_id: note for note in queries.notes_of(patient)}
    rows = [
        _shown(visit, notes.get(visit.pk), doses, now=now, may_write=may_write)
        for visit in queries.integration_visits(patient)
    ]
    context = {
        "patient": patient,
        "rows": rows,
        "process_notes": queries.process_notes_of(viewer, patient) if may_write else [],
        "methods": known_with_ketamine(),
        "may_write": may_write,
    }
    return render(request, "therapy/therapy.html", context)


@requires(Permission.THERAPY_WRITE, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    viewer, now = _viewer(request), timezone.now()
    visit = queries.integration_visit_for(viewer, visit_id, Permission.THERAPY_WRITE)
    written = queries.note_of_visit(visit)
    if written is not None:
        return HttpResponseRedirect(reverse("therapy:note", args=[written.public_id]))
    zone = ZoneInfo(visit.time_zone)
    if request.method != "POST":
        begin = min(visit.starts_at, now).astimezone(zone).replace(tzinfo=None)
        initial = {"began_at": begin, "minutes": USUAL_MINUTES, "methods": _begins_with(visit.patient)}
        form = NoteForm(initial=initial, zone=zone)
        return _writing(request, visit, form, now)
    form = NoteForm(request.POST, zone=zone)
    if form.is_valid():
        try:
            note = operations.record_integration(by=viewer, now=now, visit=visit, content=form.content())
            messages.success(request, _("Signed. The visit is done."))
            return HttpResponseRedirect(reverse("therapy:note", args=[note.public_id]))
        except OpenkapError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    return _writing(request, visit, form, now)


@requires(Permission.THERAPY_READ, to_write=Permission.THERAPY_WRITE, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def note(request: HttpRequest, note_id: UUID) -> HttpResponse:
    viewer, now = _viewer(request), timezone.now()
    found = queries.note_for(viewer, note_id)
    form = AddendumForm(request.POST or None)
    if request.method == "POST":
        if form.is_valid():
            operations.add_addendum(by=viewer, now=now, note=found, text=form.cleaned_data["text"])
            messages.success(request, _("Added."))
            return HttpResponseRedirect(reverse("therapy:note", args=[note_id]))
    else:
        _note_reading(viewer, found.patient, now)
    doses = queries.doses_of(found.patient, now)
    may_write = _may_write(viewer, found.patient)
    own = queries.process_notes_of(viewer, found.patient).filter(visit=found.visit)
    context = {
        "patient": found.patient,
        "note": found,
        "row": _shown(found.visit, found, doses, now=now, may_write=may_write),
        "addenda": queries.addenda_of(found),
        "form": form,
        "may_write": may_write,
        "is_on_list": is_on_list(found.patient, note_id),
        "homework_title": shorten(found.homework.split("\n")[0], LONGEST_TITLE, placeholder="…"),
        "process_notes": own if may_write else [],
        "process_form": ProcessNoteForm(auto_id="process_%s"),
    }
    return render(request, "therapy/note.html", context, status=422 if form.errors else 200)


@requires(Permission.THERAPY_WRITE, about_patient=True)
@require_POST
def practise(request: HttpRequest, note_id: UUID) -> HttpResponse:
    """Put the homework of a note on the patient's list of practice."""
    viewer, now = _viewer(request), timezone.now()
    found = queries.note_for(viewer, note_id)
    operations.put_homework_on_list(by=viewer, now=now, note=found, title=request.POST.get("title", ""))
    messages.success(request, _("On the patient's list."))
    return HttpResponseRedirect(reverse("therapy:note", args=[note_id]))


def _begins_with(patient: Patient) -> list[str]:
    """The method that was decided on in the assessment, ticked until the therapist says otherwise."""
    chosen = chosen_method(patient)
    return [chosen] if chosen else []


def _writing(request: HttpRequest, visit: Visit, form: NoteForm, now: datetime) -> HttpResponse:
    doses = queries.doses_of(visit.patient, now)
    context = {
        "patient": visit.patient,
        "visit": visit,
        "row": _shown(visit, None, doses, now=now, may_write=True),
        "form": form,
        "draft": f"integration-{visit.public_id}",
        "methods": known_with_ketamine(),
    }
    return render(request, "therapy/write.html", context, status=422 if form.errors else 200)


def _shown(
    visit: Visit, written: IntegrationNote | None, doses: list[DoseGiven], *, now: datetime, may_write: bool
) -> VisitShown:
    return VisitShown(
        visit=visit,
        label=label_of(visit, protocol_of(visit)),
        note=written,
        methods=in_words(written.methods) if written else [],
        window=_window(visit, written, doses, now),
        rating=rating_words(written) if written else "",
        may_write=may_write and written is None and may(visit.state, "complete") and visit.starts_at <= now,
    )


def _window(
    visit: Visit, written: IntegrationNote | None, doses: list[DoseGiven], now: datetime
) -> WindowWords | None:
    """Of a visit that is ahead nothing is said before its dose was given; of a cancelled one never."""
    if written is None and visit.state == VisitState.CANCELLED.value:
        return None
    since = queries.since_dose(visit, written.began_at if written else visit.starts_at, doses)
    if written is None and visit.starts_at > now and since.place.place is not Place.FIRST:
        return None
    return window_words(since, said(since.window.rests_on))


def _may_write(viewer: User, patient: Patient) -> bool:
    return holds(viewer, Permission.THERAPY_WRITE, patient)


def _note_reading(viewer: User, patient: Patient, now: datetime) -> None:
    with transaction.atomic():
        audit.record(by=viewer, now=now, action="therapy.read", subject=subject_of(patient))


def _viewer(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the policy let only users through
    return request.user
