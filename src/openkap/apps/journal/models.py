"""What patients write for themselves, what they share of it, and what they practise."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.sites.rows import ClinicalRow, new_id


class Entry(models.Model):
    """One entry of a patient's journal. Its text is sealed, shared or not; it is never changed."""

    class Kind(models.TextChoices):
        NOTICED = "noticed", _("What I noticed")
        WILL_DO = "will-do", _("What I will do")
        FREE = "free", _("Something else")

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    key_id = models.CharField(max_length=40)
    body = models.BinaryField()
    written_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "-written_at"], name="journal_entry_of_patient")]


class Standing(models.Model):
    """Who may read an entry from then on; the latest holds. Only its patient says so."""

    class Who(models.TextChoices):
        PRIVATE = "private", _("only me")
        SHARED = "shared", _("my care team too")
        REMOVED = "removed", _("taken out")

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="standings")
    who = models.CharField(max_length=8, choices=Who.choices)
    since = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["entry", "-id"], name="journal_latest_standing")]


class Practice(ClinicalRow):
    """Something the patient practises at home, as agreed with staff. Ended, never changed."""

    title = models.CharField(max_length=80)
    how = models.TextField(blank=True)
    often = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )


class Done(models.Model):
    """That a practice was done on a local day; once a day counts."""

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="done")
    on = models.DateField()
    said_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "on"], name="journal_done_once_a_day")
        ]
