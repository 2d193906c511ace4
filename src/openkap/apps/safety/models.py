"""Suicide risk: what was answered, found, opened and decided, the safety plan, and who is on duty.

Rows about a patient are only added to: the level is worked out from all of them, and what raised it stays.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.sites.rows import ClinicalRow, new_id
from openkap.core.assessment.suicide_risk import Attention, Choice, Level


class Screen(ClinicalRow):
    """What one questionnaire said about suicide, as far as it was filled in then.

    `source_id`: the response, or the form being filled in; a later row of the same source says what came later.
    `said`: [{item, answer, before, course}] of the questions looked at now. `alert_key`: which alert it raised.
    """

    source_id = models.UUIDField()
    instrument_id = models.CharField(max_length=80)
    abbreviation = models.CharField(max_length=80)
    answered_at = models.DateTimeField()
    outcome_id = models.CharField(max_length=40, blank=True)
    total = models.FloatField(null=True)
    said = models.JSONField(default=list)
    level = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Level])
    opens = models.CharField(max_length=12, blank=True)
    attention = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Attention])
    alert_key = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["patient", "answered_at"], name="safety_screen_of_patient"),
            models.Index(fields=["source_id"], name="safety_screen_of_source"),
        ]


class Result(ClinicalRow):
    """A clinician's C-SSRS result; null is 'not known'. `level` as graded then, `certain`: it is no more."""

    assessed_at = models.DateTimeField()
    ideation = models.PositiveSmallIntegerField(null=True)
    behaviour_recent = models.BooleanField(null=True)
    behaviour_ever = models.BooleanField(null=True)
    note = models.TextField(blank=True)
    level = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Level])
    certain = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="safety_ideation_on_the_scale",
                condition=models.Q(ideation__isnull=True) | models.Q(ideation__gte=0, ideation__lte=5),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "assessed_at"], name="safety_result_of_patient")]


class Opening(ClinicalRow):
    """That a level was reached, or that answers were acute: what was opened, once.

    `sets`: the sets of steps, `steps`: their ids in order. `asks_decision`: no dose before it is taken.
    """

    cause_kind = models.CharField(max_length=8, choices=[("screen", "screen"), ("result", "result")])
    cause_id = models.UUIDField()
    level = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Level])
    sets = models.CharField(max_length=60)
    steps = models.JSONField(default=list)
    asks_decision = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cause_id", "sets"], name="safety_opened_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "-id"], name="safety_opening_of_patient")]


class Decision(ClinicalRow):
    """A psychiatrist's decision at high risk, signed by who recorded it."""

    opening = models.OneToOneField(Opening, on_delete=models.PROTECT, related_name="decision")
    choice = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Choice])
    setting = models.CharField(max_length=200, blank=True)  # where a dose may be given
    reason = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="safety_decision_says_why", condition=~models.Q(reason="")),
            models.CheckConstraint(
                name="safety_higher_care_says_where",
                condition=~models.Q(choice=Choice.HIGHER_CARE.value) | ~models.Q(setting=""),
            ),
        ]


class Plan(ClinicalRow):
    """One version of a patient's safety plan, in their own words. `content`: section -> [{text, number}].

    `together`: written with the patient there; null where nobody said.
    """

    version = models.PositiveIntegerField()
    content = models.JSONField()
    together = models.BooleanField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "version"], name="safety_plan_version_once"),
        ]


class PlanReview(ClinicalRow):
    """That a version of the plan was gone through with the patient and stands as it is."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="reviews")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["plan", "-id"], name="safety_review_of_plan")]


class SiteTiming(models.Model):
    """A site's own minutes and roles of the pathway, signed by its medical director. Never changed.

    Only what differs from the records: `minutes` {key: n}, `roles` {key: [role]}, `review_hour`. `looser` names
    the keys that ask less than the record and were signed as such. The last version in effect holds.
    """

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    effective_from = models.DateField()  # on the site's calendar
    minutes = models.JSONField(default=dict)
    roles = models.JSONField(default=dict)
    review_hour = models.PositiveSmallIntegerField(null=True)
    looser = models.JSONField(default=list)
    reason = models.TextField()
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["site", "version"], name="safety_timing_version_once"),
            models.CheckConstraint(name="safety_timing_says_why", condition=~models.Q(reason="")),
        ]


class Shift(models.Model):
    """Who is on duty on a weekday or on one date, on the site's clock; past midnight if it ends earlier.

    On a date that has shifts of its own those of the weekday do not count. Without a user: nobody is.
    """

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    weekday = models.PositiveSmallIntegerField(null=True, choices=Weekday.choices)
    on = models.DateField(null=True)
    begins = models.TimeField()
    ends = models.TimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="safety_shift_weekday_or_date",
                condition=models.Q(weekday__isnull=False) ^ models.Q(on__isnull=False),
            ),
            models.CheckConstraint(
                name="safety_nobody_only_on_a_date",
                condition=models.Q(user__isnull=False) | models.Q(on__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["site"], condition=models.Q(removed_at__isnull=True), name="safety_shift_of_site"
            ),
        ]


class Unstaffed(models.Model):
    """What happens at a site when nobody is on duty: whom an alert names then, and what staff do."""

    site = models.OneToOneField("sites.Site", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    what_happens = models.CharField(max_length=300)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
