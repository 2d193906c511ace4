"""The only writes of tasks and alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from openkap.adapters.queue import defer
from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Actor, Subject, SystemActor
from openkap.apps.tasks import queries
from openkap.apps.tasks.kinds import TASKS, TaskKind, alert_kind, task_kind
from openkap.apps.tasks.ladder import begin_again, ladder_of, patience_of
from openkap.apps.tasks.models import Alert, Escalation, Task
from openkap.apps.tasks.permissions import check_may_write
from openkap.apps.tasks.states import TaskState, task_after
from openkap.errors import BadInput, NotAllowedNow

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient
    from openkap.apps.sites.models import Site

BATCH = 200
Owing = TypeVar("Owing", Task, Alert)


@dataclass(frozen=True)
class About:
    """What the task or alert is about: 'visit', 'session', 'response', 'finding' ... and its public id.

    `code` says more where the kind is not enough, such as which questionnaire.
    """

    kind: str
    id: UUID
    code: str = ""


@transaction.atomic
def open_task(
    *,
    by: Actor,
    now: datetime,
    kind: str,
    key: str,
    site: "Site",
    due_at: datetime,
    patient: "Patient | None" = None,
    owner: User | None = None,
    role: Role | None = None,
    escalate_to: Role | None = None,
    about: About | None = None,
    detail: str = "",
) -> Task:
    """Open a task, or return the one that `key` opened before, whatever became of it.

    `role` and `escalate_to` default to the kind's own. The caller has checked that `by` may do what opens it.
    """
    code = task_kind(kind)
    further = escalate_to or TASKS[code].escalate_to
    task, opened = Task.objects.get_or_create(
        key=key,
        defaults={
            "kind": code.value,
            "site": site,
            "patient": patient,
            "owner": owner,
            "role": (role or TASKS[code].role).value,
            "escalate_to": further.value if further else "",
            "escalates_at": due_at if further else None,
            "due_at": due_at,
            "opened_at": now,
            "opened_by": by if isinstance(by, User) else None,
            "about_kind": about.kind if about else "",
            "about_id": about.id if about else None,
            "about_code": about.code if about else "",
            "detail": detail,
        },
    )
    if opened:
        audit.record(by=by, now=now, action="tasks.open", subject=subject_of(task), details={"kind": task.kind})
        if task.escalates_at is not None:
            defer("tasks.due", at=task.escalates_at, task=task.public_id)
    return task


@transaction.atomic
def complete_task(*, by: User, now: datetime, task: Task, outcome: str = "") -> Task:
    """Close the task as done, saying what was done. Raises `Refused`, `NotAllowedNow`, `BadInput`."""
    _check_may_answer(by, task)
    if TASKS[TaskKind(task.kind)].says_what_was_done and not outcome.strip():
        raise BadInput(_("Say what was done."), field="outcome")
    return _close(task, "complete", by=by, now=now, outcome=outcome.strip())


@transaction.atomic
def cancel_task(*, by: User, now: datetime, task: Task, reason: str) -> Task:
    """Close the task as no longer needed. Raises `Refused`, `NotAllowedNow`, `BadInput` without a reason."""
    _check_may_answer(by, task)
    if not reason.strip():
        raise BadInput("Say why the task is cancelled.", field="reason")
    return _close(task, "cancel", by=by, now=now, outcome=reason.strip())


@transaction.atomic
def settle_task(*, by: Actor, now: datetime, key: str) -> Task | None:
    """Close the open task of `key` as done, because what it asked for has happened elsewhere.

    Returns None where there is no such open task. Called by the operation that did the work, which has
    checked that `by` may.
    """
    task = Task.objects.filter(key=key, state=TaskState.OPEN.value).first()
    return _close(task, "complete", by=by, now=now) if task else None


@transaction.atomic
def settle_tasks_about(*, by: Actor, now: datetime, patient: "Patient", kind: str, code: str) -> list[Task]:
    """Close as done every open task of this kind about the patient whose `about_code` is `code`.

    A questionnaire that was filled in settles whatever asked for it. Called by the operation that did the
    work, which has checked that `by` may.
    """
    waiting = Task.objects.filter(
        patient=patient, kind=task_kind(kind).value, about_code=code, state=TaskState.OPEN.value
    )
    return [_close(task, "complete", by=by, now=now) for task in waiting.order_by("id")]


@transaction.atomic
def withdraw_task(*, by: Actor, now: datetime, key: str) -> Task | None:
    """Cancel the open task of `key`, because what it asked for is no longer wanted. None where none is open."""
    task = Task.objects.filter(key=key, state=TaskState.OPEN.value).first()
    return _close(task, "cancel", by=by, now=now) if task else None


@transaction.atomic
def raise_alert(
    *,
    by: Actor,
    now: datetime,
    kind: str,
    key: str,
    patient: "Patient",
    severity: str,
    acknowledge_by: datetime,
    about: About | None = None,
    detail: str = "",
    owner: User | None = None,
    ladder: Sequence[Role] = (),
) -> Alert:
    """Raise an alert, or return the one that `key` raised before.

    `severity` is 'now' or 'soon'; `owner` is named to answer and sees it whoever's patient it is. Past
    `acknowledge_by` it goes up the `ladder`; without one to the kind's role, then to the medical director. The
    caller has checked that `by` may do what raises it. Raises `BadInput`.
    """
    code = alert_kind(kind)
    if severity not in Alert.Severity.values:
        raise BadInput("The severity of an alert is 'now' or 'soon'.", field="severity")
    if acknowledge_by < now:
        raise BadInput("An alert cannot be due before it is raised.", field="acknowledge_by")
    alert, raised = Alert.objects.get_or_create(
        key=key,
        defaults={
            "kind": code.value,
            "site_id": patient.site_id,
            "patient": patient,
            "severity": severity,
            "owner": owner,
            "ladder": ",".join(ladder),
            "raised_at": now,
            "acknowledge_by": acknowledge_by,
            "escalates_at": acknowledge_by,
            "about_kind": about.kind if about else "",
            "about_id": about.id if about else None,
            "about_code": about.code if about else "",
            "detail": detail,
        },
    )
    if raised:
        details = {"kind": alert.kind, "severity": alert.severity}
        audit.record(by=by, now=now, action="tasks.raise-alert", subject=subject_of(alert), details=details)
        defer("tasks.due", at=acknowledge_by, alert=alert.public_id)
    return alert


@transaction.atomic
def add_to_alert(*, by: Actor, now: datetime, key: str, detail: str) -> Alert | None:
    """Say more in an alert nobody has answered yet; None when it was answered or was never raised.

    Called by the operation that found more of the same, which has checked that `by` may.
    """
    alert = Alert.objects.select_for_update().filter(key=key, acknowledged_at__isnull=True).first()
    if alert is not None and alert.detail != detail:
        alert.detail = detail
        alert.save(update_fields=["detail"])
        audit.record(
            by=by, now=now, action="tasks.add-to-alert", subject=subject_of(alert), details={"kind": alert.kind}
        )
    return alert


@transaction.atomic
def hand_over_alert(*, by: Actor, now: datetime, alert: Alert, owner: User) -> bool:
    """Name somebody else to answer, such as who is on duty now. Returns whether that changed anything."""
    alert = Alert.objects.select_for_update().get(pk=alert.pk)
    if alert.acknowledged_at is not None or alert.owner_id == owner.pk:
        return False
    alert.owner = owner
    alert.save(update_fields=["owner"])
    details = {"kind": alert.kind, "to": str(owner.public_id)}
    audit.record(by=by, now=now, action="tasks.hand-over", subject=subject_of(alert), details=details)
    return True


@transaction.atomic
def hasten_alert(*, by: Actor, now: datetime, alert: Alert) -> bool:
    """Let it go on now instead of when its time is up, because who was called cannot be reached.

    Returns whether that changed anything: not once it was answered or has nobody further to go to.
    """
    alert = Alert.objects.select_for_update().get(pk=alert.pk)
    if alert.acknowledged_at is not None or alert.escalates_at is None or alert.escalates_at <= now:
        return False
    alert.escalates_at = now
    alert.save(update_fields=["escalates_at"])
    audit.record(by=by, now=now, action="tasks.hasten", subject=subject_of(alert), details={"kind": alert.kind})
    defer("tasks.due", at=now, alert=alert.public_id)
    return True


@transaction.atomic
def hand_over_task(*, by: Actor, now: datetime, task: Task, owner: User) -> bool:
    """Name somebody else to do it, such as who is on duty now. Returns whether that changed anything."""
    task = Task.objects.select_for_update().get(pk=task.pk)
    if task.state != TaskState.OPEN.value or task.owner_id == owner.pk:
        return False
    task.owner = owner
    task.save(update_fields=["owner"])
    details = {"kind": task.kind, "to": str(owner.public_id)}
    audit.record(by=by, now=now, action="tasks.hand-over", subject=subject_of(task), details=details)
    return True


@transaction.atomic
def acknowledge_alert(
    *, by: User, now: datetime, alert: Alert, what_was_done: str, seen: int | None = None
) -> Alert:
    """Answer the alert, saying what was done. Raises `Refused`, `BadInput`, `NotAllowedNow`.

    `seen`: how many occurrences it had when it was read; nobody answers for one that came after that.
    """
    check_may_write(by, alert.site_id)
    queries.alert_for(by, alert.public_id)
    if not what_was_done.strip():
        raise BadInput("Say what was done; an alert is not only read.", field="what_was_done")
    alert = Alert.objects.select_for_update().get(pk=alert.pk)
    if alert.acknowledged_at is not None:
        raise NotAllowedNow(_("This alert has been acknowledged already; nothing was changed."))
    if seen is not None and alert.occurrences.count() > seen:
        raise NotAllowedNow(_("More was added to this alert while you wrote. Read it again, then answer it."))
    alert.acknowledged_at, alert.acknowledged_by, alert.escalates_at = now, by, None
    alert.what_was_done = what_was_done.strip()
    alert.save(update_fields=["acknowledged_at", "acknowledged_by", "what_was_done", "escalates_at"])
    audit.record(
        by=by, now=now, action="tasks.acknowledge", subject=subject_of(alert), details={"kind": alert.kind}
    )
    return alert


def escalate_overdue(*, now: datetime, by: Actor | None = None) -> int:
    """Hand on every missed task and unanswered alert whose time has come. Returns how many went on.

    Safe to run at any time, twice, or in two processes at once: rows in work elsewhere are left to it.
    """
    actor = by or SystemActor()
    return _escalate_all(Task.objects.all(), now, actor) + _escalate_all(Alert.objects.all(), now, actor)


def _escalate_all(kind: QuerySet[Owing], now: datetime, by: Actor) -> int:
    went_on = 0
    while batch := _escalate_batch(kind, now, by):
        went_on += batch
    return went_on


@transaction.atomic
def _escalate_batch(kind: QuerySet[Owing], now: datetime, by: Actor) -> int:
    due = kind.filter(escalates_at__lte=now).order_by("escalates_at")
    rows = list(due.select_for_update(skip_locked=True)[:BATCH])
    for owed in rows:
        _escalate(owed, now, by)
    return len(rows)


def _escalate(owed: Task | Alert, now: datetime, by: Actor) -> None:
    turn = owed.round if isinstance(owed, Alert) else 0
    told = set(owed.escalations.filter(round=turn).values_list("to_role", flat=True))
    waiting = [role for role in ladder_of(owed) if role.value not in told]
    if waiting:
        Escalation.objects.create(
            round=turn,
            task=owed if isinstance(owed, Task) else None,
            alert=owed if isinstance(owed, Alert) else None,
            to_role=waiting[0].value,
            at=now,
        )
        details = {"kind": owed.kind, "to_role": waiting[0].value}
        audit.record(by=by, now=now, action="tasks.escalate", subject=subject_of(owed), details=details)
    owed.escalates_at = now + patience_of(owed) if len(waiting) > 1 else None
    if isinstance(owed, Alert) and owed.escalates_at is None and owed.grown_at is not None:
        begin_again(owed, now)
        owed.save(update_fields=["escalates_at", "round", "grown_at"])
    owed.save(update_fields=["escalates_at"])


def _check_may_answer(by: User, task: Task) -> None:
    check_may_write(by, task.site_id)
    queries.task_for(by, task.public_id)
    if TASKS[TaskKind(task.kind)].done_elsewhere:
        raise NotAllowedNow(_("This task closes by what it asks for, not by hand."))


def _close(task: Task, verb: str, *, by: Actor, now: datetime, outcome: str = "") -> Task:
    task = Task.objects.select_for_update().get(pk=task.pk)
    task.state = task_after(task.state, verb).value
    task.closed_at, task.outcome, task.escalates_at = now, outcome, None
    task.closed_by = by if isinstance(by, User) else None
    task.save(update_fields=["state", "closed_at", "closed_by", "outcome", "escalates_at"])
    audit.record(by=by, now=now, action=f"tasks.{verb}", subject=subject_of(task), details={"kind": task.kind})
    return task


def subject_of(owed: Task | Alert) -> Subject:
    patient = owed.patient.public_id if owed.patient else None
    kind = "task" if isinstance(owed, Task) else "alert"
    return Subject(kind, owed.public_id, patient, owed.site_id)
