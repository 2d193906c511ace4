"""Plans, their visits, and every move of a visit."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.planning.states import PLAN_STATE_NAMES, VISIT_STATE_NAMES, PlanState, VisitState
from openkap.apps.sites.rows import new_id


class VisitKindName(models.TextChoices):
    """The kinds of visit, in the words people read. The codes are those of the protocol records."""

    ASSESSMENT = "assessment", _("Assessment")
    PREPARATION = "preparation", _("Preparation")
    DOSING = "dosing", _("Dosing")
    INTEGRATION = "integration", _("Integration")
    CHECK_IN = "check-in", _("Check-in")


class Plan(models.Model):
    """One compiled protocol for one episode. What it was compiled from is kept with it and never changes."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey("assessment.Episode", on_delete=models.PROTECT, related_name="+")
    protocol_id = models.CharField(max_length=80)
    protocol_version = models.PositiveIntegerField()
    knowledge_versions = models.JSONField(default=dict)  # record id -> version in force at the start
    started_on = models.DateField()  # local date of the site
    time_zone = models.CharField(max_length=64)
    calendar = models.JSONField(default=dict)  # closed and preferred weekdays, first dose from
    state = models.CharField(
        max_length=12,
        choices=[(s.value, name) for s, name in PLAN_STATE_NAMES.items()],
        default=PlanState.ACTIVE.value,
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    end_reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(state="active"), name="planning_one_active_plan"
            ),
            models.CheckConstraint(
                name="planning_ended_says_when",
                condition=models.Q(state="active", ended_at__isnull=True)
                | (~models.Q(state="active") & models.Q(ended_at__isnull=False)),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "-created_at"], name="planning_plan_of_patient")]


class Visit(models.Model):
    """One planned visit: the local date and time at the site, and the instants it should lie between."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="visits")
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="+")
    ordinal = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16, choices=VisitKindName.choices)
    around = models.CharField(max_length=80, blank=True)  # which visit of the protocol; '' for dosing
    dose_number = models.PositiveSmallIntegerField()
    on = models.DateField()
    at = models.TimeField()
    time_zone = models.CharField(max_length=64)
    starts_at = models.DateTimeField()  # the same as an instant
    earliest = models.DateTimeField()
    latest = models.DateTimeField()
    measures = models.JSONField(default=list)  # instrument ids
    at_a_distance = models.BooleanField(default=False)
    reasons = models.JSONField(default=list)  # [code, local date meant or null]: why it lies where it lies
    state = models.CharField(
        max_length=12,
        choices=[(s.value, name) for s, name in VISIT_STATE_NAMES.items()],
        default=VisitState.PLANNED.value,
    )
    arrived_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)  # done, cancelled or marked as missed
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    close_reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "ordinal"], name="planning_visit_ordinal_once"),
            models.CheckConstraint(
                name="planning_open_visit_is_not_closed",
                condition=models.Q(state__in=["planned", "arrived"], closed_at__isnull=True)
                | (~models.Q(state__in=["planned", "arrived"]) & models.Q(closed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="planning_window_in_order", condition=models.Q(earliest__lte=models.F("latest"))
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["site", "on", "at"], name="planning_visit_day"),
            models.Index(fields=["patient", "starts_at"], name="planning_visit_of_patient"),
            models.Index(
                fields=["starts_at"], condition=models.Q(state="planned"), name="planning_visit_ahead"
            ),
        ]


class Move(models.Model):
    """That a visit was moved: from where to where, by whom, why; `because_of` the visit that took it along."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="moves")
    from_on = models.DateField()
    from_at = models.TimeField()
    to_on = models.DateField()
    to_at = models.TimeField()
    because_of = models.ForeignKey(Visit, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    moved_at = models.DateTimeField()
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["visit", "moved_at"], name="planning_moves_of_visit")]
