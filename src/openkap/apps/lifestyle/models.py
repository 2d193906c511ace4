"""Steps and sleep by the day, from files that patients bring; nothing else of such a file is kept."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.sites.rows import ClinicalRow


class DeviceFile(ClinicalRow):
    """One file that was read, with what was left out of it. The file itself is not kept.

    `days_digest` is of what was kept: the same days twice are kept once. Removed by the patient, its days are
    gone and this row says so.
    """

    class Form(models.TextChoices):
        APPLE_HEALTH = "apple-health", _("Apple Health")
        TAKEOUT = "takeout", _("Takeout of Google or Fitbit")
        TABLE = "table", _("Table")

    form = models.CharField(max_length=12, choices=Form.choices)
    file_digest = models.CharField(max_length=64)  # SHA-256
    days_digest = models.CharField(max_length=64)  # SHA-256 of the days that were kept
    first_day = models.DateField()
    last_day = models.DateField()
    skipped = models.JSONField(default=dict)  # why: how many
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "days_digest"],
                condition=models.Q(removed_at__isnull=True),
                name="lifestyle_same_days_once",
            ),
        ]


class DayCount(ClinicalRow):
    """What one device counted on one local day. Of several files with the same day the latest holds."""

    class Kind(models.TextChoices):
        STEPS = "steps", _("Steps")
        ASLEEP = "asleep", _("Sleep")

    file = models.ForeignKey(DeviceFile, on_delete=models.PROTECT, related_name="days")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    on = models.DateField()
    amount = models.PositiveIntegerField()  # steps; minutes asleep in the night before
    device = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "kind", "on"], name="lifestyle_one_number_a_day"),
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "kind", "on", "-id"], name="lifestyle_days")]
