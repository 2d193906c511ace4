"""What the medical director decided on a knowledge record."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from openkap.apps.sites.rows import new_id


class SignOff(models.Model):
    """A decision on one version of a record, at one site or at all. Never changed; a later one replaces it."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    site = models.ForeignKey("sites.Site", null=True, on_delete=models.PROTECT, related_name="+")  # none: all
    record_id = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    adopted = models.BooleanField()
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["record_id", "-decided_at"], name="knowledge_sign_off_record")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(adopted=True) | ~models.Q(reason=""), name="knowledge_rejected_with_reason"
            ),
        ]


class WordingPack(models.Model):
    """The words of an instrument as a site has licensed them, signed by its medical director. Never changed.

    Answers keep the SHA-256 of the words they were given to, so a pack stays readable when it has run out.
    """

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+")
    instrument_id = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    content = models.TextField()  # the file as it came
    sha256 = models.CharField(max_length=64)
    licence = models.TextField()  # the site's own: number, letter, contract
    expires_on = models.DateField(null=True)  # the last day it may be used; none: without end
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["site", "instrument_id"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="knowledge_one_pack_of_an_instrument",
            ),
        ]
