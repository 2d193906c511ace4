"""Tasks and alerts, as far as the viewer may see them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, When

from openkap.adapters.postgres.reading import once_a_page
from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import ROLES, Permission
from openkap.apps.people import queries as people
from openkap.apps.tasks.kinds import TaskKind
from openkap.apps.tasks.models import Alert, Task
from openkap.apps.tasks.states import TaskState
from openkap.errors import NotFound

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


SAFETY_FIRST = (TaskKind.RISK_DECISION, TaskKind.RISK_REVIEW, TaskKind.RISK_STEP)


@dataclass(frozen=True)
class TaskFilter:
    """`whose`: 'mine' (names me), 'role' (names my role), 'all' of both; `overdue` keeps what is past due."""

    whose: str = "all"
    overdue: bool = False


def _of_my_roles(viewer: User) -> Q:
    """Tasks that name, or were escalated to, a role the viewer holds at the task's site."""
    reach = Q(pk__in=[])
    for site, roles in access.roles_of(viewer).items():
        names = [role.value for role in roles if Permission.TASK_READ in ROLES[role]]
        reach |= Q(site=site) & (Q(role__in=names, owner__isnull=True) | Q(escalations__to_role__in=names))
    return reach


def _visible_tasks(viewer: User, whose: str) -> QuerySet[Task]:
    patients = people.patients_for(viewer, Permission.TASK_READ)
    mine = Q(owner=viewer)
    roles = _of_my_roles(viewer) & (Q(patient__isnull=True) | Q(patient__in=patients))
    reach = {"mine": mine, "role": roles}.get(whose, mine | roles)
    return Task.objects.filter(reach).select_related("patient", "owner", "site").distinct()


def open_tasks_for(viewer: User, *, now: datetime, show: TaskFilter | None = None) -> QuerySet[Task]:
    """Open tasks that `viewer` answers for: on suicide risk first, then the longest overdue."""
    show = show or TaskFilter()
    found = _visible_tasks(viewer, show.whose).filter(state=TaskState.OPEN.value)
    if show.overdue:
        found = found.filter(due_at__lt=now)
    first = Q(kind__in=SAFETY_FIRST, due_at__lt=now + timedelta(days=1))
    return found.order_by(Case(When(first, then=0), default=1), "due_at", "id")


def open_alerts_for(viewer: User) -> QuerySet[Alert]:
    """Unanswered alerts the viewer may see: those that need someone now first, then the oldest."""
    return (
        _visible_alerts(viewer)
        .filter(acknowledged_at__isnull=True)
        .select_related("patient", "site", "owner")
        .prefetch_related("escalations", "occurrences")
        .order_by("severity", "raised_at", "id")
    )


def _visible_alerts(viewer: User) -> QuerySet[Alert]:
    """On the viewer's patients, and those that name the viewer."""
    patients = people.patients_for(viewer, Permission.TASK_READ)
    return Alert.objects.filter(Q(patient__in=patients) | Q(owner=viewer))


def unanswered_alerts(kind: str) -> QuerySet[Alert]:
    """Every unanswered alert of one kind, for due work; nobody looks at these."""
    found = Alert.objects.filter(kind=kind, acknowledged_at__isnull=True).prefetch_related("escalations")
    return found.select_related("patient__site", "site", "owner").order_by("id")


def open_tasks_of_kinds_for(viewer: User, *kinds: TaskKind) -> "QuerySet[Task]":
    """Open tasks of some kinds about the viewer's patients, by due time, whoever answers for them."""
    patients = people.patients_for(viewer, Permission.TASK_READ)
    found = Task.objects.filter(kind__in=kinds, state=TaskState.OPEN.value, patient__in=patients)
    return found.select_related("patient", "site", "owner").order_by("due_at", "id")


def tasks_of(patient: "Patient") -> QuerySet[Task]:
    """All tasks about the patient, open ones first, each group by due time. Check the viewer beforehand."""
    found = Task.objects.filter(patient=patient).select_related("owner", "closed_by")
    return found.order_by(F("closed_at").desc(nulls_first=True), "due_at")


def open_tasks_about(patient: "Patient") -> QuerySet[Task]:
    """Open tasks about the patient by due time. Check the viewer beforehand."""
    found = tasks_of(patient).filter(state=TaskState.OPEN.value)
    return found.select_related("patient").order_by("due_at", "id")


def open_tasks_of_kind(kind: str) -> QuerySet[Task]:
    """Every open task of one kind, for due work; nobody looks at these."""
    return Task.objects.filter(kind=kind, state=TaskState.OPEN.value).order_by("id")


def open_tasks_gone_on(*kinds: str) -> QuerySet[Task]:
    """Every open task of these kinds that was missed and went to a further role, for due work."""
    found = Task.objects.filter(kind__in=kinds, state=TaskState.OPEN.value, escalations__isnull=False)
    return found.select_related("patient__site", "site", "owner").distinct().order_by("id")


def patients_with_open_tasks(patients: "QuerySet[Patient]", *, due_before: datetime | None = None) -> list[int]:
    """The key of the patient of each open task about `patients`; several when there are several tasks."""
    found = Task.objects.filter(patient__in=patients, state=TaskState.OPEN.value)
    if due_before is not None:
        found = found.filter(due_at__lte=due_before)
    return list(found.values_list("patient_id", flat=True))


@once_a_page
def alerts_of(patient: "Patient") -> QuerySet[Alert]:
    """All alerts about the patient, the newest first. Check the viewer beforehand."""
    return (
        Alert.objects.filter(patient=patient)
        .select_related("acknowledged_by", "owner")
        .prefetch_related("escalations", "occurrences")
        .order_by("-raised_at", "-id")
    )


def task_for(viewer: User, task_id: UUID) -> Task:
    """A task of the viewer's or of a patient of theirs. Raises `NotFound`."""
    patients = people.patients_for(viewer, Permission.TASK_READ)
    task = _visible_tasks(viewer, "all").filter(public_id=task_id).first()
    task = task or Task.objects.filter(public_id=task_id, patient__in=patients).first()
    if task is None:
        raise NotFound("There is no such task, or it is not yours to see.")
    return task


def alert_for(viewer: User, alert_id: UUID) -> Alert:
    """An alert on a patient of the viewer's, or one that names them. Raises `NotFound`."""
    alert = _visible_alerts(viewer).filter(public_id=alert_id).first()
    if alert is None:
        raise NotFound("There is no such alert, or it is not on a patient of yours.")
    return alert
