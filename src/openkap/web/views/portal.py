"""A patient's own pages to read: today, questions, plan, help, who looked at the record."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from openkap.apps.access.middleware.base import sign_in_of
from openkap.apps.access.models import User
from openkap.apps.access.policy import public, requires
from openkap.apps.access.queries import is_locked
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.audit import queries as trail
from openkap.apps.measures.portal_items import next_round
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import subject_of
from openkap.apps.people.queries import own_patient
from openkap.apps.safety.queries import plan_of
from openkap.errors import NotFound
from openkap.web.portal import page, patient_of, user_of
from openkap.web.portal_course import courses_of
from openkap.web.portal_items import items_for, minutes_of
from openkap.web.portal_visits import visits_ahead, visits_behind
from openkap.web.trail import lines_of, stretches_of

A_DAY = timedelta(days=1)
PER_PAGE = 60  # lines of the trail; what repeats is told once


@requires(Permission.OWN_RECORD)
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """What waits for the patient: the first thing large, then the rest, then visits."""
    patient, now = patient_of(request), timezone.now()
    day = timezone.localdate(now)
    items = items_for(patient, now)
    asking = [item for item in items if item.asks]
    ahead = [item for item in items if not item.asks]
    questions = [item for item in asking if item.section == "questions"]
    visit = next((item for item in ahead if item.due == day), None)
    return page(
        request,
        "portal/today.html",
        "today",
        patient=patient,
        n_questions=len(questions),
        minutes=minutes_of(questions),
        coming=None if asking else next_round(patient, now),
        today=day,
        tomorrow=day + A_DAY,
        first=asking[0] if asking else None,
        rest=asking[1:],
        visit=visit,
        ahead=[item for item in ahead if item is not visit],
    )


@requires(Permission.OWN_RECORD)
@require_GET
def questions(request: HttpRequest) -> HttpResponse:
    """Everything that is to be filled in."""
    patient, now = patient_of(request), timezone.now()
    items = [item for item in items_for(patient, now) if item.section == "questions"]
    return page(
        request,
        "portal/questions.html",
        "questions",
        patient=patient,
        items=items,
        n_questions=len(items),
        minutes=minutes_of(items),
        coming=next_round(patient, now),
        today=timezone.localdate(now),
        tomorrow=timezone.localdate(now) + A_DAY,
    )


@requires(Permission.OWN_RECORD)
@require_GET
def plan(request: HttpRequest) -> HttpResponse:
    """Visits ahead and behind, and how one has been."""
    patient, now = patient_of(request), timezone.now()
    note_read(patient, user_of(request), "plan")
    courses = courses_of(patient, now)
    return page(
        request,
        "portal/plan.html",
        "plan",
        patient=patient,
        ahead=visits_ahead(patient, now),
        behind=visits_behind(patient),
        courses=[course for course in courses if len(course.points) > 1],
        once=[course for course in courses if len(course.points) == 1],
    )


@public
@require_GET
def help_now(request: HttpRequest) -> HttpResponse:
    """Whom to call. Open to everybody, locked or not; the site's own numbers for its patients."""
    patient = _patient_or_none(request)
    if patient is None:
        return page(request, "portal/help_for_anyone.html", "help")
    contact = {
        "name": "" if _is_locked(request) else patient.contact_name,
        "number": patient.contact_phone,
        "relation": patient.contact_relation,
        "digits": "".join(letter for letter in patient.contact_phone if letter.isdigit() or letter == "+"),
    }
    has_plan = not _is_locked(request) and plan_of(patient) is not None
    return page(request, "portal/help.html", "help", patient=patient, contact=contact, has_plan=has_plan)


@requires(Permission.OWN_RECORD)
@require_GET
def access_log(request: HttpRequest) -> HttpResponse:
    """Who else saw or changed what of the patient, newest first; with `?all` what they did themselves too."""
    patient, user = patient_of(request), user_of(request)
    with transaction.atomic():
        audit.record(by=user, now=timezone.now(), action="audit.read-log", subject=subject_of(patient))
    found, all_of_it = trail.rows_about_patient(patient.public_id), "all" in request.GET
    if not all_of_it:
        found = found.exclude(actor_id=user.public_id)
    rows = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    told = stretches_of(lines_of(rows.object_list, user))
    return page(
        request, "portal/access_log.html", "own", patient=patient, page=rows, told=told, all_of_it=all_of_it
    )


@transaction.atomic
def note_read(patient: Patient, by: User, what: str) -> None:
    """One row of the trail: patients, too, are seen to read their record."""
    now = timezone.now()
    audit.record(by=by, now=now, action="chart.read", subject=subject_of(patient), details={"page": what})


def _is_locked(request: HttpRequest) -> bool:
    sign_in = sign_in_of(request)
    return sign_in is not None and is_locked(sign_in, timezone.now())


def _patient_or_none(request: HttpRequest) -> Patient | None:
    if not isinstance(request.user, User):
        return None
    try:
        return own_patient(request.user)
    except NotFound:
        return None
