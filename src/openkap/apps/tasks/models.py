"""Tasks, alerts, and to whom they went when nobody answered."""

from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models

from openkap.apps.access.roles import ROLE_NAMES
from openkap.apps.sites.rows import new_id
from openkap.apps.tasks.kinds import ALERTS, TASKS, AlertKind, TaskKind
from openkap.apps.tasks.states import TaskState

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

ROLES = [(role.value, name) for role, name in ROLE_NAMES.items()]


class Owed(models.Model):
    """What a task and an alert have in common: about whom, since when, and when it goes to someone else."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    # Says what it is the one and only task or alert of; a sweep that runs twice opens nothing twice.
    key = models.CharField(max_length=200, unique=True)
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    detail = models.CharField(max_length=300, blank=True)  # for people; may hold clinical words, never audited
    about_kind = models.CharField(max_length=24, blank=True)  # 'visit', 'session', 'response', ...
    about_id = models.UUIDField(null=True)
    about_code = models.CharField(max_length=80, blank=True)  # such as the questionnaire's id
    escalates_at = models.DateTimeField(null=True)  # next time it goes to someone else; null: no further

    class Meta:
        abstract = True


class Task(Owed):
    """A piece of work with an owner and a deadline."""

    kind = models.CharField(max_length=24, choices=[(k.value, row.words) for k, row in TASKS.items()])
    patient = models.ForeignKey("people.Patient", null=True, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=24, choices=ROLES)
    due_at = models.DateTimeField()
    escalate_to = models.CharField(max_length=24, choices=ROLES, blank=True)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in TaskState], default=TaskState.OPEN.value
    )
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.TextField(blank=True)  # what was done, or why it was cancelled

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="tasks_closed_says_when",
                condition=models.Q(state=TaskState.OPEN.value, closed_at__isnull=True)
                | (~models.Q(state=TaskState.OPEN.value) & models.Q(closed_at__isnull=False)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["site", "due_at"], condition=models.Q(state="open"), name="tasks_open"),
            models.Index(fields=["patient", "-due_at"], name="tasks_of_patient"),
        ]

    @property
    def words(self) -> "_StrPromise":
        return TASKS[TaskKind(self.kind)].words


class Alert(Owed):
    """Something that must be heard and answered; open until a person says what was done."""

    class Severity(models.TextChoices):
        NOW = "now"
        SOON = "soon"

    kind = models.CharField(max_length=24, choices=[(k.value, row.words) for k, row in ALERTS.items()])
    severity = models.CharField(max_length=4, choices=Severity.choices)
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(  # who was named to answer, such as whoever is on duty
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    raised_at = models.DateTimeField()
    acknowledge_by = models.DateTimeField()
    ladder = models.CharField(max_length=120, blank=True)  # roles, in order; '' is the kind's own
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    what_was_done = models.TextField(blank=True)
    # How often the ladder began anew because more of the same came after a role had heard; and since when it
    # must begin once more.
    round = models.PositiveSmallIntegerField(default=0)
    grown_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="tasks_acknowledged_whole",
                condition=models.Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True, what_was_done="")
                | (
                    models.Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False)
                    & ~models.Q(what_was_done="")
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["patient"], condition=models.Q(acknowledged_at__isnull=True), name="tasks_open_alerts"
            ),
        ]

    @property
    def words(self) -> "_StrPromise":
        return ALERTS[AlertKind(self.kind)].words

    @property
    def said(self) -> str:
        """What it is about: its detail, and on the site's clock when each of its occurrences was due."""
        zone = ZoneInfo(self.site.time_zone)
        times = ", ".join(f"{one.at.astimezone(zone):%H:%M}" for one in self.occurrences.all())
        return "; ".join(part for part in (self.detail, times) if part)


class Occurrence(models.Model):
    """One of several moments that an alert is about, such as a reading nobody took. Only ever added."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="occurrences")
    code = models.CharField(max_length=200)  # what it is, unique in its alert
    at = models.DateTimeField()  # when it was due
    noticed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "id"]  # newest last
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["alert", "code"], name="tasks_occurs_once"),
        ]


class Escalation(models.Model):
    """That a missed task or an unanswered alert went to a further role, and when."""

    task = models.ForeignKey(Task, null=True, on_delete=models.PROTECT, related_name="escalations")
    alert = models.ForeignKey(Alert, null=True, on_delete=models.PROTECT, related_name="escalations")
    to_role = models.CharField(max_length=24, choices=ROLES)
    at = models.DateTimeField()
    round = models.PositiveSmallIntegerField(default=0)  # of an alert that grew: its ladder may begin again

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="tasks_escalation_of_one",
                condition=models.Q(task__isnull=False, alert__isnull=True)
                | models.Q(task__isnull=True, alert__isnull=False),
            ),
            models.UniqueConstraint(fields=["task", "to_role"], name="tasks_task_escalates_once"),
            models.UniqueConstraint(fields=["alert", "to_role", "round"], name="tasks_alert_escalates_once"),
        ]
