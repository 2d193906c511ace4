"""The page of tasks and alerts, and closing them from it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.tasks import operations, queries
from openkap.apps.tasks.forms import AcknowledgeForm, CancelForm, CompleteForm
from openkap.apps.tasks.links import page_of
from openkap.errors import OpenkapError

PER_PAGE = 50
SHOWN = ("all", "mine", "role")


@requires(Permission.TASK_READ)
@require_GET
def list_tasks(request: HttpRequest) -> HttpResponse:
    viewer, now = _viewer(request), timezone.now()
    whose = request.GET.get("whose", "all")
    show = queries.TaskFilter(
        whose=whose if whose in SHOWN else "all", overdue=request.GET.get("overdue") == "1"
    )
    page = Paginator(queries.open_tasks_for(viewer, now=now, show=show), PER_PAGE).get_page(
        request.GET.get("page")
    )
    alerts = list(queries.open_alerts_for(viewer))
    context = {
        "show": show,
        "page": page,
        "tasks": [(task, page_of(task), task.due_at < now) for task in page],
        "alerts": [(alert, page_of(alert), alert.acknowledge_by < now) for alert in alerts],
        "now": now,
        "query": f"whose={show.whose}" + ("&overdue=1" if show.overdue else ""),
    }
    return render(request, "tasks/list.html", context)


@requires(Permission.TASK_READ, counts_as_activity=False)
@require_GET
def strip(request: HttpRequest) -> HttpResponse:
    """What stands on top of every page while an alert waits for somebody now; asked for again and again."""
    viewer = _viewer(request)
    alerts = [alert for alert in queries.open_alerts_for(viewer) if alert.severity == "now"]
    context = {
        "alerts": alerts,
        "first": min(alerts, key=lambda one: one.raised_at, default=None),
        "named": sum(alert.owner_id == viewer.pk for alert in alerts),
        "elsewhere": request.GET.get("where") == "session",  # a running session stays open
    }
    return render(request, "tasks/strip.html", context)


@requires(Permission.TASK_READ, to_write=Permission.TASK_WRITE)
@require_POST
def complete(request: HttpRequest, task_id: UUID) -> HttpResponse:
    def close(data: dict[str, Any]) -> str:
        viewer = _viewer(request)
        task = queries.task_for(viewer, task_id)
        operations.complete_task(by=viewer, now=timezone.now(), task=task, outcome=data["outcome"])
        return _("Done: %(task)s.") % {"task": task.words}

    return _closing(request, CompleteForm(request.POST), close)


@requires(Permission.TASK_READ, to_write=Permission.TASK_WRITE)
@require_POST
def cancel(request: HttpRequest, task_id: UUID) -> HttpResponse:
    def close(data: dict[str, Any]) -> str:
        viewer = _viewer(request)
        task = queries.task_for(viewer, task_id)
        operations.cancel_task(by=viewer, now=timezone.now(), task=task, reason=data["reason"])
        return _("Cancelled: %(task)s.") % {"task": task.words}

    return _closing(request, CancelForm(request.POST), close)


@requires(Permission.TASK_READ, to_write=Permission.TASK_WRITE)
@require_POST
def acknowledge(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    def close(data: dict[str, Any]) -> str:
        viewer = _viewer(request)
        alert = queries.alert_for(viewer, alert_id)
        operations.acknowledge_alert(by=viewer, now=timezone.now(), alert=alert, **data)
        return _("Acknowledged: %(alert)s.") % {"alert": alert.words}

    return _closing(request, AcknowledgeForm(request.POST), close)


def _closing(
    request: HttpRequest, form: forms.Form, close: Callable[[dict[str, Any]], str]
) -> HttpResponseRedirect:
    """Do it and go back to where it was asked; what is wrong becomes a message there."""
    if not form.is_valid():
        for field, faults in form.errors.items():
            messages.error(request, f"{form.fields[field].label}: {' '.join(map(str, faults))}")
    else:
        try:
            messages.success(request, close(form.cleaned_data))
        except OpenkapError as error:
            messages.error(request, str(error))
    return HttpResponseRedirect(_back(request))


def _back(request: HttpRequest) -> str:
    asked = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure()):
        return asked
    return reverse("tasks:list")


def _viewer(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the policy let only users through
    return request.user
