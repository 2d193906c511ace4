"""Plans and visits, as far as the viewer may see them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from openkap.adapters.postgres.reading import once_a_page
from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people import queries as people
from openkap.apps.planning.compiling import (
    Choices,
    check_days,
    compiled,
    dropped,
    options_for,
    preview,
    protocol_version,
    settled,
)
from openkap.apps.planning.models import Plan, Visit
from openkap.apps.planning.states import PlanState, VisitState
from openkap.core.planning import PlannedVisits, shift
from openkap.errors import NotAllowedNow, NotFound
from openkap.knowledge.knowledge_set import State
from openkap.knowledge.schema.protocol import Protocol, VisitKind

if TYPE_CHECKING:
    from datetime import time

    from openkap.apps.people.models import Patient
    from openkap.apps.sites.models import Site


@dataclass(frozen=True)
class OfferedProtocol:
    """A protocol as a site may use it today."""

    protocol: Protocol
    active: bool
    fits_indication: bool


@dataclass(frozen=True)
class VisitFilter:
    """Which visits a schedule shows: `kind` '' for all, `mine` for the viewer's own patients."""

    kind: str = ""
    mine: bool = False


def offered_protocols(site: "Site", now: datetime, indication: str) -> list[OfferedProtocol]:
    """Protocols in force, those that fit the indication and may act first."""
    knowledge = knowledge_for(site, now)
    offered = [
        OfferedProtocol(
            protocol, knowledge.state(protocol.id) is State.ACTIVE, indication in protocol.indications
        )
        for protocol in knowledge.protocols.values()
    ]
    return sorted(offered, key=lambda one: (not one.fits_indication, not one.active, one.protocol.id))


def usable_protocol(site: "Site", now: datetime, protocol_id: str) -> Protocol:
    """The protocol, if the site may start plans from it. Raises `NotFound`, `NotAllowedNow`."""
    knowledge = knowledge_for(site, now)
    protocol = knowledge.protocols.get(protocol_id)
    if protocol is None:
        raise NotFound("There is no such protocol in force.")
    if knowledge.state(protocol_id) is not State.ACTIVE:
        raise NotAllowedNow(
            "The medical director has not signed this protocol off for the site. "
            "Ask for it on the Knowledge page; plans cannot start from it until then."
        )
    return protocol


def preview_for(
    patient: "Patient", now: datetime, protocol_id: str, start: date, choices: Choices
) -> PlannedVisits:
    """The dated visits a plan would have. Raises `NotFound`, `BadInput`, `CannotPlan`."""
    protocol = knowledge_for(patient.site, now).protocols.get(protocol_id)
    if protocol is None:
        raise NotFound("There is no such protocol in force.")
    check_days(start, choices, now.astimezone(ZoneInfo(patient.site.time_zone)).date())
    return preview(protocol, patient.site, start, choices)


@once_a_page
def current_plan(patient: "Patient") -> Plan | None:
    """The active plan, else the latest one that ended, else None. Check the viewer beforehand."""
    plans = Plan.objects.filter(patient=patient).select_related("site", "created_by", "ended_by")
    active = plans.filter(state=PlanState.ACTIVE.value).first()
    return active or plans.order_by("-created_at", "-id").first()


def plans_of(patient: "Patient") -> QuerySet[Plan]:
    """All plans of the patient, the latest first. Check the viewer beforehand."""
    return Plan.objects.filter(patient=patient).select_related("created_by").order_by("-created_at", "-id")


def visits_of(patient: "Patient") -> QuerySet[Visit]:
    """All visits of all plans of the patient by time. Check the viewer beforehand."""
    return _visits().filter(patient=patient).order_by("starts_at", "ordinal")


def visits_in(plan: Plan) -> list[Visit]:
    """The visits of one plan by time, with their moves."""
    found = _visits().filter(plan=plan).prefetch_related("moves__moved_by", "moves__because_of")
    return list(found.order_by("starts_at", "ordinal"))


