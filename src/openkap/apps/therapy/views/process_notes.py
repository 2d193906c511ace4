"""Process notes: written, opened and replaced by their author alone."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Subject
from openkap.apps.therapy import operations, queries
from openkap.apps.therapy.forms import ProcessNoteForm
from openkap.apps.therapy.models import ProcessNote
from openkap.errors import OpenkapError


@requires(Permission.THERAPY_WRITE, about_patient=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    viewer = _viewer(request)
    visit = queries.integration_visit_for(viewer, visit_id, Permission.THERAPY_WRITE)
    form = ProcessNoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            note = operations.write_process_note(
                by=viewer, now=timezone.now(), visit=visit, text=form.cleaned_data["text"]
            )
            messages.success(request, _("Sealed. Only you can open it."))
            return HttpResponseRedirect(reverse("therapy:process-note", args=[note.public_id]))
        except OpenkapError as error:
            form.add_error(None, str(error))
    context = {"patient": visit.patient, "visit": visit, "form": form, "note": None}
    return render(request, "therapy/process_note.html", context, status=422 if form.errors else 200)


@requires(Permission.THERAPY_WRITE, about_patient=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def process_note(request: HttpRequest, note_id: UUID) -> HttpResponse:
    viewer = _viewer(request)
    note = queries.process_note_for(viewer, note_id)
    form = ProcessNoteForm(request.POST) if request.method == "POST" else _opened(viewer, note)
    if request.method == "POST" and form.is_valid():
        try:
            newer = operations.write_process_note(
                by=viewer, now=timezone.now(), visit=note.visit, text=form.cleaned_data["text"], replaces=note
            )
            messages.success(request, _("Sealed. Only you can open it."))
            return HttpResponseRedirect(reverse("therapy:process-note", args=[newer.public_id]))
        except OpenkapError as error:
            form.add_error(None, str(error))
    context = {"patient": note.patient, "visit": note.visit, "form": form, "note": note}
    return render(request, "therapy/process_note.html", context, status=422 if form.errors else 200)


def _opened(viewer: User, note: ProcessNote) -> ProcessNoteForm:
    """The note in its form. `Refused` and `SealBroken` become the page of the error."""
    form = ProcessNoteForm(initial={"text": queries.opened(viewer, note)})
    subject = Subject("process-note", note.public_id, note.patient.public_id, note.site_id)
    with transaction.atomic():
        audit.record(by=viewer, now=timezone.now(), action="therapy.open-process-note", subject=subject)
    return form


def _viewer(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the policy let only users through
    return request.user
