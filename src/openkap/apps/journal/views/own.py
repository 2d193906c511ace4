"""The patient's own journal and practice."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.journal import operations, queries
from openkap.apps.journal.forms import EntryForm
from openkap.apps.people.queries import own_patient
from openkap.apps.people.viewer import viewer_of


@requires(Permission.OWN_RECORD)
@require_http_methods(["GET", "POST"])
def journal(request: HttpRequest) -> HttpResponse:
    """What I practise and what I wrote; POST writes an entry."""
    user, now = viewer_of(request), timezone.now()
    patient = own_patient(user)
    form = EntryForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        operations.write_entry(by=user, now=now, patient=patient, **form.cleaned_data)
        messages.success(request, _("Kept."))
        return redirect("journal:own")
    context = {
        "nav": "journal",
        "form": form,
        "entries": queries.own_entries(patient),
        "habits": queries.habits_of(patient, now),
    }
    return render(request, "journal/own.html", context, status=400 if form.errors else 200)


@requires(Permission.OWN_RECORD)
@require_POST
def readers(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Say who may read an entry, or take it out."""
    user = viewer_of(request)
    entry = queries.own_entry(own_patient(user), entry_id)
    operations.choose_readers(by=user, now=timezone.now(), entry=entry, who=request.POST.get("who", ""))
    return redirect("journal:own")


@requires(Permission.OWN_RECORD)
@require_POST
def done(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """I did it today."""
    user = viewer_of(request)
    practice = queries.practice_of(own_patient(user), practice_id)
    operations.note_done(by=user, now=timezone.now(), practice=practice)
    return redirect("journal:own")
