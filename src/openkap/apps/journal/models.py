"""What patients write for themselves, what they share of it, and what they practise."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openkap.apps.messages.channels import Channel
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
        THERAPIST = "therapist", _("my therapist too")
        SHARED = "shared", _("my care team too")
        REMOVED = "removed", _("taken out")

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="standings")
    who = models.CharField(max_length=12, choices=Who.choices)
    since = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["entry", "-id"], name="journal_latest_standing")]


class Seen(models.Model):
    """That somebody of the staff had an entry before them, and when first. It stays when sharing ends."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="seen")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "reader"], name="journal_seen_first_once"),
        ]


class Practice(ClinicalRow):
    """Something the patient practises at home, as agreed with staff. Ended, never changed."""

    title = models.CharField(max_length=80)
    how = models.TextField(blank=True)
    often = models.CharField(max_length=80, blank=True)
    method = models.CharField(max_length=60, blank=True)  # id of a record of therapy methods
    from_note = models.UUIDField(null=True)  # public id of the therapy note whose homework it is
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )


class Done(models.Model):
    """That a practice was done on a local day; once a day counts. A note is sealed as the journal is."""

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="done")
    on = models.DateField()
    said_at = models.DateTimeField()
    key_id = models.CharField(max_length=40, blank=True)
    body = models.BinaryField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "on"], name="journal_done_once_a_day")
        ]


class Reminder(models.Model):
    """When and how the patient wants to be reminded of a practice; their own wish, so it is changed in place.

    `next_at` is when the next one is due; null while it is off.
    """

    practice = models.OneToOneField(Practice, on_delete=models.PROTECT, related_name="reminder")
    weekdays = models.JSONField(default=list)  # 0 is Monday
    at = models.TimeField()  # on the site's clock
    channel = models.CharField(max_length=8, choices=Channel.choices)
    next_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["next_at"], condition=models.Q(next_at__isnull=False), name="journal_reminder_due"
            ),
        ]