def visits_between(
    viewer: User, first: date, last: date, show: VisitFilter | None = None, site_id: int | None = None
) -> QuerySet[Visit]:
    """Visits on the local dates `first` to `last` of patients whose schedule the viewer may see, by time."""
    show = show or VisitFilter()
    patients = people.patients_for(viewer, Permission.SCHEDULE_READ)
    if show.mine:
        patients = people.patients_in_team_of(viewer, patients)
    found = _visits().filter(patient__in=patients, on__range=(first, last))
    if show.kind:
        found = found.filter(kind=show.kind)
    if site_id is not None:
        found = found.filter(site=site_id)
    return found.order_by("on", "at", "ordinal", "id")


def visits_on(viewer: User, day: date, site_id: int | None = None) -> QuerySet[Visit]:
    """Visits on one local date, cancelled ones left out; for Today."""
    return visits_between(viewer, day, day, site_id=site_id).exclude(state=VisitState.CANCELLED.value)


def visit_for(viewer: User, visit_id: UUID, permission: Permission = Permission.CHART_READ) -> Visit:
    """The visit, if `viewer` holds `permission` on its patient. Raises `NotFound`, hinting at nobody."""
    patients = people.patients_for(viewer, permission)
    visit = _visits().filter(public_id=visit_id, patient__in=patients).first()
    if visit is None:
        raise NotFound("There is no such visit, or you are not on the patient's care team.")
    return visit


def visit_by_id(visit_id: int) -> Visit:
    """A visit by its key; for apps that hold it as a foreign key and have checked the viewer."""
    return _visits().get(pk=visit_id)


def next_visit(patient: "Patient", now: datetime) -> Visit | None:
    """The next visit that is still ahead. Check the viewer beforehand."""
    ahead = visits_of(patient).filter(state=VisitState.PLANNED.value, starts_at__gte=now)
    return ahead.first()


def plan_of(visit: Visit) -> Plan:
    """The plan a visit belongs to."""
    return visit.plan


def protocol_of(of: Visit | Plan) -> Protocol:
    """The protocol, in the version the plan was compiled from."""
    plan = of.plan if isinstance(of, Visit) else of
    return protocol_version(plan.protocol_id, plan.protocol_version)


def dose_count(plan: Plan) -> int:
    """Doses the plan has, cancelled ones left out."""
    rows = Visit.objects.filter(plan=plan, kind=VisitKind.DOSING.value)
    return rows.exclude(state=VisitState.CANCELLED.value).count()


def plan_days(plan: Plan, on: date) -> tuple[int, int]:
    """The day of the plan on a local date, and how many days it has: 'day 16 of 46'."""
    last = max((visit.on for visit in _all_of(plan)), default=plan.started_on)
    total = (last - plan.started_on) // timedelta(days=1) + 1
    return (on - plan.started_on) // timedelta(days=1) + 1, total


def current_phase(plan: Plan) -> str:
    """The kind of the first visit still ahead: where in the plan the patient is; '' when none is."""
    ahead = {VisitState.PLANNED.value, VisitState.ARRIVED.value}
    return next((visit.kind for visit in _all_of(plan) if visit.state in ahead), "")


@once_a_page
def _all_of(plan: Plan) -> tuple[Visit, ...]:
    """Every visit of the plan by time, cancelled ones too."""
    return tuple(Visit.objects.filter(plan=plan).order_by("starts_at", "id"))


def after_move(visit: Visit, on: date, at: "time") -> PlannedVisits:
    """The plan as it would be with the visit at `on`, `at`. Raises `CannotPlan`."""
    plan, rows = visit.plan, visits_in(visit.plan)
    options = options_for(plan.site, min(plan.started_on, on), Choices.of_json(plan.calendar))
    return shift(
        compiled(plan, rows),
        protocol_of(plan),
        visit.ordinal,
        on=on,
        at=at,
        options=options,
        settled=settled(rows),
        dropped=dropped(rows, visit),
    )


def with_chores(now: datetime) -> QuerySet[Visit]:
    """Visits of active plans that should have begun and of which nobody has said so."""
    planned = _visits().filter(state=VisitState.PLANNED.value, plan__state=PlanState.ACTIVE.value)
    return planned.filter(starts_at__lt=now).order_by("starts_at")


def sites_of(viewer: User) -> frozenset[int]:
    """Sites whose schedule the viewer may see."""
    return access.sites_where(viewer, Permission.SCHEDULE_READ)


def _visits() -> QuerySet[Visit]:
    return Visit.objects.select_related("plan", "plan__site", "patient", "patient__site", "site", "closed_by")
