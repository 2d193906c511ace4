"""What came in and nobody has looked at, by patient; and saying that one has looked."""

from collections import Counter
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Subject
from openkap.apps.inbox.items import InboxItem, Urgency
from openkap.apps.inbox.operations import mark_seen
from openkap.apps.people.queries import patient_for
from openkap.apps.people.viewer import viewer_of
from openkap.errors import OpenkapError
from openkap.web.context import permissions_of
from openkap.web.inbox import SHOWN, Waiting, forget_count, inbox_for, items_of

PER_PAGE = 25
ITEMS_SHOWN = 4  # of one patient; the rest is folded


@requires(Permission.CHART_READ)
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """GET /inbox/: the most urgent first."""
    viewer, now = viewer_of(request), timezone.now()
    show = request.GET.get("show", "all")
    show = show if show in SHOWN else "all"
    waiting = inbox_for(viewer, now, show)
    page = Paginator(waiting, PER_PAGE).get_page(request.GET.get("page"))
    _note_read(viewer, page)
    context = {
        "page": page,
        "rows": [_row(viewer, one) for one in page],
        "show": show,
        "query": f"show={show}",
        "counts": _counts(waiting),
        "now": now,
        "here": request.get_full_path(),
    }
    return render(request, "web/inbox.html", context)


@requires(Permission.CHART_READ, about_patient=True)
@require_POST
def seen(request: HttpRequest, patient_id: UUID) -> HttpResponseRedirect:
    """POST /inbox/<patient>/seen/: the named items were looked at. What is gone by now is passed over."""
    viewer, now = viewer_of(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.CHART_READ)
    named = set(request.POST.getlist("item"))
    found = [item for item in items_of(viewer, patient, now) if item.name in named]
    try:
        fresh = mark_seen(by=viewer, now=now, patient=patient, items=found)
    except OpenkapError as error:
        messages.error(request, str(error))
    else:
        forget_count(viewer)
        _tell(request, patient.name, fresh)
    return HttpResponseRedirect(_back(request))


def _tell(request: HttpRequest, name: str, fresh: int) -> None:
    if not fresh:
        messages.info(request, _("Somebody else had looked at it already."))
        return
    words = ngettext("%(name)s: %(n)s item looked at.", "%(name)s: %(n)s items looked at.", fresh)
    messages.success(request, words % {"name": name, "n": fresh})


def _back(request: HttpRequest) -> str:
    place = request.POST.get("next", "")
    here = {request.get_host()}
    return place if url_has_allowed_host_and_scheme(place, here, request.is_secure()) else reverse("web:inbox")


def _row(viewer: User, waiting: Waiting) -> dict[str, object]:
    """A patient with what is shown at once, what is folded, and what the viewer may mark."""
    held = permissions_of(viewer)
    return {
        "patient": waiting.patient,
        "urgency": waiting.urgency.name.lower(),
        "shown": waiting.items[:ITEMS_SHOWN],
        "folded": waiting.items[ITEMS_SHOWN:],
        "markable": [item for item in waiting.items if _may_mark(item, held)],
    }


def _may_mark(item: InboxItem, held: frozenset[Permission]) -> bool:
    return item.row.marks is not None and item.row.marks in held


def _counts(waiting: list[Waiting]) -> list[tuple[str, str, int]]:
    """How many patients at each urgency that is there: a state, its words, the number."""
    words = {
        Urgency.NOW: ("over", _("needing someone now")),
        Urgency.WORSE: ("over", _("reliably worse")),
        Urgency.TODAY: ("due", _("review today")),
        Urgency.OFF_TRACK: ("warn", _("off track")),
        Urgency.CHANGED: ("info", _("changed")),
        Urgency.NEW: ("info", _("new")),
    }
    count = Counter(one.urgency for one in waiting)
    return [(*words[urgency], count[urgency]) for urgency in Urgency if count[urgency]]


@transaction.atomic
def _note_read(viewer: User, page: Page[Waiting]) -> None:
    """One row of the trail for each patient whose results are on the page."""
    now = timezone.now()
    for one in page:
        patient = one.patient
        subject = Subject("patient", patient.public_id, patient.public_id, patient.site_id)
        audit.record(by=viewer, now=now, action="inbox.read", subject=subject)
