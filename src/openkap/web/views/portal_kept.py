"""The service worker of patients' pages, and the pages it keeps for when there is no line."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from openkap.apps.access.policy import public, requires
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.people.operations import subject_of
from openkap.apps.safety.queries import plan_of
from openkap.apps.safety.shown import plan_shown
from openkap.errors import NotFound
from openkap.web.assets import built_text
from openkap.web.portal import Frame, page, patient_of, user_of
from openkap.web.portal_kept import FOR, UNTIL, VERSION, help_version, kept_until, plan_version

NO_TOKEN = ""  # a page that stays on a device sends nothing, and holds nothing to send with


@public
@require_GET
def worker(_request: HttpRequest) -> HttpResponse:
    """The worker itself. Its bytes change with the product, and browsers look for that."""
    return HttpResponse(built_text("worker.js"), content_type="text/javascript; charset=utf-8")


@public
@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """What a page says that cannot be had without a line."""
    return page(request, "portal/kept_offline.html", "", csrf_token=NO_TOKEN)


@public
@require_GET
def kept_help(request: HttpRequest) -> HttpResponse:
    """Whom to call, with the clinic's numbers and without anything of the patient."""
    shown = Frame(request).help
    answer = page(request, "portal/kept_help.html", "help", kept_at=timezone.now(), csrf_token=NO_TOKEN)
    answer.headers[VERSION] = help_version(request, shown)
    answer.headers[FOR] = "site" if shown.is_known else "anyone"
    return answer


@requires(Permission.OWN_RECORD)
@require_GET
def kept_plan(request: HttpRequest) -> HttpResponse:
    """The safety plan for this device: its patient asked for that, and the trail says so."""
    patient, user, now = patient_of(request), user_of(request), timezone.now()
    plan, until = plan_of(patient), kept_until(request)
    if plan is None or until is None:
        raise NotFound(_("There is no safety plan yet."))
    with transaction.atomic():
        audit.record(by=user, now=now, action="safety.keep-plan", subject=subject_of(patient))
    sections = plan_shown(plan)
    answer = page(
        request, "portal/kept_plan.html", "help", plan=plan, sections=sections, until=until, csrf_token=NO_TOKEN
    )
    answer.headers[VERSION] = plan_version(request, user, plan)
    answer.headers[UNTIL] = until.isoformat()
    return answer
