"""The list that is looked at before the day ends: unchanged and unsaid answers about suicide."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from openkap.apps.access import queries as access
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.people.queries import patients_for, patients_in_team_of
from openkap.apps.people.viewer import viewer_of
from openkap.apps.safety.rota import duty_at
from openkap.apps.sites.queries import sites_with_ids
from openkap.apps.tasks import queries as tasks
from openkap.apps.tasks.kinds import TaskKind

PER_PAGE = 100
STEPS = (TaskKind.RISK_STEP, TaskKind.RISK_DECISION)
KINDS = {
    "review": (TaskKind.RISK_REVIEW,),
    "steps": STEPS,
    "overdue": (TaskKind.RISK_REVIEW, *STEPS),
}


@requires(Permission.TASK_READ)
@require_safe
def review(request: HttpRequest) -> HttpResponse:
    """Open reviews and steps about the viewer's patients, by due time; by site, mine, overdue."""
    viewer, now = viewer_of(request), timezone.now()
    sites = list(sites_with_ids(access.sites_where(viewer, Permission.TASK_READ)))
    show = request.GET.get("show", "review")
    show = show if show in KINDS else "review"
    found = tasks.open_tasks_of_kinds_for(viewer, *KINDS[show])
    if show == "overdue":
        found = found.filter(due_at__lt=now)
    chosen = next((one for one in sites if str(one.public_id) == request.GET.get("site")), None)
    if chosen is not None:
        found = found.filter(site=chosen)
    if mine := request.GET.get("mine") == "1":
        everyone = patients_for(viewer, Permission.TASK_READ)
        found = found.filter(patient__in=patients_in_team_of(viewer, everyone))
    listed = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": listed,
        "rows": [(task, task.due_at < now) for task in listed],
        "show": show,
        "sites": sites,
        "chosen": chosen,
        "mine": mine,
        "duties": [(one, duty_at(one, now)) for one in sites],
        "now": now,
        "query": f"show={show}" + (f"&site={chosen.public_id}" if chosen else "") + ("&mine=1" if mine else ""),
    }
    return render(request, "safety/review.html", context)
