"""The patient's own journal and practice."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.journal import operations, practising, queries
from openkap.apps.journal.forms import DoneForm, EntryForm, ReminderForm
from openkap.apps.journal.models import Practice
from openkap.apps.people.queries import own_patient
from openkap.apps.people.viewer import viewer_of
from openkap.errors import BadInput


@requires(Permission.OWN_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def journal(request: HttpRequest) -> HttpResponse:
    """What I practise and what I wrote; POST writes an entry."""
    user, now = viewer_of(request), timezone.now()
    patient = own_patient(user)
    form = EntryForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        operations.write_entry(by=user, now=now, patient=patient, **form.cleaned_data)
        messages.success(request, _("Kept."))
        return redirect("journal:own")
    entries = queries.own_entries(patient)
    context = {
        "nav": "journal",
        "form": form,
        "entries": entries,
        "written": entries[0].entry.public_id if entries else "nothing",
        "habits": practising.habits_of(patient, now),
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
@require_safe
def practice(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """One practice: how, the last week, done today, reminders."""
    found = practising.practice_of(own_patient(viewer_of(request)), practice_id)
    return _practice_page(request, found)


@requires(Permission.OWN_RECORD)
@require_POST
def done(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """I did it today, or I did not after all."""
    user, now = viewer_of(request), timezone.now()
    found = practising.practice_of(own_patient(user), practice_id)
    if "take_back" in request.POST:
        operations.take_back_done(by=user, now=now, practice=found)
        return redirect("journal:practice", practice_id)
    form = DoneForm(request.POST)
    if not form.is_valid():
        return _practice_page(request, found, done_form=form)
    operations.note_done(by=user, now=now, practice=found, note=form.cleaned_data["note"])
    messages.success(request, _("Well done. Noted for today."))
    return redirect("journal:practice", practice_id)


@requires(Permission.OWN_RECORD)
@require_POST
def remind(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """When and how I want to be reminded, or no more."""
    user, now = viewer_of(request), timezone.now()
    patient = own_patient(user)
    found = practising.practice_of(patient, practice_id)
    if "off" in request.POST:
        operations.end_reminder(by=user, now=now, practice=found)
        messages.success(request, _("No more reminders of this."))
        return redirect("journal:practice", practice_id)
    form = ReminderForm(patient, None, request.POST)
    if form.is_valid():
        try:
            operations.choose_reminder(by=user, now=now, practice=found, **form.cleaned_data)
        except BadInput as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("You will be reminded."))
            return redirect("journal:practice", practice_id)
    return _practice_page(request, found, reminder_form=form)


def _practice_page(
    request: HttpRequest,
    found: Practice,
    *,
    done_form: DoneForm | None = None,
    reminder_form: ReminderForm | None = None,
) -> HttpResponse:
    now = timezone.now()
    habit = practising.habit_of(found, now)
    context = {
        "nav": "journal",
        "habit": habit,
        "has_note": bool(habit.all_days[-1].note),
        "done_form": done_form or DoneForm(),
        "form": reminder_form or ReminderForm(found.patient, habit.reminder),
    }
    refused = done_form is not None or reminder_form is not None
    return render(request, "journal/own_practice.html", context, status=400 if refused else 200)
