"""An intake: what a patient, or staff for them, wrote; and what of it was taken into the record."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.sites.rows import ClinicalRow, new_id


class IntakeState(models.TextChoices):
    """Where an intake stands."""

    OPEN = "open", _("being filled in")
    SENT = "sent", _("waiting for review")
    REVIEWED = "reviewed", _("reviewed")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Intake(models.Model):
    """One intake of a patient. Its answers change until it is sent, never after."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=IntakeState.choices, default=IntakeState.OPEN)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=models.Q(state__in=["open", "sent"]),
                name="intake_one_at_a_time",
            ),
        ]


class Answer(models.Model):
    """One answer as it is typed: the last one typed holds, on whatever device."""

    intake = models.ForeignKey(Intake, on_delete=models.PROTECT, related_name="answers")
    field = models.CharField(max_length=40)
    value = models.TextField(blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["intake", "field"], name="intake_answer_once")]


class Decision(ClinicalRow):
    """What became of one thing the patient wrote: a field, or one line of a list. Never changed."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("taken over")
        CHANGED = "changed", _("taken over with a change")
        REFUSED = "refused", _("not taken over")

    intake = models.ForeignKey(Intake, on_delete=models.PROTECT, related_name="decisions")
    field = models.CharField(max_length=40)
    line = models.PositiveSmallIntegerField(default=0)  # of a list; 0 for other fields
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    said = models.TextField(blank=True)  # as the patient wrote it
    taken = models.TextField(blank=True)  # as it stands in the record now; '' if it does not
    row_id = models.UUIDField(null=True)  # of the fact in the chart

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["intake", "field", "line"], name="intake_decided_once"),
        ]
