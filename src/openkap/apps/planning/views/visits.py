"""One visit: what it is for and when it should lie; moving it, saying what became of it."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.people.operations import subject_of
from openkap.apps.people.queries import patients_for
from openkap.apps.planning import operations, queries
from openkap.apps.planning.forms import MoveForm, ReasonForm
from openkap.apps.planning.models import Visit
from openkap.apps.planning.states import PlanState, may
from openkap.apps.planning.words import row_of
from openkap.errors import OpenkapError

VERBS = ("arrive", "complete", "miss", "cancel", "move")


@requires(Permission.SCHEDULE_READ, to_write=Permission.SCHEDULE_WRITE, about_patient=True)
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    viewer, now = _viewer(request), timezone.now()
    needed = Permission.SCHEDULE_WRITE if request.method == "POST" else Permission.SCHEDULE_READ
    found = queries.visit_for(viewer, visit_id, needed)
    if request.method == "POST":
        return _act(request, viewer, found, now)
    with transaction.atomic():
        audit.record(by=viewer, now=now, action="planning.read", subject=subject_of(found.patient))
    return _page(request, viewer, found, now)


def _act(request: HttpRequest, viewer: User, found: Visit, now: datetime) -> HttpResponse:
    verb = request.POST.get("verb", "")
    form = _form_for(verb, request)
    if form is None:
        messages.error(request, _("Nothing was changed: choose what became of the visit."))
    elif form.is_valid():
        try:
            messages.success(request, _do(verb, form, viewer, found, now))
        except OpenkapError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    if form is not None and form.errors:
        return _page(request, viewer, found, now, {verb: form})
    return HttpResponseRedirect(reverse("planning:visit", args=[found.public_id]))


def _form_for(verb: str, request: HttpRequest) -> forms.Form | None:
    if verb == "move":
        return MoveForm(request.POST, auto_id="move_%s")
    if verb == "cancel":
        return ReasonForm(request.POST, auto_id="cancel_%s")
    return forms.Form(request.POST) if verb in VERBS else None


def _do(verb: str, form: forms.Form, viewer: User, found: Visit, now: datetime) -> str:
    if verb == "move":
        moved = operations.reschedule_visit(by=viewer, now=now, visit=found, **form.cleaned_data)
        if len(moved) > 1:
            return _("Moved, and with it what hangs on it: %(n)d visits in all.") % {"n": len(moved)}
        return _("Moved.") if moved else _("It lies there already.")
    if verb == "cancel":
        operations.cancel_visit(by=viewer, now=now, visit=found, reason=form.cleaned_data["reason"])
        return _("Cancelled.")
    simple: dict[str, Callable[..., Visit]] = {
        "arrive": operations.arrive,
        "complete": operations.complete_visit,
        "miss": operations.miss_visit,
    }
    simple[verb](by=viewer, now=now, visit=found)
    return _("Saved.")


def _page(
    request: HttpRequest,
    viewer: User,
    found: Visit,
    now: datetime,
    given: dict[str, forms.Form] | None = None,
) -> HttpResponse:
    """The page, with the forms that were refused as they were `given`."""
    given = given or {}
    protocol = queries.protocol_of(found)
    may_write = patients_for(viewer, Permission.SCHEDULE_WRITE).filter(pk=found.patient_id).exists()
    active = found.plan.state == PlanState.ACTIVE.value
    context = {
        "patient": found.patient,
        "visit": found,
        "row": row_of(found, protocol, now),
        "moves": found.moves.select_related("moved_by", "because_of").order_by("moved_at", "id"),
        "may": {verb: may_write and active and may(found.state, verb) for verb in VERBS},
        "started": found.starts_at <= now,
        "move_form": given.get("move") or MoveForm(initial={"on": found.on, "at": found.at}, auto_id="move_%s"),
        "cancel_form": given.get("cancel") or ReasonForm(auto_id="cancel_%s"),
        "other_form": next((form for verb, form in given.items() if verb not in {"move", "cancel"}), None),
    }
    return render(request, "planning/visit.html", context, status=422 if given else 200)


def _viewer(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the policy let only users through
    return request.user
