"""Dosing sessions and their streams of events."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from openkap.apps.sites.rows import new_id


class Session(models.Model):
    """One dosing session of one visit: what was ordered, and the counter of its stream.

    What happened is in `Event` alone. `last_seq` is moved under this row's lock; the times at the end are kept
    beside the stream so that open sessions are found by index.
    """

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="+")
    visit = models.OneToOneField("planning.Visit", on_delete=models.PROTECT, related_name="+")
    chair = models.CharField(max_length=12)
    drug = models.CharField(max_length=16)
    route = models.CharField(max_length=8)
    mg_per_kg = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    fixed_mg = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    duration_seconds = models.PositiveIntegerField()  # 0: given at once
    dose_number = models.PositiveSmallIntegerField()
    dose_count = models.PositiveSmallIntegerField()
    protocol_id = models.CharField(max_length=80)
    protocol_version = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    last_seq = models.PositiveIntegerField(default=0)
    judged_by = models.JSONField(default=dict)  # id: version of the records in force when the dose started
    ended_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(mg_per_kg__gt=0, fixed_mg__isnull=True) | Q(mg_per_kg__isnull=True, fixed_mg__gt=0),
                name="dosing_session_one_amount",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True, signed_by__isnull=True)
                | Q(signed_at__isnull=False, signed_by__isnull=False, ended_at__isnull=False),
                name="dosing_session_signed_by_someone_after_its_end",
            ),
            models.UniqueConstraint(
                fields=["site", "chair"],
                condition=Q(ended_at__isnull=True),
                name="dosing_one_open_session_per_chair",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["site"], condition=Q(ended_at__isnull=True), name="dosing_session_open"),
            models.Index(fields=["patient", "opened_at"], name="dosing_session_patient"),
        ]


class Event(models.Model):
    """One event of a session. Append-only: a trigger refuses any change; a correction is another event."""

    class Status(models.TextChoices):
        APPLIED = "applied", _("Saved")
        REJECTED = "rejected", _("Not applied")

    id = models.BigAutoField(primary_key=True)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()  # gapless in the session; order of storage
    client_id = models.UUIDField(unique=True)  # made by the page: sending it twice stores it once
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24)
    payload = models.JSONField()
    schema_version = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=8, choices=Status.choices)
    reason = models.CharField(max_length=40, blank=True)  # a code; its words are in wording.py
    about = models.JSONField(default=list)  # what the reason is about: ids of things missing, of vitals

    class Meta:
        ordering: ClassVar = ["seq"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "seq"], name="dosing_event_seq_once"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="dosing_event_seq_from_one"),
            models.CheckConstraint(
                condition=Q(status="applied", reason="") | (Q(status="rejected") & ~Q(reason="")),
                name="dosing_event_rejected_with_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(F("session"), F("occurred_at"), F("seq"), name="dosing_event_clinical_order"),
        ]
