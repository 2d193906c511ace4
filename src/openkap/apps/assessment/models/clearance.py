"""Results of medical clearance, what was decided on them, what was waived; and the candidacy interview."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.access.roles import ROLE_NAMES, Role
from openkap.apps.assessment.models.episodes import Episode
from openkap.apps.sites.rows import ClinicalRow


class ClearanceResult(ClinicalRow):
    """A clinician read the result of one item. It belongs to the patient: an ECG outlasts an episode."""

    class Reading(models.TextChoices):
        NORMAL = "normal", _("Normal")
        ABNORMAL = "abnormal", _("Abnormal")

    class Source(models.TextChoices):
        HERE = "here", _("Examined here")
        LABORATORY = "laboratory", _("Laboratory or device report")
        LETTER = "letter", _("Letter from another clinic")

    item_id = models.CharField(max_length=80)
    item_version = models.PositiveIntegerField()
    done_on = models.DateField()  # local to the site
    reading = models.CharField(max_length=8, choices=Reading.choices)
    value = models.TextField(blank=True)  # what was measured or seen, in words
    total = models.SmallIntegerField(null=True)  # of a screening form
    interpretation = models.TextField(blank=True)
    source = models.CharField(max_length=12, choices=Source.choices)
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")
    is_withdrawn = models.BooleanField(default=False)  # says that the superseded row was entered in error
    withdrawn_because = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["patient", "item_id", "-done_on"], name="assessment_clearance_latest")
        ]


class ClearanceDecision(ClinicalRow):
    """What was decided on an abnormal result; the latest counts, earlier ones stay."""

    class Decision(models.TextChoices):
        ACCEPT = "accept", _("Accept, and go on")
        HOLD = "hold", _("Hold treatment")
        REFER = "refer", _("Refer, and wait for the answer")

    result = models.ForeignKey(ClearanceResult, on_delete=models.PROTECT, related_name="decisions")
    decision = models.CharField(max_length=8, choices=Decision.choices)
    reason = models.TextField()
    role = models.CharField(max_length=24)

    @property
    def role_word(self) -> str:
        """The role in the reader's language."""
        return str(ROLE_NAMES[Role(self.role)])


class ClearanceWaiver(ClinicalRow):
    """Somebody decided to go on without an item: in which role, why, until when. Shown ever after."""

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="waivers")
    item_id = models.CharField(max_length=80)
    item_version = models.PositiveIntegerField()
    role = models.CharField(max_length=24)
    reason = models.TextField()
    expires_on = models.DateField()
    ended_at = models.DateTimeField(null=True)  # taken back before it expired
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    @property
    def role_word(self) -> str:
        """The role in the reader's language."""
        return str(ROLE_NAMES[Role(self.role)])


class PressureSeries(ClinicalRow):
    """How readings of blood pressure were taken; the readings are values of the chart, by `panel_ids`."""

    class Position(models.TextChoices):
        SITTING = "sitting", _("sitting")
        LYING = "lying", _("lying")
        STANDING = "standing", _("standing")

    class Arm(models.TextChoices):
        LEFT = "left", _("left arm")
        RIGHT = "right", _("right arm")

    position = models.CharField(max_length=8, choices=Position.choices)
    arm = models.CharField(max_length=8, choices=Arm.choices)
    rest_minutes = models.PositiveSmallIntegerField()
    panel_ids = models.JSONField()  # of the chart's observations, in the order they were taken


class PlanningOverride(ClinicalRow):
    """Treatment was planned without a signed decision that holds: by whom, in which role, why. For one day."""

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="planning_overrides")
    role = models.CharField(max_length=24)
    reason = models.TextField()
    expires_on = models.DateField()
    lacking = models.JSONField()  # ids of the findings that were open then

    @property
    def role_word(self) -> str:
        """The role in the reader's language."""
        return str(ROLE_NAMES[Role(self.role)])


class CandidacyAnswer(ClinicalRow):
    """What was said to one question of the candidacy interview; the latest counts, earlier ones stay."""

    question_id = models.CharField(max_length=80)
    question_version = models.PositiveIntegerField()
    choice = models.CharField(max_length=40)
    note = models.TextField(blank=True)
    asked_on = models.DateField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["patient", "question_id", "-id"], name="assessment_candidacy_latest")
        ]
