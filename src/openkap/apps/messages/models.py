"""The outbox: what is to be said to whom, and what became of it. No address and no clinical word is stored."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from openkap.apps.messages.channels import Channel, MessageState
from openkap.apps.sites.rows import new_id


class Message(models.Model):
    """One message to a patient, or to a member of staff.

    The address is looked up when it is sent, so that a changed one is used and none is copied. `link_id` names
    the secret link it carries, if any; the secret itself is in no row (`links`).
    """

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    key = models.CharField(max_length=160, unique=True)  # what it is about: asking twice sends once
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("people.Patient", null=True, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    wording = models.CharField(max_length=40)  # an id of `wordings`
    language = models.CharField(max_length=8)
    variables = models.JSONField(default=dict)
    link_id = models.UUIDField(null=True)
    state = models.CharField(max_length=8, choices=MessageState.choices, default=MessageState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    queued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    send_at = models.DateTimeField(null=True)  # when it is tried next; null once it is over
    not_after = models.DateTimeField(null=True)  # later it would only confuse: a link that has run out
    ended_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=40, blank=True)  # a code; never an address

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(patient__isnull=False) ^ models.Q(user__isnull=False),
                name="outbox_one_recipient",
            ),
            models.CheckConstraint(
                condition=models.Q(send_at__isnull=True, state__in=["sent", "given-up"])
                | models.Q(send_at__isnull=False, state__in=["queued", "sending", "failed"]),
                name="outbox_open_until_over",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["send_at"], condition=models.Q(send_at__isnull=False), name="outbox_message_due"
            ),
            models.Index(fields=["patient", "-queued_at"], name="outbox_message_of_patient"),
        ]


class ContactChoice(models.Model):
    """What a patient said about one way of reaching them. The latest holds; earlier ones stay."""

    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    allowed = models.BooleanField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["patient", "channel", "-id"], name="outbox_choice_of_patient")
        ]


class SiteMessages(models.Model):
    """How a site writes to people: quiet hours on its own clock, and how messages are signed."""

    site = models.OneToOneField("sites.Site", on_delete=models.PROTECT, related_name="+")
    quiet_from = models.TimeField()
    quiet_until = models.TimeField()
    signature = models.CharField(max_length=60, blank=True)


class StaffPhone(models.Model):
    """The number by which a member of staff is sent text messages, beside the e-mail."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24)  # digits, led by + where it is international
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
