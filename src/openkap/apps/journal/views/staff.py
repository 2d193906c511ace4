"""For staff: what the patient shares with them, and what was agreed to practise."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.journal import operations, practising, queries
from openkap.apps.journal.forms import PracticeForm
from openkap.apps.people.queries import holds, patient_for
from openkap.apps.people.viewer import viewer_of


@requires(Permission.THERAPY_READ, to_write=Permission.THERAPY_WRITE, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def journal(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Shared entries and practice; POST agrees on something to practise."""
    viewer, now = viewer_of(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.THERAPY_READ)
    form = PracticeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        operations.agree_on_practice(by=viewer, now=now, patient=patient, **form.cleaned_data)
        return redirect("journal:staff", patient_id)
    entries = queries.shared_entries(patient, viewer)
    operations.note_seen(by=viewer, now=now, patient=patient, entries=[one.entry for one in entries])
    may_write = holds(viewer, Permission.THERAPY_WRITE, patient)
    context = {
        "patient": patient,
        "form": form,
        "entries": entries,
        "habits": practising.habits_of(patient, now, with_notes=True),
        "ended": practising.ended_practices_of(patient),
        "may_write": may_write,
    }
    return render(request, "journal/staff.html", context, status=400 if form.errors else 200)


@requires(Permission.THERAPY_WRITE, about_patient=True)
@require_POST
def end_practice(request: HttpRequest, patient_id: UUID, practice_id: UUID) -> HttpResponse:
    """Take something off the list."""
    viewer = viewer_of(request)
    patient = patient_for(viewer, patient_id, Permission.THERAPY_WRITE)
    practice = practising.practice_of(patient, practice_id)
    operations.end_practice(by=viewer, now=timezone.now(), practice=practice)
    return redirect("journal:staff", patient_id)
