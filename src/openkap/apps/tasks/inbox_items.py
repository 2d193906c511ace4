"""Open tasks that belong on the list of what needs a look. They close by their own pages, not by a glance."""

from datetime import datetime
from typing import TYPE_CHECKING

from openkap.apps.inbox.items import InboxItem, InboxKind, Urgency
from openkap.apps.tasks.kinds import TaskKind
from openkap.apps.tasks.links import page_of
from openkap.apps.tasks.models import Alert, Task
from openkap.apps.tasks.states import TaskState

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from openkap.apps.people.models import Patient


def alert_items(patients: "QuerySet[Patient]", _now: datetime) -> list[InboxItem]:
    """Alerts of now that nobody has acknowledged: they call people, and stand first for who looks here."""
    now = Alert.Severity.NOW.value
    found = Alert.objects.filter(patient__in=patients, acknowledged_at__isnull=True, severity=now)
    return [
        InboxItem(
            kind=InboxKind.ALERT,
            about=alert.public_id,
            patient_id=alert.patient_id,
            at=alert.raised_at,
            urgency=Urgency.NOW,
            status="over",
            words=str(alert.words),
            detail=alert.detail,
            path=page_of(alert),
        )
        for alert in found.select_related("patient")
    ]


def off_track_items(patients: "QuerySet[Patient]", now: datetime) -> list[InboxItem]:
    """Patients whose course is off track."""
    return _items(patients, TaskKind.OFF_TRACK, InboxKind.OFF_TRACK, Urgency.OFF_TRACK, now)


def risk_review_items(patients: "QuerySet[Patient]", now: datetime) -> list[InboxItem]:
    """Answers about suicide that are looked at before the day ends: unchanged or unsaid ones."""
    return _items(patients, TaskKind.RISK_REVIEW, InboxKind.RISK_REVIEW, Urgency.TODAY, now)


def _items(
    patients: "QuerySet[Patient]", kind: TaskKind, shown: InboxKind, urgency: Urgency, now: datetime
) -> list[InboxItem]:
    found = Task.objects.filter(kind=kind.value, state=TaskState.OPEN.value, patient__in=patients)
    return [
        InboxItem(
            kind=shown,
            about=task.public_id,
            patient_id=task.patient_id,
            at=task.opened_at,
            urgency=urgency,
            status="over" if task.due_at < now else "due",
            words=str(task.words),
            detail=task.detail,
            path=page_of(task),
            due=task.due_at,
        )
        for task in found.select_related("patient")
        if task.patient_id is not None
    ]
