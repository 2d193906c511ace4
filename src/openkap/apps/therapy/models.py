"""Notes of integration visits, their addenda, and the process notes that only their author can open."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from openkap.apps.sites.rows import ClinicalRow, new_id


class IntegrationNote(ClinicalRow):
    """The signed record of one integration visit. Locked from the start: what is missing is an addendum.

    Which dose it follows and how many hours later is kept as it was known at signing, with the window it was
    judged by.
    """

    visit = models.OneToOneField("planning.Visit", on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    methods = models.JSONField()  # ids of knowledge records
    goals = models.TextField(blank=True)
    what_happened = models.TextField()
    homework = models.TextField(blank=True)
    rated = models.CharField(max_length=120, blank=True)  # what the two ratings are about
    rating_before = models.PositiveSmallIntegerField(null=True)  # 0 to 10, own words; no validated scale
    rating_after = models.PositiveSmallIntegerField(null=True)
    dose_session = models.UUIDField(null=True)  # public id of the session of the dose it follows
    dose_number = models.PositiveSmallIntegerField(null=True)
    dose_at = models.DateTimeField(null=True)
    window_place = models.CharField(max_length=8)
    judged_by = models.JSONField(default=dict)  # id: version of the protocol whose window it is

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="therapy_ratings_0_to_10",
                condition=(models.Q(rating_before__isnull=True) | models.Q(rating_before__lte=10))
                & (models.Q(rating_after__isnull=True) | models.Q(rating_after__lte=10)),
            ),
            models.CheckConstraint(
                name="therapy_ratings_say_of_what",
                condition=models.Q(rating_before__isnull=True, rating_after__isnull=True) | ~models.Q(rated=""),
            ),
            models.CheckConstraint(
                name="therapy_dose_whole",
                condition=models.Q(dose_session__isnull=True, dose_number__isnull=True, dose_at__isnull=True)
                | models.Q(dose_session__isnull=False, dose_number__isnull=False, dose_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "began_at"], name="therapy_note_of_patient")]


class Addendum(models.Model):
    """What was added to a signed note, by whom, when."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    note = models.ForeignKey(IntegrationNote, on_delete=models.PROTECT, related_name="addenda")
    text = models.TextField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")


class ProcessNote(models.Model):
    """A therapist's own notes on a visit: sealed, opened by their author alone, part of no export.

    A changed note is a new row that supersedes; the body of the old one stays sealed.
    """

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("planning.Visit", on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key_id = models.CharField(max_length=40)
    body = models.BinaryField()
    written_at = models.DateTimeField()
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["author", "patient"], name="therapy_process_of_author")]
